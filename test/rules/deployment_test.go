package rules_test

const (
	pathAdvanced = pathEntry + ".AdvancedConfiguration"
	pathStrategy = pathService + ".DeploymentConfiguration.Strategy"
	pathShifter  = "Shifter.Properties"
)

var deploymentCases = []ruleCase{
	{
		name:    "ShiftWithoutAnything",
		changes: map[string]string{pathAdvanced: ""},
		want:    []string{"AWSC-DEPLOYMENT-001 Service", "AWSC-DEPLOYMENT-002 Service", "AWSC-DEPLOYMENT-003 Service"},
	},
	{name: "RollingWithoutAnything", changes: map[string]string{pathAdvanced: "", pathStrategy: `"ROLLING"`}},
	{name: "RollingByDefaultWithoutAnything", changes: map[string]string{pathAdvanced: "", pathService + ".DeploymentConfiguration": ""}},
	{name: "ShiftPerhapsWithoutAnything", changes: map[string]string{pathAdvanced: "", pathStrategy: valueUnknown}},
	{name: "ShiftByCodeDeployWithoutAnything",
		changes: map[string]string{pathAdvanced: "", pathService + ".DeploymentController": `{"Type": "CODE_DEPLOY"}`}},
	{name: "ShiftOfAClassicLoadBalancer", changes: map[string]string{
		pathEntry: `{"ContainerName": "web", "ContainerPort": 8080, "LoadBalancerName": "classic"}`,
	}},
	{name: "ShiftByServiceConnect", changes: map[string]string{pathService + ".LoadBalancers": ""}},
	{name: "ShiftWithAdvancedConditional",
		changes: map[string]string{pathAdvanced: valueEither(`{"AlternateTargetGroupArn": {"Ref": "Green"}}`, `{"Ref": "AWS::NoValue"}`)}},
	{name: "ShiftWithEntryConditional", changes: map[string]string{
		pathEntry: valueEither(`{"ContainerName": "web", "TargetGroupArn": {"Ref": "Blue"}}`, `{"Ref": "AWS::NoValue"}`),
	}},

	// The second target group.
	{
		name:    "ShiftWithoutAlternate",
		changes: map[string]string{pathAdvanced + ".AlternateTargetGroupArn": "", pathStrategy: `"CANARY"`},
		want:    []string{"AWSC-DEPLOYMENT-001 Service"},
	},
	{
		name:    "ShiftToTheSameGroup",
		changes: map[string]string{pathAdvanced + ".AlternateTargetGroupArn": `{"Fn::GetAtt": ["Blue", "TargetGroupArn"]}`},
		want:    []string{"AWSC-DEPLOYMENT-001 Service"},
	},
	{
		name:    "ShiftToTheSameImportedGroup",
		changes: map[string]string{pathEntry + ".TargetGroupArn": `"arn:x"`, pathAdvanced + ".AlternateTargetGroupArn": `"arn:x"`},
		want:    []string{"AWSC-DEPLOYMENT-001 Service"},
	},
	{
		name:    "ShiftToTheSameParameter",
		changes: map[string]string{pathEntry + ".TargetGroupArn": valueUnknown, pathAdvanced + ".AlternateTargetGroupArn": valueUnknown},
		want:    []string{"AWSC-DEPLOYMENT-001 Service"},
	},
	{name: "ShiftToUnknownGroups", changes: map[string]string{
		pathEntry + ".TargetGroupArn": `{"Fn::ImportValue": "a"}`, pathAdvanced + ".AlternateTargetGroupArn": `{"Fn::ImportValue": "b"}`,
	}},
	{name: "ShiftToAnUnknownGroup", changes: map[string]string{pathAdvanced + ".AlternateTargetGroupArn": valueUnknown}},
	{name: "ShiftToAConditionalGroup", changes: map[string]string{pathAdvanced +
		".AlternateTargetGroupArn": valueEither(`{"Ref": "Green"}`, `{"Ref": "AWS::NoValue"}`)}},

	// The production listener rule.
	{
		name:    "ShiftWithoutRule",
		changes: map[string]string{pathAdvanced + ".ProductionListenerRule": "", pathStrategy: `"LINEAR"`},
		want:    []string{"AWSC-DEPLOYMENT-002 Service"},
	},
	{name: "ShiftOfAnUnknownRule", changes: map[string]string{pathAdvanced + ".ProductionListenerRule": valueUnknown}},
	{name: "ShiftOfAConditionalRule", changes: map[string]string{pathAdvanced +
		".ProductionListenerRule": valueEither(`{"Ref": "Rule"}`, `{"Ref": "AWS::NoValue"}`)}},

	// The role.
	{
		name:    "ShiftWithoutRole",
		changes: map[string]string{pathAdvanced + ".RoleArn": `{"Ref": "AWS::NoValue"}`},
		want:    []string{"AWSC-DEPLOYMENT-003 Service"},
	},
	{
		name:    "ShiftRoleForTasks",
		changes: map[string]string{pathShifter + ".AssumeRolePolicyDocument.Statement.0.Principal.Service": `"ecs-tasks.amazonaws.com"`},
		want:    []string{"AWSC-DEPLOYMENT-003 Service"},
	},
	{
		name:    "ShiftRoleWithoutPolicy",
		changes: map[string]string{pathShifter + ".ManagedPolicyArns": ""},
		want:    []string{"AWSC-DEPLOYMENT-003 Service"},
	},
	{name: "ShiftRoleWithInlinePolicy", changes: map[string]string{
		pathShifter + ".ManagedPolicyArns": "", pathShifter + ".Policies": `[{"PolicyName": "p", "PolicyDocument": {}}]`,
	}},
	{name: "ShiftRoleWithAttachedPolicy", changes: map[string]string{
		pathShifter + ".ManagedPolicyArns": "",
		"Policy": `{"Type": "AWS::IAM::Policy", "Properties": {"PolicyName": "p", "PolicyDocument": {}, "Roles": ` +
			`[{"Ref": "Shifter"}]}}`,
	}},
	{name: "ShiftRoleWithUnknownPolicies", changes: map[string]string{pathShifter + ".ManagedPolicyArns": valueUnknown}},
	{name: "ShiftRoleWithConditionalPolicies", changes: map[string]string{pathShifter + ".ManagedPolicyArns": valueEither(`["arn"]`, `[]`)}},
	{
		name:    "ShiftRoleForAnotherStack",
		changes: map[string]string{pathShifter + ".ManagedPolicyArns": ""},
		outside: output(`{"Ref": "Shifter"}`),
	},
	{
		name:    "ShiftRoleAndMacro",
		changes: map[string]string{pathShifter + ".ManagedPolicyArns": ""},
		outside: macro("Policies"),
	},
	{name: "ShiftRoleUnknown", changes: map[string]string{pathAdvanced + ".RoleArn": valueUnknown}},
	{name: "ShiftRoleConditional", changes: map[string]string{pathAdvanced + ".RoleArn": valueEither(`"arn"`, `{"Ref": "AWS::NoValue"}`)}},
	{name: "ShiftRoleTrustUnknown", changes: map[string]string{pathShifter +
		".AssumeRolePolicyDocument.Statement.0.Principal.Service": valueUnknown}},
	{name: "ShiftRoleTrustGuessed", changes: map[string]string{pathShifter +
		".AssumeRolePolicyDocument.Statement.0.Principal.Service": valueGuessed}},
}
