package stacks_test

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/stacks"
	"awscontainers/stacks/settings"
	"awscontainers/test/cdktest"
	"awscontainers/test/internal/shared"
)

// anyText are the keys that take any text.
var anyText = []string{
	"EventDrivenTask.keyPrefix", "EventDrivenTask.keySuffix", "AppRunnerService.branch",
	"AppRunnerService.buildCommand", "AppRunnerService.startCommand", "FargateWeb.deploymentNonce",
}

// companions are what else is set where a key is wrong: what it requires, or what spares a container engine.
var companions = map[string]map[string]any{
	"EventDrivenTask": {"EventDrivenTask.image": shared.PublicImage},
	"QueueWorker":     {"QueueWorker.image": shared.PublicImage},
	"FargateWeb.api":  {"FargateWeb.apiImage": shared.PublicImage},
}

// Whoever judges a value, the reader or a construct, the error is by the key that the user typed and says nothing of constructs
// and props.
func TestEveryMistakeNamesItsKey(t *testing.T) {
	for _, k := range settings.Keys() {
		name := k.Name
		stack, _, isOfStack := strings.Cut(name, ".")
		context := map[string]any{"stacks": "FargateWeb"}
		if isOfStack {
			context["stacks"] = stack
		}
		for prefix, values := range companions {
			if strings.HasPrefix(name, prefix) {
				maps.Copy(context, values)
			}
		}
		bad := []any{"bad value!", "", "  ", []any{map[string]any{"a": "b"}}, map[string]any{"a": []any{}}}
		if slices.Contains(anyText, name) {
			bad = bad[1:]
		}
		for _, context[name] = range bad {
			lines := mistakesIn(t, context)
			assert.NotEmpty(t, lines, "%s=%v is accepted", name, context[name])
			for _, line := range lines {
				assert.Regexp(t, `^`+regexp.QuoteMeta(name)+`(\.a)?: (must|requires|is) `, line)
				assertNoProps(t, strings.TrimPrefix(line, name))
			}
		}
	}
}

// ofConstructs matches the path of a construct, an index, and the name of a prop.
var ofConstructs = regexp.MustCompile(`\b[A-Z]\w+/[A-Z]|\[\d+\]|\b[A-Z][a-z]+[A-Z][a-z]\w*\b|\b[a-z]\w*\.[A-Z]`)

func assertNoProps(t *testing.T, line string) {
	t.Helper()
	text, _, _ := strings.Cut(line, "; got ")
	for _, name := range append(settings.Names(), `"Europe/Berlin"`, `role/Developers"`) {
		text = strings.ReplaceAll(text, name, "")
	}
	assert.NotRegexp(t, ofConstructs, text)
}

// mistakesIn gives the lines that a user reads: what the reader refuses, or else a construct.
func mistakesIn(t *testing.T, context map[string]any) []string {
	t.Helper()
	s, err := settings.Parse(context, "", "")
	if err == nil {
		err = panicOf(t, func() { s.Build(awscdk.NewApp(&awscdk.AppProps{Outdir: new(t.TempDir())})) })
	}
	return linesOf(t, err)
}

// mistakesOfApp gives what app.go prints.
func mistakesOfApp(t *testing.T, context map[string]any) []string {
	t.Helper()
	app := awscdk.NewApp(&awscdk.AppProps{Context: &context, Outdir: new(t.TempDir())})
	s, err := settings.Read(app)
	if err == nil {
		err = panicOf(t, func() { s.Build(app) })
	}
	return linesOf(t, err)
}

func panicOf(t *testing.T, f func()) (err error) {
	t.Helper()
	defer func() {
		if problem := recover(); problem != nil {
			var isError bool
			err, isError = problem.(error)
			require.True(t, isError, "%v", problem)
		}
	}()
	f()
	return nil
}

func linesOf(t *testing.T, err error) []string {
	t.Helper()
	if err == nil {
		return nil
	}
	var refused *invalid.Error
	require.ErrorAs(t, err, &refused)
	return strings.Split(err.Error(), "\n")
}

// What the reader, the props of stacks and constructs refuse, in several stacks, comes in one round, sorted by key.
func TestAllMistakesComeAtOnce(t *testing.T) {
	ofConstructs := map[string]any{
		"stacks":                               "FargateWeb,Ec2Web,Registry,TaskStateAlerts,AppRunnerService",
		"FargateWeb.writablePaths":             "/tmp,run,/", // two mistakes in one list
		"FargateWeb.domainName":                "www.example.com",
		"Ec2Web":                               map[string]any{"spotWeight": 3.0, "instanceTypes": []any{"t3.medium", "t4g.medium"}},
		"Registry.dockerHubSecretArn":          "hub",
		"Registry.gitHubSecretArn":             "hub", // the same value
		"TaskStateAlerts.httpsEndpoints":       "http://me:secret@example.com/hook",
		"AppRunnerService.cpu":                 "300",
		"AppRunnerService.repositoryUrl":       "ftp://example.com/shop",
		"AppRunnerService.connectionArn":       "mine",
		"NlbService.healthCheckPort":           "8080", // not built
		"FargateWeb.executeCommand":            true,
		"FargateWeb.alarmEmail":                "on-call@example.com",
		"@aws-cdk/core:newStyleStackSynthesis": true,
	}
	const secret = `must be the ARN of a secret, such as ` +
		`"arn:aws:secretsmanager:eu-west-1:111122223333:secret:ecr-pullthroughcache/docker-hub-` +
		`a1b2c3"; got "hub"`
	want := []string{
		`AppRunnerService.connectionArn: must be the ARN of a connection such as "arn:aws:apprunner:eu-west-1:111122223333:connection/github/` +
			`0123456789abcdef0123456789abcdef"; got "mine"`,
		"AppRunnerService.cpu: must be 256, 512, 1024, 2048 or 4096; got 300",
		`AppRunnerService.repositoryUrl: must be the URL of a GitHub or Bitbucket repository such as "https://github.com/owner/repository"; ` +
			`got "ftp://example.com/shop"`,
		`Ec2Web.instanceTypes: must be X86_64 like "t3.medium", because one AMI serves all; got "t4g.medium"`,
		"Ec2Web.spotWeight: requires maxSpotInstances; got 3",
		`FargateWeb.domainName: requires hostedZoneId and hostedZoneName; got "www.example.com"`,
		`FargateWeb.writablePaths: must begin with /; got "run"`,
		`FargateWeb.writablePaths: must not be the whole root file system; got "/"; use a directory in it`,
		"Registry.dockerHubSecretArn: " + secret,
		"Registry.gitHubSecretArn: " + secret,
		`TaskStateAlerts.httpsEndpoints: must be the URL of an HTTPS endpoint such as "https://example.com/hook"; ` +
			`got "http://me:xxxxx@example.com/hook"`,
	}
	assert.Equal(t, want, mistakesOfApp(t, ofConstructs))

	// Those of constructs alone, which Build finds.
	ofBuild := maps.Clone(ofConstructs)
	delete(ofBuild, "Ec2Web")
	ofBuild["Ec2Web.instanceTypes"] = "t3.medium,t4g.medium"
	assert.Equal(t, slices.DeleteFunc(slices.Clone(want), func(line string) bool { return strings.HasPrefix(line, "Ec2Web.spotWeight") }),
		mistakesOfApp(t, ofBuild))

	ofReader := map[string]any{"FargateWeb.port": "eighty", "Ec2Web.alarmEmail": "me", "Ec2Web.spotWeigth": "3"}
	maps.Copy(ofReader, ofConstructs)
	lines := mistakesOfApp(t, ofReader)
	assert.Subset(t, lines, want)
	require.Len(t, lines, len(want)+len(ofReader)-len(ofConstructs))
	assert.True(t, slices.IsSortedFunc(lines, func(a, b string) int {
		return strings.Compare(strings.Split(a, ":")[0], strings.Split(b, ":")[0])
	}), lines)
	for _, prefix := range []string{
		`FargateWeb.port: must be an integer from 1 to 65535; got "eighty"`, `Ec2Web.alarmEmail: must be an email address`,
		"Ec2Web.spotWeigth: is not a known key; did you mean Ec2Web.spotWeight? ",
	} {
		assert.True(t, slices.ContainsFunc(lines, func(line string) bool { return strings.HasPrefix(line, prefix) }), "%s: %v", prefix, lines)
	}
}

const teamsId = "01234567-89ab-cdef-0123-456789abcdef"

// A mistake is told once, by the key to change, and what only follows from it is not told.
func TestMistakesOfKeysThatBelongTogether(t *testing.T) {
	for name, c := range map[string]struct {
		context map[string]any
		want    []string
	}{
		"a zone without a domain": {map[string]any{"FargateWeb.hostedZoneName": "example.com"}, []string{
			"FargateWeb.hostedZoneName: requires domainName; set domainName or remove hostedZoneName",
		}},
		"a whole zone without a domain": {map[string]any{
			"FargateWeb.hostedZoneName": "example.com", "FargateWeb.hostedZoneId": "Z0123456789ABCDEFGHIJ",
		}, []string{
			"FargateWeb.hostedZoneId: requires domainName; set domainName or remove hostedZoneId",
			"FargateWeb.hostedZoneName: requires domainName; set domainName or remove hostedZoneName",
		}},
		"zero where a value is required": {map[string]any{
			"SharedStorage.throughputMode": "PROVISIONED", "SharedStorage.provisionedThroughputMiBps": 0.0,
		}, []string{`SharedStorage.provisionedThroughputMiBps: is required with throughputMode "PROVISIONED": 1 to 3414`}},
		"two of three IDs": {map[string]any{
			"TaskStateAlerts.teamsTenantId": teamsId, "TaskStateAlerts.teamsTeamId": teamsId,
		}, []string{"TaskStateAlerts.teamsTeamId: requires TaskStateAlerts.teamsChannelId; set TaskStateAlerts.teamsChannelId or remove " +
			"TaskStateAlerts.teamsTeamId"}},
		"a default of what is refused": {map[string]any{"EksNodes.autoMode": true, "EksNodes.nodes": "FARGATE"}, []string{
			"EksNodes.nodes: must not be set together with autoMode, in which EKS decides this",
		}},
		"more than any instance has": {map[string]any{"Ec2Web.memoryMiB": "8192", "Ec2Web.maxSpotInstances": "3"}, []string{
			"Ec2Web.memoryMiB: must use less memory than the 4096 MiB of the instances, whose operating system needs some; got 8192; lower " +
				"memoryMiB or use larger instanceTypes",
		}},
		"a domain outside the zone": {map[string]any{
			"FargateWeb.domainName": "www.example.com", "FargateWeb.hostedZoneName": "example.org", "FargateWeb.hostedZoneId": "Z0123",
		}, []string{`FargateWeb.domainName: must be in the hosted zone, "example.org"; got "www.example.com"`}},
		"one value of two keys": {map[string]any{
			"AppRunnerService.cpu": "256", "AppRunnerService.memoryMiB": "4096", "AppRunnerService.port": "256",
		}, []string{"AppRunnerService.memoryMiB: must be 512 or 1024 with cpu 256; got 4096"}},
		"what a key requires": {map[string]any{"NlbService.protocol": "TLS"}, []string{
			"NlbService.protocol: requires certificateArn; set it, or use protocol TCP for targets that decrypt themselves",
		}},
		"true": {map[string]any{"AppRunnerService.autoDeployments": "true"}, []string{
			"AppRunnerService.autoDeployments: is not supported for images in public ECR, which App Runner doesn't watch; remove it, or copy " +
				"the image to private ECR",
		}},
		"a typo and what follows from the default": {map[string]any{
			"FargateWeb.deploymentStrategy": "CANAR", "FargateWeb.testCidrs": "203.0.113.0/24",
		}, []string{`FargateWeb.deploymentStrategy: must be "ROLLING", "BLUE_GREEN", "LINEAR" or "CANARY"; got "CANAR"`}},
		"a mistake behind which a requirement hides": {map[string]any{
			"FargateWeb.domainName": "www", "FargateWeb.hostedZoneName": "example.com", "FargateWeb.hostedZoneId": "Z0123",
		}, []string{`FargateWeb.domainName: must be a domain name such as "www.example.com"; got "www"`}},
	} {
		t.Run(name, func(t *testing.T) {
			for key := range c.context {
				c.context["stacks"], _, _ = strings.Cut(key, ".")
				break
			}
			assert.Equal(t, c.want, mistakesOfApp(t, c.context))
		})
	}
}

// Props that a program changes have no key, and panics that are no refusals go on.
func TestBuildReportsWhatNoKeyExplains(t *testing.T) {
	s, err := settings.Parse(map[string]any{"stacks": "FargateWeb"}, "", "")
	require.NoError(t, err)
	s.Props("FargateWeb").(*stacks.FargateWebProps).HealthCheckPath = "up"
	err = panicOf(t, func() { s.Build(awscdk.NewApp(&awscdk.AppProps{Outdir: new(t.TempDir())})) })
	assert.EqualError(t, err, "FargateWeb/Service: Exposure.Alb[0].HealthCheck.Path must begin with / and have at most 1024 characters "+
		"without "+
		`spaces; got "up"`)

}

// A stack with account and Region uses the zones that are named, and looks nothing up.
func TestZonesOfNewVpcs(t *testing.T) {
	s, err := settings.Parse(map[string]any{"availabilityZones": "us-east-1b,us-east-1d"}, "111122223333", "us-east-1")
	require.NoError(t, err)
	for _, name := range []string{"FargateWeb", "EksNodes"} {
		tpl := cdktest.Synth(t, s.New(cdktest.App(t, nil), name, name))
		zones := map[any]bool{}
		for _, subnet := range tpl.All("AWS::EC2::Subnet") {
			zones[subnet.Get("AvailabilityZone")] = true
		}
		assert.Equal(t, map[any]bool{"us-east-1b": true, "us-east-1d": true}, zones, name)
	}
	assert.Equal(t, []string{`Vpc/Vpc: AvailabilityZoneNames[0] must be in us-east-1, like the rest of the VPC; got "us-west-2a"`},
		cdktest.Refused(t, func() {
			stack := awscdk.NewStack(cdktest.App(t, nil), new("Vpc"), &awscdk.StackProps{Env: &awscdk.Environment{Region: new("us-east-1")}})
			network.NewVpc(stack, "Vpc", &network.VpcProps{AvailabilityZoneNames: []string{"us-west-2a", "us-east-1a"}})
		}))
}

// `make synth` names its stacks, because the app leaves some out.
func TestMakeSynthesizesEveryStack(t *testing.T) {
	makefile, err := os.ReadFile("../../Makefile")
	require.NoError(t, err)
	assert.Contains(t, string(makefile), "\nSTACKS := "+strings.Join(settings.Names(), ",")+"\n")
}
