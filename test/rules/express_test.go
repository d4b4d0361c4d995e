package rules_test

const (
	pathExpress       = "Service.Properties."
	pathExpressPolicy = "Infrastructure.Properties.ManagedPolicyArns"
)

func awsPolicies(names ...string) string {
	list := ""
	for i, name := range names {
		if i > 0 {
			list += ", "
		}
		list += `{"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/` + name + `"}`
	}
	return "[" + list + "]"
}

// expressTask gives the service a task definition in place of its own settings, whose container has a port, or none.
func expressTask(arn, port string) map[string]string {
	changes := map[string]string{pathExpress + "TaskDefinitionArn": arn, "Task": `{"Type": "AWS::ECS::TaskDefinition", "Properties": {
		"Family": "web", "Cpu": "256", "Memory": "512", "NetworkMode": "awsvpc", "RequiresCompatibilities": ["FARGATE"],
		"ExecutionRoleArn": {"Fn::GetAtt": ["Execution", "Arn"]}, "ContainerDefinitions": [
			{"Name": "Main", "Image": "public.ecr.aws/nginx/nginx:stable", "PortMappings": [` + port + `]}]}}`}
	for _, key := range []string{"PrimaryContainer", "Cpu", "Memory", "ExecutionRoleArn", "TaskRoleArn"} {
		changes[pathExpress+key] = ""
	}
	return changes
}

var expressCases = []ruleCase{
	// No role.
	{name: "ExpressWithoutInfrastructureRole", changes: map[string]string{pathExpress + "InfrastructureRoleArn": ""},
		want: []string{"AWSC-EXPRESS-001 Service"}},
	{name: "ExpressWithoutExecutionRole", changes: map[string]string{pathExpress + "ExecutionRoleArn": ""},
		want: []string{"AWSC-EXPRESS-001 Service"}},
	{name: "ExpressWithTaskDefinition", changes: expressTask(`"arn:aws:ecs:eu-west-1:111122223333:task-definition/web:1"`, "")},
	{name: "ExpressWithUnknownTaskDefinition",
		changes: map[string]string{pathExpress + "ExecutionRoleArn": "", pathExpress + "TaskDefinitionArn": valueUnknown}},
	{name: "ExpressWithUnknownRole", changes: map[string]string{pathExpress + "InfrastructureRoleArn": valueUnknown}},
	{name: "ExpressWithPerhapsARole", changes: map[string]string{pathExpress +
		"InfrastructureRoleArn": valueEither(`"arn:x"`, `{"Ref": "AWS::NoValue"}`)}},
	{name: "ExpressWithNoRoleAfterAll", changes: map[string]string{pathExpress + "InfrastructureRoleArn": `{"Ref": "AWS::NoValue"}`},
		want: []string{"AWSC-EXPRESS-001 Service"}},

	// Whom the roles trust.
	{name: "ExpressRoleForTasks", changes: map[string]string{"Infrastructure" + pathTrusted: `"ecs-tasks.amazonaws.com"`},
		want: []string{"AWSC-EXPRESS-002 Infrastructure"}},
	{name: "ExpressRoleForBoth", changes: map[string]string{"Infrastructure" +
		pathTrusted: `["ecs-tasks.amazonaws.com", "ecs.amazonaws.com"]`}},
	{name: "ExpressRoleForUnknown", changes: map[string]string{"Infrastructure" + pathTrusted: valueUnknown}},
	{name: "ExpressTaskRolesForEcs", changes: map[string]string{"Execution" + pathTrusted: `"ecs.amazonaws.com"`,
		"Program" + pathTrusted: `"ec2.amazonaws.com"`},
		want: []string{"AWSC-EXPRESS-005 Service", "AWSC-EXPRESS-005 Service"}},

	// What the infrastructure role may do.
	{name: "ExpressRoleWithoutPolicy", changes: map[string]string{pathExpressPolicy: ""}, want: []string{"AWSC-EXPRESS-003 Infrastructure"}},
	{name: "ExpressRoleForLoadBalancers", changes: map[string]string{
		pathExpressPolicy: awsPolicies("AmazonECSInfrastructureRolePolicyForLoadBalancers",
			"AmazonECSInfrastructureRolePolicyForManagedInstances", "service-role/AmazonECSTaskExecutionRolePolicy")},
		want: []string{"AWSC-EXPRESS-003 Infrastructure"}},
	{name: "ExpressRoleWithOthersBeside", changes: map[string]string{
		pathExpressPolicy: awsPolicies("AmazonECSInfrastructureRolePolicyForLoadBalancers",
			"service-role/AmazonECSInfrastructureRoleforExpressGatewayServices")}},
	{name: "ExpressRoleWithAnotherPolicy", changes: map[string]string{
		pathExpressPolicy: awsPolicies("AdministratorAccess")}},
	{name: "ExpressRoleWithUnknownPolicies", changes: map[string]string{pathExpressPolicy: `[` + valueUnknown + `]`}},
	{name: "ExpressRoleWithPolicyOfItsOwn",
		changes: map[string]string{pathExpressPolicy: "", "Policy": `{"Type": "AWS::IAM::Policy", "Properties": {"PolicyName": "p",
		"Roles": [{"Ref": "Infrastructure"}], "PolicyDocument": {"Statement": [{"Effect": "Allow", "Action": "elasticloadbalancing:*",
			"Resource": "*"}]}}}`}},
	{name: "ExpressRoleWithTooLittleOfItsOwn",
		changes: map[string]string{pathExpressPolicy: "", "Policy": `{"Type": "AWS::IAM::Policy", "Properties": {"PolicyName": "p",
		"Roles": [{"Ref": "Infrastructure"}], "PolicyDocument": {"Statement": [{"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}]}}}`},
		want: []string{"AWSC-EXPRESS-003 Infrastructure"}},
	{name: "ExpressRoleByName", changes: map[string]string{pathExpressPolicy: "", "Infrastructure.Properties.RoleName": `"infrastructure"`}},
	{name: "ExpressPolicyWithoutPath", changes: map[string]string{
		pathExpressPolicy: awsPolicies("AmazonECSInfrastructureRoleforExpressGatewayServices")},
		want: []string{"AWSC-EXPRESS-004 Infrastructure"}},

	// A task definition of one's own.
	{name: "ExpressWithTaskAndContainer",
		changes: map[string]string{pathExpress + "TaskDefinitionArn": `"arn:aws:ecs:eu-west-1:111122223333:task-definition/web:1"`},
		want:    []string{"AWSC-EXPRESS-007 Service"}},
	{name: "ExpressWithTaskAndRole", changes: with(expressTask(`{"Ref": "Task"}`, `{"Name": "web", "ContainerPort": 80}`),
		pathExpress+"TaskRoleArn", `{"Fn::GetAtt": ["Program", "Arn"]}`), want: []string{"AWSC-EXPRESS-007 Service"}},
	{name: "ExpressWithTaskAndPerhapsAContainer", changes: with(expressTask(`{"Ref": "Task"}`, `{"Name": "web", "ContainerPort": 80}`),
		pathExpress+"PrimaryContainer", valueUnknown, pathExpress+"Cpu", valueEither(`"512"`, `{"Ref": "AWS::NoValue"}`))},
	{name: "ExpressWithTask", changes: expressTask(`{"Ref": "Task"}`, `{"Name": "web", "ContainerPort": 80, "Protocol": "tcp"}`)},
	{name: "ExpressWithTaskWithoutPorts", changes: expressTask(`{"Ref": "Task"}`, ""), want: []string{"AWSC-EXPRESS-008 Task"}},
	{name: "ExpressWithTaskWithoutNames", changes: expressTask(`{"Ref": "Task"}`, `{"ContainerPort": 80}`),
		want: []string{"AWSC-EXPRESS-008 Task"}},
	{name: "ExpressWithTaskByUdp", changes: expressTask(`{"Ref": "Task"}`, `{"Name": "web", "ContainerPort": 80, "Protocol": "udp"}`),
		want: []string{"AWSC-EXPRESS-008 Task"}},
	{name: "ExpressWithTaskAndUnknownPort", changes: expressTask(`{"Ref": "Task"}`, valueUnknown)},
	{name: "ExpressWithTaskWithoutMain", changes: with(expressTask(`{"Ref": "Task"}`, `{"Name": "web", "ContainerPort": 80}`),
		"Task.Properties.ContainerDefinitions.0.Name", `"web"`), want: []string{"AWSC-EXPRESS-008 Task"}},
	{name: "ExpressWithTaskWithAnUnknownName", changes: with(expressTask(`{"Ref": "Task"}`, `{"Name": "web", "ContainerPort": 80}`),
		"Task.Properties.ContainerDefinitions.0.Name", valueUnknown)},

	// Sizes.
	{name: "ExpressOfNoSize", changes: map[string]string{pathExpress + "Cpu": `"300"`}, want: []string{"AWSC-EXPRESS-006 Service"}},
	{name: "ExpressOfNoPair", changes: map[string]string{pathExpress + "Memory": `"512"`}, want: []string{"AWSC-EXPRESS-006 Service"}},
	{name: "ExpressOfADefaultSize", changes: map[string]string{pathExpress + "Cpu": ""}},
	{name: "ExpressOfAGuessedSize", changes: map[string]string{pathExpress + "Cpu": valueGuessed, pathExpress + "Memory": valueGuessed}},
}
