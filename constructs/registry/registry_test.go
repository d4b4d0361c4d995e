package registry

import (
	"fmt"
	"strings"
	"testing"

	"awscontainers/internal/expect"
	"awscontainers/internal/fake"
)

var (
	open   = home{"${Token[AWS.AccountId.4]}", "${Token[AWS.Region.5]}"}
	dublin = home{"111122223333", "eu-west-1"}
)

func TestScannings(t *testing.T) {
	const filter = `must be part of a repository name, or a pattern such as "prod/*"; got `
	for name, c := range map[string]struct {
		props ScanningProps
		want  []string
	}{
		"minimum":           {ScanningProps{}, nil},
		"all":               {ScanningProps{Enhanced: true, OnPush: []string{"*"}, Continuous: []string{"prod", "team/*/web"}}, nil},
		"continuous, basic": {ScanningProps{Continuous: []string{"prod"}}, []string{`Continuous requires Enhanced; got "prod"`}},
		"no filter": {ScanningProps{OnPush: []string{"Prod"}, Enhanced: true, Continuous: []string{""}},
			[]string{"OnPush[0] " + filter + `"Prod"`, "Continuous[0] " + filter + `""`}},
		"too many": {ScanningProps{OnPush: strings.Split(strings.Repeat("web,", 100)+"web", ",")},
			[]string{"OnPush must have at most 100 elements; got 101"}},
	} {
		t.Run(name, func(t *testing.T) { expect.Problems(t, c.props.Validate(), c.want...) })
	}
}

func TestReplications(t *testing.T) {
	to := func(destinations ...ReplicationDestination) ReplicationProps {
		return ReplicationProps{Rules: []ReplicationRule{{Destinations: destinations}}}
	}
	many := ReplicationProps{}
	for i := range 26 {
		rule := ReplicationRule{Destinations: []ReplicationDestination{{Region: "eu-central-1", Account: fmt.Sprintf("4444555566%02d", i)}}}
		if i < 10 {
			many.Rules = append(many.Rules, rule)
		} else {
			many.Rules[0].Destinations = append(many.Rules[0].Destinations, rule.Destinations...)
		}
	}
	const (
		first  = "Rules[0].Destinations[0]."
		itself = first + `Region must not be the registry's own Region; got "eu-west-1"`
		prefix = `must be the first 2 or more characters of repository names, such as "team/"; got `
	)
	for name, c := range map[string]struct {
		props ReplicationProps
		home  home
		want  []string
	}{
		"minimum": {to(ReplicationDestination{Region: "eu-central-1"}), dublin, nil},
		"all": {ReplicationProps{Rules: []ReplicationRule{{
			Destinations: []ReplicationDestination{{"eu-west-1", "444455556666"}}, RepositoryPrefixes: []string{"team/"},
		}}}, dublin, nil},
		"same Region, open":    {to(ReplicationDestination{Region: dublin.region}), open, nil},
		"open account, Region": {to(ReplicationDestination{open.region, open.account}), dublin, nil},
		"no rules":             {ReplicationProps{}, dublin, []string{"Rules is required: 1 to 10 rules"}},
		"too many rules": {ReplicationProps{Rules: append(many.Rules, many.Rules[1])}, dublin,
			[]string{"Rules must have at most 10 elements; got 11", "Rules must have at most 25 destinations in total; got 26"}},
		"no destination": {to(), dublin, []string{"Rules[0].Destinations is required: the Regions to copy to"}},
		"no Region":      {to(ReplicationDestination{}), dublin, []string{first + `Region is required: a Region such as "eu-west-1"`}},
		"unknown Region": {to(ReplicationDestination{Region: "Ireland"}), dublin,
			[]string{first + `Region must be a Region such as "eu-west-1"; got "Ireland"`}},
		"no account": {to(ReplicationDestination{"eu-central-1", "prod"}), dublin,
			[]string{first + `Account must be an AWS account ID such as "111122223333"; got "prod"`}},
		"to itself":       {to(ReplicationDestination{Region: dublin.region}), dublin, []string{itself}},
		"to itself by id": {to(ReplicationDestination{dublin.region, dublin.account}), dublin, []string{itself}},
		"twice": {to(ReplicationDestination{Region: "eu-central-1"}, ReplicationDestination{Region: "eu-central-1"}), dublin,
			[]string{"Rules[0].Destinations[1] must not repeat Destinations[0]; remove one of them"}},
		"prefix": {ReplicationProps{Rules: []ReplicationRule{{
			Destinations: []ReplicationDestination{{Region: "eu-central-1"}}, RepositoryPrefixes: []string{"w", "team/*"},
		}}}, dublin, []string{"Rules[0].RepositoryPrefixes[0] " + prefix + `"w"`, "Rules[0].RepositoryPrefixes[1] " + prefix + `"team/*"`}},
		"too far": {many, dublin, []string{"Rules must have at most 25 destinations in total; got 26"}},
	} {
		t.Run(name, func(t *testing.T) {
			expect.Problems(t, expect.Join(c.props.Validate(), c.props.validateIn(c.home)), c.want...)
		})
	}
	expect.Problems(t, (&ReplicationPermissionProps{}).Validate(), "SourceAccounts is required: the accounts that copy their images here")
	expect.Problems(t, (&ReplicationPermissionProps{SourceAccounts: []string{"prod"}, RepositoryPrefixes: []string{"/"}}).Validate(),
		`SourceAccounts[0] must be an AWS account ID such as "111122223333"; got "prod"`, "RepositoryPrefixes[0] "+prefix+`"/"`)
}

func TestPublicRepositories(t *testing.T) {
	virginia := home{"111122223333", "us-east-1"}
	const elsewhere = "requires a stack in us-east-1, the only Region of ECR Public"
	for name, c := range map[string]struct {
		props PublicRepositoryProps
		home  home
		want  []string
	}{
		"minimum": {PublicRepositoryProps{}, virginia, nil},
		"all": {PublicRepositoryProps{RepositoryName: "web", Description: "A server", AboutText: "# Web", UsageText: "docker run",
			Architectures: []string{"x86-64", "ARM 64"}, OperatingSystems: []string{"Linux"}}, virginia, nil},
		"elsewhere": {PublicRepositoryProps{}, dublin, []string{elsewhere + `; got "eu-west-1"`}},
		"open":      {PublicRepositoryProps{}, open, []string{elsewhere}},
		"name": {PublicRepositoryProps{RepositoryName: "Web"}, virginia,
			[]string{`RepositoryName must be 2 to 256 lowercase letters and digits, separated by . _ - or /, such as "team/web"; got "Web"`}},
		"texts": {PublicRepositoryProps{Description: strings.Repeat("ä", 1025), UsageText: strings.Repeat("x", 10241)}, virginia,
			[]string{"Description must have at most 1024 characters; got 1025", "UsageText must have at most 10240 characters; got 10241"}},
		"not shown": {PublicRepositoryProps{Architectures: []string{"arm64"}, OperatingSystems: []string{"linux"}}, virginia,
			[]string{`Architectures[0] must be "ARM", "ARM 64", "x86" or "x86-64"; got "arm64"`,
				`OperatingSystems[0] must be "Linux" or "Windows"; got "linux"`}},
	} {
		t.Run(name, func(t *testing.T) {
			expect.Problems(t, expect.Join(c.props.Validate(), c.props.validateIn(c.home)), c.want...)
		})
	}
}

func TestPullThroughCaches(t *testing.T) {
	secret := func(name string) string { return "arn:aws:secretsmanager:eu-west-1:111122223333:secret:" + name }
	good := secret("ecr-pullthroughcache/docker-hub-a1b2c3")
	const unknown = `Upstream is required: "azure-container-registry", "docker-hub", "ecr-public", "github-container-registry", ` +
		`"gitlab-container-registry", "k8s" or "quay"`
	needed := func(upstream Upstream) []string {
		return []string{fmt.Sprintf("CredentialArn is required for Upstream %q: the ARN of a secret whose name begins with "+
			`"ecr-pullthroughcache/"; create one that holds username and accessToken`, upstream)}
	}
	elsewhere := func(home string) []string {
		return []string{"CredentialArn must be a secret in the account and Region of the cache (" + home + `); got "` + good + `"`}
	}
	hub := PullThroughCacheProps{Upstream: DockerHub, CredentialArn: good}
	for name, c := range map[string]struct {
		props PullThroughCacheProps
		home  home
		want  []string
	}{
		"ECR Public": {PullThroughCacheProps{Upstream: EcrPublic}, dublin, nil},
		"Kubernetes": {PullThroughCacheProps{Upstream: Kubernetes}, open, nil},
		"Quay": {PullThroughCacheProps{Upstream: Quay, RepositoryPrefix: "team/quay", KeepUntaggedDays: 1, ImmutableTags: true,
			EncryptionKey: fake.Key{}}, dublin, nil},
		"Docker Hub":   {hub, dublin, nil},
		"GitHub, open": {PullThroughCacheProps{Upstream: GitHub, CredentialArn: good}, open, nil},
		"GitLab":       {PullThroughCacheProps{Upstream: GitLab, CredentialArn: "${Token[TOKEN.7]}"}, dublin, nil},
		"Azure":        {PullThroughCacheProps{Upstream: Azure, UpstreamHost: "example.azurecr.io", CredentialArn: good}, dublin, nil},
		"none":         {PullThroughCacheProps{}, dublin, []string{unknown}},
		"another upstream": {PullThroughCacheProps{Upstream: "dockerhub"}, dublin, []string{
			strings.Replace(unknown, "is required:", "must be", 1) + `; got "dockerhub"`}},
		"Docker Hub, no secret": {PullThroughCacheProps{Upstream: DockerHub}, dublin, needed(DockerHub)},
		"GitHub, no secret":     {PullThroughCacheProps{Upstream: GitHub}, dublin, needed(GitHub)},
		"Quay, secret": {PullThroughCacheProps{Upstream: Quay, CredentialArn: good}, dublin,
			[]string{`CredentialArn must not be set for Upstream "quay", from which ECR pulls without credentials; got "` + good + `"; remove it`}},
		"no ARN": {PullThroughCacheProps{Upstream: DockerHub, CredentialArn: "ecr-pullthroughcache/docker-hub"}, dublin,
			[]string{`CredentialArn must be the ARN of a secret, such as "` + good + `"; got "ecr-pullthroughcache/docker-hub"`}},
		"other name": {PullThroughCacheProps{Upstream: DockerHub, CredentialArn: secret("docker-hub-a1b2c3")}, dublin, []string{
			`CredentialArn must be the ARN of a secret whose name begins with "ecr-pullthroughcache/"; got "` + secret("docker-hub-a1b2c3") + `"`}},
		"other Region":  {hub, home{open.account, "eu-central-1"}, elsewhere("any account, eu-central-1")},
		"other account": {hub, home{"444455556666", dublin.region}, elsewhere("444455556666, eu-west-1")},
		"prefix": {PullThroughCacheProps{Upstream: Quay, RepositoryPrefix: strings.Repeat("x", 31)}, dublin, []string{
			`RepositoryPrefix must be 2 to 30 lowercase letters and digits, separated by . _ - or /, such as "quay"; got "` +
				strings.Repeat("x", 31) + `"`}},
		"host of Azure": {PullThroughCacheProps{Upstream: Azure, CredentialArn: good}, dublin,
			[]string{`UpstreamHost must be the host of an Azure registry, such as "example.azurecr.io"; got ""`}},
		"host of another": {PullThroughCacheProps{Upstream: Quay, UpstreamHost: "quay.example.com"}, dublin,
			[]string{`UpstreamHost must be "quay.io" for Upstream "quay"; got "quay.example.com"; remove it`}},
		"days": {PullThroughCacheProps{Upstream: Quay, KeepUntaggedDays: -1}, dublin, []string{"KeepUntaggedDays must be 1 or greater; got -1"}},
	} {
		t.Run(name, func(t *testing.T) {
			expect.Problems(t, expect.Join(c.props.Validate(), c.props.validateIn(c.home)), c.want...)
		})
	}
	expect.Problems(t, (&PullThroughCacheAttributes{}).Validate(), unknown)
	expect.Problems(t, (&PullThroughCacheAttributes{Upstream: Quay}).Validate())
	expect.Problems(t, (&PullThroughCacheAttributes{Upstream: Quay, RepositoryPrefix: "Q"}).Validate(),
		`RepositoryPrefix must be 2 to 30 lowercase letters and digits, separated by . _ - or /, such as "quay"; got "Q"`)
}
