package registry

import (
	"fmt"
	"strings"
	"testing"
)

const (
	openAccount, openRegion = "${Token[AWS.AccountId.4]}", "${Token[AWS.Region.5]}"
	account, region         = "111122223333", "eu-west-1"
)

func TestScannings(t *testing.T) {
	for name, c := range map[string]struct {
		props ScanningProps
		want  []string
	}{
		"least": {ScanningProps{}, nil},
		"all":   {ScanningProps{Enhanced: true, OnPush: []string{"*"}, Continuous: []string{"prod", "team/*/web"}}, nil},
		"continuous, basic": {ScanningProps{Continuous: []string{"prod"}},
			[]string{`Continuous ["prod"] are not scanned continuously by basic scanning; set Enhanced, or use OnPush`}},
		"no filter": {ScanningProps{OnPush: []string{"Prod"}, Enhanced: true, Continuous: []string{""}},
			[]string{`OnPush[0] "Prod" is no filter for repositories; write a part of their name, or "prod/*"`, `Continuous[0] "" is no filter for repositories; write a part of their name, or "prod/*"`}},
		"too many": {ScanningProps{OnPush: strings.Split(strings.Repeat("web,", 100)+"web", ",")}, []string{"OnPush are 101 filters; use up to 100"}},
	} {
		t.Run(name, func(t *testing.T) {
			c.props.setDefaults()
			refused(t, c.props.validate(), c.want)
		})
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
	for name, c := range map[string]struct {
		props           ReplicationProps
		account, region string
		want            []string
	}{
		"least":                {to(ReplicationDestination{Region: "eu-central-1"}), account, region, nil},
		"all":                  {ReplicationProps{Rules: []ReplicationRule{{Destinations: []ReplicationDestination{{"eu-west-1", "444455556666"}}, RepositoryPrefixes: []string{"team/"}}}}, account, region, nil},
		"same Region, open":    {to(ReplicationDestination{Region: region}), openAccount, openRegion, nil},
		"open account, Region": {to(ReplicationDestination{openRegion, openAccount}), account, region, nil},
		"no rules":             {ReplicationProps{}, account, region, []string{"Rules are 0; give 1 to 10"}},
		"no destination":       {to(), account, region, []string{"Rules[0].Destinations is empty; name the Regions to copy to"}},
		"no Region":            {to(ReplicationDestination{Region: "Ireland"}), account, region, []string{`Rules[0].Destinations[0].Region "Ireland" is no Region; write it as "eu-west-1"`}},
		"no account": {to(ReplicationDestination{"eu-central-1", "prod"}), account, region,
			[]string{`Rules[0].Destinations[0].Account "prod" is not the id of an account; write its twelve digits, "111122223333"`}},
		"to itself": {to(ReplicationDestination{Region: region}), account, region, []string{`Rules[0].Destinations[0].Region "eu-west-1" is that of the registry itself; name others`}},
		"to itself by id": {to(ReplicationDestination{region, account}), account, region,
			[]string{`Rules[0].Destinations[0].Region "eu-west-1" is that of the registry itself; name others`}},
		"twice": {to(ReplicationDestination{Region: "eu-central-1"}, ReplicationDestination{Region: "eu-central-1"}), account, region,
			[]string{"Rules[0].Destinations[1] is named twice; leave one out"}},
		"prefix": {ReplicationProps{Rules: []ReplicationRule{{Destinations: []ReplicationDestination{{Region: "eu-central-1"}}, RepositoryPrefixes: []string{"w", "team/*"}}}}, account, region,
			[]string{`Rules[0].RepositoryPrefixes[0] "w" is not what a repository's name can begin with; use 2 characters or more of it, "team/"`,
				`Rules[0].RepositoryPrefixes[1] "team/*" is not what a repository's name can begin with; use 2 characters or more of it, "team/"`}},
		"too far": {many, account, region, []string{"Rules have 26 destinations together; use up to 25"}},
	} {
		t.Run(name, func(t *testing.T) { refused(t, c.props.validate(c.account, c.region), c.want) })
	}
	refused(t, (&ReplicationPermissionProps{}).validate(), []string{"SourceAccounts is empty; name the accounts that copy their images here"})
	refused(t, (&ReplicationPermissionProps{SourceAccounts: []string{"prod"}, RepositoryPrefixes: []string{"/"}}).validate(),
		[]string{`SourceAccounts[0] "prod" is not the id of an account; write its twelve digits, "111122223333"`,
			`RepositoryPrefixes[0] "/" is not what a repository's name can begin with; use 2 characters or more of it, "team/"`})
}

func TestPublicRepositories(t *testing.T) {
	for name, c := range map[string]struct {
		props  PublicRepositoryProps
		region string
		want   []string
	}{
		"least": {PublicRepositoryProps{}, "us-east-1", nil},
		"all": {PublicRepositoryProps{RepositoryName: "web", Description: "A server", AboutText: "# Web", UsageText: "docker run", Architectures: []string{"x86-64", "ARM 64"},
			OperatingSystems: []string{"Linux"}}, "us-east-1", nil},
		"elsewhere": {PublicRepositoryProps{}, region,
			[]string{"is in a stack in eu-west-1, and ECR Public is in us-east-1 alone; give the stack that Region, or make the repository in one that has it"}},
		"open": {PublicRepositoryProps{}, openRegion, []string{"is in a stack whose Region is open, and ECR Public is in us-east-1 alone; give the stack that Region"}},
		"name": {PublicRepositoryProps{RepositoryName: "Web"}, "us-east-1",
			[]string{`RepositoryName "Web" is not the name of a repository; use 2 to 256 lower-case letters and digits with ._-/ between them, such as "team/web"`}},
		"texts": {PublicRepositoryProps{Description: strings.Repeat("ä", 1025), UsageText: strings.Repeat("x", 10241)}, "us-east-1",
			[]string{"Description has 1025 characters; use up to 1024", "UsageText has 10241 characters; use up to 10240"}},
		"not shown": {PublicRepositoryProps{Architectures: []string{"arm64"}, OperatingSystems: []string{"linux"}}, "us-east-1",
			[]string{`Architectures[0] "arm64" is not shown by the gallery; use "ARM", "ARM 64", "x86" or "x86-64"`, `OperatingSystems[0] "linux" is not shown by the gallery; use "Linux" or "Windows"`}},
	} {
		t.Run(name, func(t *testing.T) { refused(t, c.props.validate(c.region), c.want) })
	}
}

func TestPullThroughCaches(t *testing.T) {
	secret := func(name string) string { return "arn:aws:secretsmanager:eu-west-1:111122223333:secret:" + name }
	good := secret("ecr-pullthroughcache/docker-hub-a1b2c3")
	for name, c := range map[string]struct {
		props           PullThroughCacheProps
		account, region string
		want            []string
	}{
		"ECR Public":   {PullThroughCacheProps{Upstream: EcrPublic}, account, region, nil},
		"Kubernetes":   {PullThroughCacheProps{Upstream: Kubernetes}, openAccount, openRegion, nil},
		"Quay":         {PullThroughCacheProps{Upstream: Quay, RepositoryPrefix: "team/quay", KeepUntaggedDays: 1, ImmutableTags: true, EncryptionKey: anyKey{}}, account, region, nil},
		"Docker Hub":   {PullThroughCacheProps{Upstream: DockerHub, CredentialArn: good}, account, region, nil},
		"GitHub, open": {PullThroughCacheProps{Upstream: GitHub, CredentialArn: good}, openAccount, openRegion, nil},
		"GitLab":       {PullThroughCacheProps{Upstream: GitLab, CredentialArn: "${Token[TOKEN.7]}"}, account, region, nil},
		"Azure":        {PullThroughCacheProps{Upstream: Azure, UpstreamHost: "example.azurecr.io", CredentialArn: good}, account, region, nil},
		"none": {PullThroughCacheProps{}, account, region,
			[]string{`Upstream "" is no registry that ECR can cache; use "azure-container-registry", "docker-hub", "ecr-public", "github-container-registry", "gitlab-container-registry", "k8s" or "quay"`}},
		"Docker Hub, no secret": {PullThroughCacheProps{Upstream: DockerHub}, account, region,
			[]string{`CredentialArn is empty, and "docker-hub" lets ECR pull with credentials alone; make a secret whose name begins with "ecr-pullthroughcache/", with username and accessToken in it, and give its ARN`}},
		"GitHub, no secret": {PullThroughCacheProps{Upstream: GitHub}, account, region,
			[]string{`CredentialArn is empty, and "github-container-registry" lets ECR pull with credentials alone; make a secret whose name begins with "ecr-pullthroughcache/", with username and accessToken in it, and give its ARN`}},
		"Quay, secret": {PullThroughCacheProps{Upstream: Quay, CredentialArn: good}, account, region,
			[]string{`CredentialArn "` + good + `" is given to "quay", which ECR pulls from without credentials; leave it out`}},
		"no ARN": {PullThroughCacheProps{Upstream: DockerHub, CredentialArn: "ecr-pullthroughcache/docker-hub"}, account, region,
			[]string{`CredentialArn "ecr-pullthroughcache/docker-hub" is not the ARN of a secret; write it as "arn:aws:secretsmanager:eu-west-1:111122223333:secret:ecr-pullthroughcache/docker-hub-a1b2c3"`}},
		"other name": {PullThroughCacheProps{Upstream: DockerHub, CredentialArn: secret("docker-hub-a1b2c3")}, account, region,
			[]string{`CredentialArn names the secret "docker-hub-a1b2c3", and ECR takes only those whose name begins with "ecr-pullthroughcache/"; make one that does`}},
		"other Region": {PullThroughCacheProps{Upstream: DockerHub, CredentialArn: good}, openAccount, "eu-central-1",
			[]string{"CredentialArn is of account 111122223333 in eu-west-1, and the cache of any in eu-central-1; ECR takes only a secret beside the cache"}},
		"other account": {PullThroughCacheProps{Upstream: DockerHub, CredentialArn: good}, "444455556666", region,
			[]string{"CredentialArn is of account 111122223333 in eu-west-1, and the cache of 444455556666 in eu-west-1; ECR takes only a secret beside the cache"}},
		"prefix": {PullThroughCacheProps{Upstream: Quay, RepositoryPrefix: strings.Repeat("x", 31)}, account, region,
			[]string{`RepositoryPrefix "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" is not what the names of cached repositories can begin with; use 2 to 30 lower-case letters and digits with ._-/ between them, such as "quay"`}},
		"host of Azure": {PullThroughCacheProps{Upstream: Azure, CredentialArn: good}, account, region,
			[]string{`UpstreamHost "" is not the host of a registry of Azure; write it as "example.azurecr.io"`}},
		"host of another": {PullThroughCacheProps{Upstream: Quay, UpstreamHost: "quay.example.com"}, account, region,
			[]string{`UpstreamHost "quay.example.com" is not that of "quay", "quay.io"; leave it out`}},
		"days": {PullThroughCacheProps{Upstream: Quay, KeepUntaggedDays: -1}, account, region, []string{"KeepUntaggedDays -1 is no number of days; use 1 or more"}},
	} {
		t.Run(name, func(t *testing.T) {
			c.props.setDefaults()
			refused(t, c.props.validate(c.account, c.region), c.want)
		})
	}
}
