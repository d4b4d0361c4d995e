package test

import (
	"go/ast"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecrassets"
	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/elb"
	"awscontainers/constructs/network"
	"awscontainers/constructs/output"
	"awscontainers/constructs/registry"
	"awscontainers/constructs/storage"
	"awscontainers/constructs/waf"
	"awscontainers/test/cdktest"
)

// Methods refuse nil as constructors do, by *invalid.Error, with the construct, the method and the argument.
func TestMethodsRefuseNil(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := newCluster(stack)
	service := ecs.NewService(stack, "Service", &ecs.ServiceProps{Cluster: cluster, Task: newTask(stack)})
	run := ecs.NewRun(stack, "Run", &ecs.RunProps{Cluster: cluster, Task: service.Task})
	files := storage.NewEfsFileSystem(stack, "Files", &storage.EfsFileSystemProps{Vpc: cluster.Vpc()})
	point := storage.NewEfsAccessPoint(stack, "Point", &storage.EfsAccessPointProps{FileSystem: files})
	lustre := storage.LustreFrom(stack, "Lustre", &storage.LustreAttributes{
		FileSystemId: "fs-0123456789abcdef0", MountName: "a1b2c3d4", SecurityGroupId: "sg-00000000000000001",
	})
	ontap := storage.OntapFrom(stack, "Ontap", &storage.OntapAttributes{
		FileSystemId: "fs-0123456789abcdef0", SvmId: "svm-0123456789abcdef0", SvmName: "svm", SecurityGroupId: "sg-00000000000000003",
		SvmAdminSecretArn: "arn:aws:secretsmanager:eu-west-1:111122223333:secret:vsadmin-AbCdEf",
	})
	acl := waf.NewWebAcl(stack, "WebAcl", nil)

	amd64, role := awsecrassets.Platform_LINUX_AMD64(), service.Task.ExecutionRole
	private := registry.FromRegistry("111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1")

	const (
		grantee = "grantee must not be nil; pass a role, a user or a construct with a role"
		client  = "AllowFrom: client must not be nil; pass a service, a cluster, an instance or a security group"
		unmade  = "AllowFrom: client must be created by a constructor; pass a service, a cluster, an instance or a security group"
	)
	image := func(i registry.Image) func() {
		return func() {
			ecs.NewTask(stack, "Image", &ecs.TaskProps{Containers: []ecs.Container{{Name: "web", Image: i}}})
		}
	}
	const noImage = "Test/Image: Containers[0].Image is required; " +
		"use registry.FromRegistry, registry.FromEcrRepository or registry.FromAsset"
	calls := map[string][]struct {
		call func()
		want string
	}{
		"ecs.Run.GrantStart": {
			{func() { run.GrantStart(nil) }, "Test/Run: GrantStart: " + grantee},
			{func() { run.GrantStart((*ecs.Task)(nil)) }, "Test/Run: GrantStart: " + grantee},
			{func() { run.GrantStart(&ecs.Task{}) },
				"Test/Run: GrantStart: grantee must be created by a constructor; pass a role, a user or a construct with a role"},
		},
		"ecs.Service.AllowFrom": {
			{func() { service.AllowFrom(nil, 8080) }, "Test/Service: AllowFrom: other must not be nil; pass what has security groups"},
		},
		"ecs.Service.UrlCommand": {
			{func() { service.UrlCommand(nil) }, "Test/Service: UrlCommand: gateway must be one of the service's Exposure.Gateway"},
		},
		"ecs.AllRequests": {{func() {
			ecs.NewService(stack, "Balanced", &ecs.ServiceProps{Cluster: cluster, Task: service.Task, Exposure: ecs.AllRequests(nil)})
		}, "Test/Balanced: Exposure.Alb[0].LoadBalancer is required; use elb.NewApplicationLoadBalancer, " +
			"or set Listener to one of elb.ListenerFrom"}},
		"elb.ApplicationLoadBalancerProps.GatewayIngress": {{func() { (&elb.ApplicationLoadBalancerProps{}).GatewayIngress(nil) },
			"GatewayIngress: scope must not be nil; pass the construct below which to create the resources"}},
		"network.SubnetType.Of": {{func() { network.Private.Of(nil) },
			"SubnetType.Of: vpc must not be nil; pass the Vpc of network.NewVpc or network.VpcFrom, or a VPC of the CDK"}},
		"network.LeaveZonesToCloudFormation": {{func() { network.LeaveZonesToCloudFormation(nil) },
			"LeaveZonesToCloudFormation: stack must not be nil; pass the stack of the VPC"}},
		"output.New":                    {{func() { output.New(nil, "Url", "u") }, "Url: scope must not be nil"}},
		"registry.FromAsset":            {{image(registry.FromAsset("", nil)), noImage}},
		"registry.FromDigestParameter":  {{image(registry.FromDigestParameter(nil, "ImageDigest")), noImage}},
		"registry.FromTagParameter":     {{image(registry.FromTagParameter(nil, "ImageTag")), noImage}},
		"registry.FromSsmParameter":     {{image(registry.FromSsmParameter(nil, "/shop/digest")), noImage}},
		"registry.FromEcrRepository":    {{image(registry.FromEcrRepository(nil, "1")), noImage}},
		"registry.FromPullThroughCache": {{image(registry.FromPullThroughCache(nil, "nginx/nginx:1")), noImage}},
		"registry.FromRepository":       {{image(registry.FromRepository(nil, "1")), noImage}},
		"registry.Image.ContainerImage": {
			{func() { registry.FromAsset("testdata/web", nil).ContainerImage(nil, "web", amd64, role) },
				"ContainerImage: scope must not be nil; pass the construct below which to create what the image takes"},
			{func() { registry.FromAsset("testdata/web", nil).ContainerImage(stack, "web", nil, role) },
				"Test: ContainerImage: platform must not be nil; pass the platform to build the image for"},
			{func() { private.ContainerImage(stack, "web", nil, nil) },
				"Test: ContainerImage: puller must not be nil; pass the role that pulls the image"},
		},
		"registry.Image.Resolve": {
			{func() { private.Resolve(stack, "web", nil, nil) },
				"Test: Resolve: puller must not be nil; pass the role that pulls the image"},
			{func() { registry.FromRegistry("").Resolve(stack, "web", nil, nil) },
				"Test: Resolve: image is required; use registry.FromRegistry, registry.FromEcrRepository or registry.FromAsset"},
		},
		"registry.Image.ResolveWithCredentials": {{func() {
			registry.FromRegistry("ghcr.io/acme/private:1.0").WithCredentialsArn("arn:aws:secretsmanager:eu-west-1:111122223333:secret:ghcr-a1b2c3").
				ResolveWithCredentials(stack, "web", nil, nil)
		}, "Test: ResolveWithCredentials: puller must not be nil; pass the role that reads the credentials"}},
		"registry.Image.WithCredentials": {{image(registry.FromRegistry("ghcr.io/acme/private:1.0").WithCredentials(nil)),
			"Test/Image: Containers[0].Image.Credentials must be a secret of Secrets Manager; got none"}},
		"storage.EfsFileSystem.GrantRead":  {{func() { files.GrantRead(nil) }, "Test/Files: GrantRead: " + grantee}},
		"storage.EfsAccessPoint.GrantRead": {{func() { point.GrantRead(nil) }, "Test/Point: GrantRead: " + grantee}},
		"storage.EfsFileSystem.GrantReadWrite": {
			{func() { files.GrantReadWrite(nil) }, "Test/Files: GrantReadWrite: " + grantee},
		},
		"storage.EfsAccessPoint.GrantReadWrite": {
			{func() { point.GrantReadWrite(nil) }, "Test/Point: GrantReadWrite: " + grantee},
		},
		"storage.EfsFileSystem.GrantRootAccess": {
			{func() { files.GrantRootAccess(nil) }, "Test/Files: GrantRootAccess: " + grantee},
		},
		"storage.EfsAccessPoint.GrantRootAccess": {
			{func() { point.GrantRootAccess(nil) }, "Test/Point: GrantRootAccess: " + grantee},
		},
		"storage.EfsFileSystem.AllowFrom": {
			{func() { files.AllowFrom(nil) }, "Test/Files: " + client},
			{func() { files.AllowFrom(&ecs.Service{}) }, "Test/Files: " + unmade},
		},
		"registry.Image.WarnIfEmpty": {
			{func() { private.WarnIfEmpty(nil) }, "WarnIfEmpty: service must not be nil; pass the construct that runs the image"},
		},
		"storage.EfsFileSystem.CheckReach": {{func() { panic(files.CheckReach(nil, network.Private)) },
			"vpc must not be nil; pass the VPC of the tasks or nodes"}},
		"storage.Lustre.AllowFrom": {{func() { lustre.AllowFrom(nil) }, "Test/Lustre: " + client}},
		"storage.Ontap.AllowFrom":  {{func() { ontap.AllowFrom(nil, storage.OntapNfs) }, "Test/Ontap: " + client}},
		"waf.WebAcl.Protect": {
			{func() { acl.Protect(nil, "arn") },
				"Test/WebAcl: Protect: scope must not be nil; pass the construct below which to create the association"},
			{func() { acl.Protect(stack, "") }, "Test/WebAcl: Protect: resourceArn is required; pass the ARN of a regional resource"},
			{func() { acl.Protect(files, "arn"); acl.Protect(files, "other") },
				`Test/WebAcl: Protect: scope must not have a web ACL association already; got "Test/Files"; ` +
					"create a construct for each resource, and pass that"},
		},
	}
	for name, cases := range calls {
		for _, c := range cases {
			assert.Equal(t, []string{c.want}, cdktest.Refused(t, c.call), name)
		}
	}
	assert.Subset(t, slices.Sorted(maps.Keys(calls)), takingObjects(t), "each function that takes an object has a case here")
}

// takingObjects lists the exported functions and methods that take pointers or interfaces, except constructors.
func takingObjects(t *testing.T) (names []string) {
	t.Helper()
	for pkg, files := range packages(t, "../constructs") {
		if pkg == "rules" || pkg == "invalid" { // the former uses no other package, the latter is the way of refusing
			continue
		}
		for _, file := range files {
			for _, decl := range file.Decls {
				f, ok := decl.(*ast.FuncDecl)
				if !ok || !f.Name.IsExported() || f.Recv != nil && !ast.IsExported(receiver(f)) {
					continue
				}
				if f.Recv == nil && takesScope(f) && pkg != "output" || !slices.ContainsFunc(f.Type.Params.List, isObject) {
					continue
				}
				name := pkg + "."
				if f.Recv != nil {
					name += receiver(f) + "."
				}
				names = append(names, name+f.Name.Name)
			}
		}
	}
	return names
}

func isObject(parameter *ast.Field) bool {
	switch of := parameter.Type.(type) {
	case *ast.StarExpr:
		list, isSelector := of.X.(*ast.SelectorExpr)
		return !isSelector || list.Sel.Name != "Problems" // to which a construct adds what it finds
	case *ast.SelectorExpr:
		from := of.X.(*ast.Ident).Name
		return strings.HasPrefix(from, "aws") || from == "constructs" || from == "elbv2"
	}
	return false
}
