package stacks_test

import (
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/network"
	"awscontainers/stacks"
)

// Validate needs no Node, and names what is required.
func TestZeroPropsAreJudged(t *testing.T) {
	for name, c := range map[string]struct {
		props interface{ Validate() error }
		want  string
	}{
		"FargateWeb":       {&stacks.FargateWebProps{}, "Image is required without Directory and ImageRepository"},
		"Ec2Web":           {&stacks.Ec2WebProps{}, "Image is required without Directory and ImageRepository"},
		"NlbService":       {&stacks.NlbServiceProps{}, "Image is required without Directory and ImageRepository"},
		"GatewayServices":  {&stacks.GatewayServicesProps{}, "Image is required without Directory"},
		"SharedStorage":    {&stacks.SharedStorageProps{}, "Image is required"},
		"EventDrivenTask":  {&stacks.EventDrivenTaskProps{}, "Image is required without Directory"},
		"QueueWorker":      {&stacks.QueueWorkerProps{}, "Image is required without Directory"},
		"TaskStateAlerts":  {&stacks.TaskStateAlertsProps{}, "Image is required"},
		"EksStorage":       {&stacks.EksStorageProps{}, "Image is required"},
		"AppRunnerService": {&stacks.AppRunnerServiceProps{}, "Image is required without Directory and RepositoryUrl"},
		"ExpressService":   {&stacks.ExpressServiceProps{}, "Image is required without Directory"},
		"ScheduledTask": {&stacks.ScheduledTaskProps{}, "Image is required without Directory\n" +
			`ScheduleExpression is required: an expression such as "rate(1 hour)" or "cron(0 3 * * ? *)"`},
	} {
		require.EqualError(t, c.props.Validate(), c.want, name)
	}
	require.NoError(t, (&stacks.RegistryProps{}).Validate())
	require.NoError(t, (&stacks.QueueWorkerProps{Image: "worker:1", VisibilityTimeout: 12 * time.Hour, MaxReceiveCount: 7}).Validate())
	assert.NoError(t, (&stacks.EksNodesProps{}).Validate())
}

func TestPropsThatContradictEachOther(t *testing.T) {
	const (
		built               = "testdata/web"
		noGatewayOfItsOwn   = `NatGateways must not be "none" with VpcId, whose NAT gateways exist; remove one of them`
		instancesWithoutNat = `NatGateways must not be "none": tasks on EC2 instances have no public addresses, and reach the internet only ` +
			"through one"
		nodesWithoutNat = `NatGateways must not be "none": nodes and pods have no public addresses, and reach the internet only through one`
		twoImages       = `Directory must not be set together with Image; got "testdata/web"; remove one of them`
		noDirectory     = `Directory must be a directory that exists, relative to the working directory; got "nowhere"`
		tooManyTasks    = "MinTasks must not be greater than MaxTasks (2); got 5"
		credentials     = "ImageCredentialsSecretArn requires Image"
		registrySecret  = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:ghcr-a1b2c3"
		pipelines       = `ImageRepository must not be set together with Image or Directory; got "team/web"; remove one of them`
	)
	const (
		regional = "arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/shop/01234567-89ab-cdef-0123-456789abcdef"
		global   = "arn:aws:wafv2:us-east-1:111122223333:global/webacl/shop/01234567-89ab-cdef-0123-456789abcdef"
		ireland  = "arn:aws:acm:eu-west-1:111122223333:certificate/01234567-89ab-cdef-0123-456789abcdef"
	)
	in := func(region string) *awscdk.Environment {
		return &awscdk.Environment{Account: new("111122223333"), Region: &region}
	}
	for name, c := range map[string]struct {
		props interface{ Validate() error }
		want  string
	}{
		"CloudFront with AWS WAF anywhere": {&stacks.FargateWebProps{Image: "web:1", CloudFront: true, Waf: true},
			"Waf requires the Region us-east-1 with CloudFront, the only one where AWS WAF has web ACLs for distributions; " +
				`got "no Region"; set WebAclArn to a global web ACL that exists there`},
		"CloudFront with AWS WAF elsewhere": {&stacks.FargateWebProps{Image: "web:1", CloudFront: true, Waf: true, Env: in("eu-west-1")},
			"Waf requires the Region us-east-1 with CloudFront, the only one where AWS WAF has web ACLs for distributions; " +
				`got "eu-west-1"; set WebAclArn to a global web ACL that exists there`},
		"CloudFront with a certificate only": {&stacks.FargateWebProps{Image: "web:1", CloudFront: true, CertificateArn: ireland},
			"CertificateArn requires DomainName with CloudFront: a distribution has a certificate for its own name; got \"" + ireland +
				`"; set DomainName or remove CertificateArn`},
		"CloudFront with a certificate elsewhere": {
			&stacks.FargateWebProps{Image: "web:1", CloudFront: true, CertificateArn: ireland, DomainName: "www.example.com"},
			"CertificateArn must be in us-east-1 with CloudFront, wherever the stack is; got \"" + ireland + `"; request a certificate there`},
		"CloudFront with a domain only": {&stacks.FargateWebProps{Image: "web:1", CloudFront: true, DomainName: "www.example.com"},
			"DomainName requires CertificateArn with CloudFront, unless the stack's Region is us-east-1; " +
				`got "www.example.com"; request a certificate in us-east-1`},
		"CloudFront and what it can't have": {&stacks.FargateWebProps{Image: "web:1", CloudFront: true, NatGateways: network.NatNone,
			AlternativeDomainNames: []string{"example.com"}, AdditionalCertificateArns: []string{ireland}},
			`AlternativeDomainNames is not compatible with CloudFront, which this stack gives one name; got "example.com"` + "\n" +
				`AdditionalCertificateArns is not compatible with CloudFront, which takes one certificate; got "` + ireland + "\"\n" +
				`NatGateways must not be "none" with CloudFront: the internal load balancer needs private subnets; remove one of them`},
		"CloudFront and testers": {&stacks.FargateWebProps{Image: "web:1", CloudFront: true, DeploymentStrategy: awsecs.DeploymentStrategy_CANARY,
			TestCidrs: []string{"203.0.113.0/24", "10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24", "10.0.3.0/24"}},
			"TestCidrs must be at most 4 with CloudFront, whose addresses take 55 of the 60 rules of a security group; " +
				`got "203.0.113.0/24", "10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24", "10.0.3.0/24"` + "\n" +
				"TestCidrs must be private with CloudFront: the test port of an internal load balancer is reachable from the VPC and " +
				`networks connected to it only; got "203.0.113.0/24"`},
		"CloudFront with a regional web ACL": {&stacks.FargateWebProps{Image: "web:1", CloudFront: true, WebAclArn: regional},
			`WebAclArn must be a global web ACL, of us-east-1, with CloudFront; got "` + regional + `"`},
		"a global web ACL": {&stacks.FargateWebProps{Image: "web:1", WebAclArn: global},
			`WebAclArn must be a regional web ACL without CloudFront; got "` + global + `"`},
		"two web ACLs": {&stacks.FargateWebProps{Image: "web:1", Waf: true, WebAclArn: regional},
			`WebAclArn must not be set together with Waf, which creates a web ACL; got "` + regional + `"; remove one of them`},
		"what AWS WAF would do": {&stacks.FargateWebProps{Image: "web:1", WafLogs: true, WafBlockedCountries: []string{"AQ"}},
			`WafBlockedCountries requires Waf; got "AQ"; set Waf or remove WafBlockedCountries` + "\n" +
				"WafLogs requires Waf; set Waf or remove WafLogs"},
		"port of no API": {&stacks.FargateWebProps{Image: "web:1", ApiPort: 80, ApiHealthCheckPath: "/up"},
			"ApiPort requires ApiImage or ApiDirectory; got 80; set one of them or remove ApiPort\n" +
				`ApiHealthCheckPath requires ApiImage or ApiDirectory; got "/up"; set one of them or remove ApiHealthCheckPath`},
		"two web images": {&stacks.FargateWebProps{Image: "web:1", Directory: built, ApiImage: "api:1", ApiDirectory: built},
			`Directory must not be set together with Image; got "testdata/web"; remove one of them` + "\n" +
				`ApiDirectory must not be set together with ApiImage; got "testdata/web"; remove one of them`},
		"two images on instances": {&stacks.Ec2WebProps{Image: "web:1", Directory: built}, twoImages},
		"two images of a service": {&stacks.NlbServiceProps{Image: "web:1", Directory: built}, twoImages},
		"two images of a gateway": {&stacks.GatewayServicesProps{Image: "web:1", Directory: built}, twoImages},
		"two images of a job": {&stacks.ScheduledTaskProps{Image: "job:1", Directory: built, ScheduleExpression: "rate(1 hour)"},
			twoImages},
		"two images of Express":         {&stacks.ExpressServiceProps{Image: "web:1", Directory: built}, twoImages},
		"two images of events":          {&stacks.EventDrivenTaskProps{Image: "digest:1", Directory: built}, twoImages},
		"two, a pipeline's":             {&stacks.FargateWebProps{Image: "web:1", ImageRepository: "team/web"}, pipelines},
		"built and a pipeline's":        {&stacks.Ec2WebProps{Directory: built, ImageRepository: "team/web"}, pipelines},
		"a service, a pipeline's":       {&stacks.NlbServiceProps{Image: "web:1", ImageRepository: "team/web"}, pipelines},
		"credentials for what is built": {&stacks.FargateWebProps{Directory: built, ImageCredentialsSecretArn: registrySecret}, credentials},
		"credentials on instances":      {&stacks.Ec2WebProps{Directory: built, ImageCredentialsSecretArn: registrySecret}, credentials},
		"credentials of a service":      {&stacks.NlbServiceProps{Directory: built, ImageCredentialsSecretArn: registrySecret}, credentials},
		"credentials of a job": {
			&stacks.ScheduledTaskProps{Directory: built, ImageCredentialsSecretArn: registrySecret, ScheduleExpression: "rate(1 hour)"},
			credentials},
		"credentials of events": {&stacks.EventDrivenTaskProps{Directory: built, ImageCredentialsSecretArn: registrySecret}, credentials},
		"steps of a rolling deployment": {&stacks.FargateWebProps{Image: "web:1", MigrationCommand: []string{"migrate"}, Approval: true},
			`MigrationCommand requires DeploymentStrategy BLUE_GREEN, LINEAR or CANARY; got "ROLLING"` + "\n" +
				`Approval requires DeploymentStrategy BLUE_GREEN, LINEAR or CANARY; got "ROLLING"`},
		"image and Dockerfile": {&stacks.AppRunnerServiceProps{Image: "web:1", Directory: built},
			`Directory must not be set together with Image or RepositoryUrl; got "testdata/web"; remove one of them`},
		"no directory": {&stacks.FargateWebProps{Directory: "nowhere", ApiDirectory: "validate_test.go"},
			noDirectory + "\n" + `ApiDirectory must be a directory, not a file; got "validate_test.go"; use the directory of the Dockerfile`},
		"no directory on instances": {&stacks.Ec2WebProps{Directory: "nowhere"}, noDirectory},
		"no directory of a service": {&stacks.NlbServiceProps{Directory: "nowhere"}, noDirectory},
		"gateway of none in a VPC": {&stacks.GatewayServicesProps{Image: "web:1", VpcId: "vpc-1", NatGateways: "none"},
			noGatewayOfItsOwn},
		"internal without NAT": {&stacks.GatewayServicesProps{Image: "web:1", Internal: true, NatGateways: "none"},
			`NatGateways must not be "none" with Internal, because the VPC then has no private subnets`},
		"no directory of a gateway":   {&stacks.GatewayServicesProps{Directory: "nowhere"}, noDirectory},
		"no directory of a job":       {&stacks.ScheduledTaskProps{Directory: "nowhere", ScheduleExpression: "rate(1 hour)"}, noDirectory},
		"no directory for Express":    {&stacks.ExpressServiceProps{Directory: "nowhere"}, noDirectory},
		"no directory for App Runner": {&stacks.AppRunnerServiceProps{Directory: "nowhere"}, noDirectory},
		"nobody to sign in by": {&stacks.FargateWebProps{Image: "web:1", OidcClientId: "shop", OidcClientSecretKey: "key"},
			"OidcClientId requires OidcIssuer\nOidcClientSecretKey requires OidcIssuer"},
		"signing in without TLS": {signingIn(func(p *stacks.FargateWebProps) { p.CertificateArn = "" }),
			`OidcIssuer requires HTTPS; got "https://a.b"; set CertificateArn, or DomainName with its hosted zone`},
		"signing in while traffic shifts": {signingIn(func(p *stacks.FargateWebProps) { p.DeploymentStrategy = "CANARY" }),
			`OidcIssuer requires DeploymentStrategy ROLLING, because ECS fails others where a rule does more than forward; got "CANARY"`},
		"signing in behind CloudFront": {signingIn(func(p *stacks.FargateWebProps) { p.CloudFront, p.CertificateArn = true, "" }),
			`OidcIssuer is not compatible with CloudFront, which speaks HTTP to the load balancer; got "https://a.b"; remove one of them`},
		"an issuer alone": {&stacks.FargateWebProps{Image: "web:1", CertificateArn: "arn", OidcIssuer: "https://a.b"},
			"OidcAuthorizationEndpoint is required with OidcIssuer\nOidcTokenEndpoint is required with OidcIssuer\n" +
				"OidcUserInfoEndpoint is required with OidcIssuer\nOidcClientId is required with OidcIssuer\n" +
				"OidcClientSecretArn is required with OidcIssuer"},
		"no Dockerfile": {&stacks.FargateWebProps{Directory: "."},
			`Directory requires a Dockerfile at "Dockerfile", relative to the working directory`},
		"tasks of the web":       {&stacks.FargateWebProps{Image: "web:1", MinTasks: 5, MaxTasks: 2}, tooManyTasks},
		"tasks behind a gateway": {&stacks.GatewayServicesProps{Image: "web:1", MinTasks: 5, MaxTasks: 2}, tooManyTasks},
		"tasks on instances":     {&stacks.Ec2WebProps{Image: "web:1", MinTasks: 5, MaxTasks: 2}, tooManyTasks},
		"tasks of a service":     {&stacks.NlbServiceProps{Image: "web:1", MinTasks: 5, MaxTasks: 2}, tooManyTasks},
		"tasks of Express":       {&stacks.ExpressServiceProps{Image: "web:1", MinTasks: 5, MaxTasks: 2}, tooManyTasks},
		"variables of the event": {
			&stacks.EventDrivenTaskProps{
				Image: "digest:1", Environment: map[string]string{"TABLE": "mine"}, SecretArns: map[string]string{"KEY": "arn"},
			},
			"SecretArns must not have KEY, which the stack sets\nEnvironment must not have TABLE, which the stack sets"},
		"two images of a worker":     {&stacks.QueueWorkerProps{Image: "worker:1", Directory: built}, twoImages},
		"credentials of a worker":    {&stacks.QueueWorkerProps{Directory: built, ImageCredentialsSecretArn: registrySecret}, credentials},
		"tasks of a worker":          {&stacks.QueueWorkerProps{Image: "worker:1", MinTasks: 5, MaxTasks: 2}, tooManyTasks},
		"a worker with its gateways": {&stacks.QueueWorkerProps{Image: "worker:1", VpcId: "vpc-1", NatGateways: "none"}, noGatewayOfItsOwn},
		"numbers of a worker": {&stacks.QueueWorkerProps{Image: "worker:1", MinTasks: -1, SpotPercent: new(101), VisibilityTimeout: time.Second},
			"MinTasks must be 0 or greater; got -1\nSpotPercent must be an integer from 0 to 100; got 101\n" +
				"VisibilityTimeout must be whole seconds from 3s to 12h; got 1s"},
		"a worker whose messages expire": {&stacks.QueueWorkerProps{Image: "worker:1", VisibilityTimeout: 12 * time.Hour, MaxReceiveCount: 8},
			"VisibilityTimeout must be shorter than 12h with a MaxReceiveCount of 8, because a message that fails would expire, 96h " +
				"after it was sent, before it reaches the dead-letter queue; got 12h; lower one of them"},
		"a worker that nobody counts": {&stacks.QueueWorkerProps{Image: "worker:1", ContainerInsights: awsecs.ContainerInsights_DISABLED},
			`ContainerInsights must not be "DISABLED", because Container Insights counts the tasks that share the backlog`},
		"variables of the worker": {
			&stacks.QueueWorkerProps{
				Image: "worker:1", Environment: map[string]string{"QUEUE_URL": "mine"}, SecretArns: map[string]string{"STOP_SECONDS": "arn"},
			},
			"Environment must not have QUEUE_URL, which the stack sets\nSecretArns must not have STOP_SECONDS, which the stack sets"},
		"source without connection": {&stacks.AppRunnerServiceProps{RepositoryUrl: "https://github.com/example/shop", StartCommand: "run"},
			"ConnectionArn is required with RepositoryUrl; create the connection in the App Runner console\n" +
				`StartCommand requires Runtime, because otherwise only the repository's apprunner.yaml sets it; got "run"`},
		"build of an image": {&stacks.AppRunnerServiceProps{Image: "web:1", Branch: "prod", Runtime: "NODEJS_22"},
			`Branch requires RepositoryUrl; got "prod"; set RepositoryUrl or remove Branch` + "\n" +
				`Runtime requires RepositoryUrl; got "NODEJS_22"; set RepositoryUrl or remove Runtime`},
		"private without NAT": {&stacks.ExpressServiceProps{Image: "web:1", Internal: true, NatGateways: "none"},
			`NatGateways must not be "none" with Internal, whose tasks pull their image through one`},
		"circuit breaker of a canary": {&stacks.FargateWebProps{Image: "web:1", MaxFailedTasks: 5, DeploymentStrategy: "CANARY"},
			`MaxFailedTasks requires DeploymentStrategy ROLLING or BLUE_GREEN; got "CANARY"`},
		"NAT gateways of nobody": {&stacks.ExpressServiceProps{Image: "web:1", NatGateways: "single"},
			`NatGateways must be "none" without Internal, whose tasks have public addresses; got "single"`},
		"web in a VPC with its gateways":     {&stacks.FargateWebProps{Image: "web:1", VpcId: "vpc-1", NatGateways: "none"}, noGatewayOfItsOwn},
		"service in a VPC with its gateways": {&stacks.NlbServiceProps{Image: "app:1", VpcId: "vpc-1", NatGateways: "none"}, noGatewayOfItsOwn},
		"event's task in a VPC with its gateways": {&stacks.EventDrivenTaskProps{Image: "digest:1", VpcId: "vpc-1", NatGateways: "none"},
			noGatewayOfItsOwn},
		"job in a VPC with its gateways": {
			&stacks.ScheduledTaskProps{Image: "job:1", ScheduleExpression: "rate(1 hour)", VpcId: "vpc-1", NatGateways: "none"}, noGatewayOfItsOwn,
		},
		"instances without NAT": {&stacks.Ec2WebProps{Image: "web:1", NatGateways: "none"}, instancesWithoutNat},
		"reader without NAT":    {&stacks.SharedStorageProps{Image: "files:1", NatGateways: "none"}, instancesWithoutNat},
		"nodes without NAT":     {&stacks.EksNodesProps{NatGateways: "none"}, nodesWithoutNat},
		"Auto Mode without NAT": {&stacks.EksNodesProps{NatGateways: "none", AutoMode: true}, nodesWithoutNat},
		"volumes without NAT":   {&stacks.EksStorageProps{Image: "sh:1", NatGateways: "none"}, nodesWithoutNat},
		"VPC connector without NAT": {&stacks.AppRunnerServiceProps{Image: "web:1", VpcAccess: true, NatGateways: "none"},
			`NatGateways must not be "none" with VpcAccess or PrivateIngress, which take private subnets`},
		"driver": {&stacks.EksStorageProps{Image: "sh:1", Drivers: []stacks.StorageDriver{"S3"}},
			`Drivers must be "EBS", "EFS", "LUSTRE" or "ONTAP"; got "S3"`},
	} {
		require.EqualError(t, c.props.Validate(), c.want, name)
	}
}

// signingIn is a site whose visitors sign in.
func signingIn(change func(p *stacks.FargateWebProps)) *stacks.FargateWebProps {
	p := &stacks.FargateWebProps{Image: "web:1", CertificateArn: "arn:aws:acm:eu-west-1:111122223333:certificate/x", OidcIssuer: "https://a.b",
		OidcAuthorizationEndpoint: "https://a.b/a", OidcTokenEndpoint: "https://a.b/t", OidcUserInfoEndpoint: "https://a.b/u",
		OidcClientId: "shop", OidcClientSecretArn: "arn:aws:secretsmanager:eu-west-1:111122223333:secret:oidc-a1b2c3"}
	change(p)
	return p
}

func TestCloudFrontIsAccepted(t *testing.T) {
	virginia := &awscdk.Environment{Account: new("111122223333"), Region: new("us-east-1")}
	const certificate = "arn:aws:acm:us-east-1:111122223333:certificate/01234567-89ab-cdef-0123-456789abcdef"
	for name, props := range map[string]*stacks.FargateWebProps{
		"least":                 {Image: "web:1", CloudFront: true},
		"AWS WAF":               {Image: "web:1", CloudFront: true, Waf: true, WafLogs: true, Env: virginia},
		"a domain in us-east-1": {Image: "web:1", CloudFront: true, DomainName: "www.example.com", Env: virginia},
		"a domain": {Image: "web:1", CloudFront: true, DomainName: "www.example.com", CertificateArn: certificate,
			Env: &awscdk.Environment{Account: new("111122223333"), Region: new("eu-west-1")}},
	} {
		require.NoError(t, props.Validate(), name)
	}
	africa := &stacks.FargateWebProps{Image: "web:1", CloudFront: true,
		Env: &awscdk.Environment{Account: new("111122223333"), Region: new("af-south-1")}}
	assert.ErrorContains(t, africa.Validate(), "CloudFront must be off in a Region other than ap-northeast-1, ")
}
