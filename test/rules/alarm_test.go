package rules_test

const (
	pathKey      = "Topic.Properties.KmsMasterKeyId"
	pathKeyGrant = "Key.Properties.KeyPolicy.Statement.1"
	pathTopic    = "Policy.Properties.PolicyDocument.Statement"
)

var alarmCases = []ruleCase{
	// Keys.
	{
		name:    "AlarmToAManagedKey",
		changes: map[string]string{pathKey: `"alias/aws/sns"`},
		want:    []string{"AWSC-ALARM-001 Topic"},
	},
	{
		name:    "AlarmToAManagedKeyByArn",
		changes: map[string]string{pathKey: `{"Fn::Sub": "arn:${AWS::Partition}:kms:${AWS::Region}:${AWS::AccountId}:alias/aws/sns"}`},
		want:    []string{"AWSC-ALARM-001 Topic"},
	},
	{
		name: "OkToAManagedKey",
		changes: map[string]string{pathKey: `"alias/aws/sns"`, pathAlarm + ".AlarmActions": "",
			pathAlarm + ".OKActions": `["arn:x", {"Ref": "Topic"}]`},
		want: []string{"AWSC-ALARM-001 Topic"},
	},
	{
		name: "CompositeAlarmToAManagedKey",
		changes: map[string]string{
			pathKey: `"alias/aws/sns"`,
			"Alarm": `{"Type": "AWS::CloudWatch::CompositeAlarm", "Properties": {"AlarmRule": "TRUE", "AlarmActions": [{"Ref": "Topic"}]}}`,
		},
		want: []string{"AWSC-ALARM-001 Topic"},
	},
	{
		name:    "AlarmToAKeyOfTheAccount",
		changes: map[string]string{pathKeyGrant + ".Effect": `"Deny"`},
		want:    []string{"AWSC-ALARM-001 Topic"},
	},
	{
		name:    "AlarmToAKeyWithoutPolicy",
		changes: map[string]string{"Key.Properties.KeyPolicy": ""},
		want:    []string{"AWSC-ALARM-001 Topic"},
	},
	{
		name: "AlarmToAKeyByAlias",
		changes: map[string]string{"Alias": `{"Type": "AWS::KMS::Alias", "Properties": {"AliasName": "alias/a", "TargetKeyId": {"Ref": "Key"}}}`,
			pathKey: `{"Ref": "Alias"}`, pathKeyGrant + ".Principal.Service": `"events.amazonaws.com"`},
		want: []string{"AWSC-ALARM-001 Topic"},
	},
	{
		name:    "AlarmToAKeyForDecryptOnly",
		changes: map[string]string{pathKeyGrant + ".Action": `"kms:Decrypt"`},
		want:    []string{"AWSC-ALARM-001 Topic"},
	},
	{name: "AlarmToAKeyForEverything", changes: map[string]string{pathKeyGrant + ".Action": `"kms:*"`}},
	{name: "AlarmToAKeyForMore", changes: map[string]string{pathKeyGrant + ".Action": `["kms:Decrypt*", "kms:Generate*"]`}},
	{name: "AlarmToAKeyInTwoStatements", changes: map[string]string{
		pathKeyGrant + ".Action": `"kms:Decrypt"`,
		"Key.Properties.KeyPolicy.Statement.0": `{"Effect": "Allow", "Action": "kms:GenerateDataKey", "Resource": "*", "Principal": ` +
			`{"Service": ["cloudwatch.amazonaws.com"]}}`,
	}},
	{name: "AlarmToAKeyForEverybody", changes: map[string]string{pathKeyGrant + ".Principal": `{"AWS": "*"}`}},
	{name: "AlarmToAKeyForAnybody", changes: map[string]string{pathKeyGrant + ".Principal": `"*"`}},
	{name: "AlarmToAKeyForUnknown", changes: map[string]string{pathKeyGrant + ".Principal.Service": valueUnknown}},
	{name: "AlarmToAKeyForGuessed", changes: map[string]string{pathKeyGrant + ".Principal.Service": valueGuessed}},
	{name: "AlarmToAKeyByException", changes: map[string]string{
		pathKeyGrant: `{"Effect": "Allow", "NotAction": "kms:Encrypt", "Resource": "*", "Principal": {"Service": "cloudwatch.amazonaws.com"}}`,
	}},
	{name: "AlarmToAKeyOfConditionalPolicy", changes: map[string]string{
		"Key.Properties.KeyPolicy": valueEither(`{"Statement": []}`, `{"Statement": []}`),
	}},
	{name: "AlarmToAKeyOfConditionalStatement", changes: map[string]string{
		pathKeyGrant: valueEither(`{"Effect": "Allow", "Action": "kms:*", "Principal": "*"}`, `{"Ref": "AWS::NoValue"}`),
	}},
	{name: "AlarmToAnUnknownKey", changes: map[string]string{pathKey: valueUnknown}},
	{name: "AlarmToAGuessedKey", changes: map[string]string{pathKey: valueGuessed}},
	{name: "AlarmToAnImportedKey", changes: map[string]string{pathKey: `"arn:aws:kms:eu-west-1:111122223333:key/1"`}},
	{name: "AlarmToAConditionalKey", changes: map[string]string{pathKey: valueEither(`"alias/aws/sns"`, `{"Ref": "AWS::NoValue"}`)}},
	{name: "AlarmToNoKey", changes: map[string]string{pathKey: ""}},
	{name: "AlarmToAKeyForACustomResource", changes: map[string]string{
		"Key.Properties.KeyPolicy": "", "Opener": `{"Type": "Custom::Opener", "Properties": {"ServiceToken": "arn", "Key": {"Ref": "Key"}}}`,
	}},
	{name: "AlarmSwitchedOff", changes: map[string]string{pathKey: `"alias/aws/sns"`, pathAlarm + ".ActionsEnabled": `false`}},
	{name: "AlarmPerhapsSwitchedOff", changes: map[string]string{pathKey: `"alias/aws/sns"`, pathAlarm + ".ActionsEnabled": valueUnknown}},
	{name: "AlarmToAConditionalTopic", changes: map[string]string{pathKey: `"alias/aws/sns"`,
		pathAlarm + ".AlarmActions": `[` + valueEither(`{"Ref": "Topic"}`, `"arn:x"`) + `]`}},

	// Topic policies.
	{
		name:    "AlarmToATopicThatOnlyDenies",
		changes: map[string]string{pathTopic: `[{"Effect": "Deny", "Action": "sns:Publish", "Resource": {"Ref": "Topic"}, "Principal": "*"}]`},
		want:    []string{"AWSC-ALARM-002 Policy"},
	},
	{
		name:    "AlarmToATopicForEvents",
		changes: map[string]string{pathTopic + ".1.Principal.Service": `["events.amazonaws.com", "budgets.amazonaws.com"]`},
		want:    []string{"AWSC-ALARM-002 Policy"},
	},
	{
		name:    "AlarmToATopicForARole",
		changes: map[string]string{pathTopic + ".1.Principal": `{"AWS": "arn:aws:iam::111122223333:role/web"}`},
		want:    []string{"AWSC-ALARM-002 Policy"},
	},
	{
		name:    "AlarmToATopicToSubscribe",
		changes: map[string]string{pathTopic + ".1.Action": `["sns:Subscribe", "sns:Get*"]`},
		want:    []string{"AWSC-ALARM-002 Policy"},
	},
	{name: "AlarmToATopicForTheAccount", changes: map[string]string{
		pathTopic + ".1.Principal": `{"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}}`,
	}},
	{name: "AlarmToATopicForAnybody", changes: map[string]string{pathTopic + ".1.Principal": `{"AWS": "*"}`}},
	{name: "AlarmToATopicForAllActions", changes: map[string]string{pathTopic + ".1.Action": `"SNS:*"`}},
	{name: "AlarmToATopicForUnknown", changes: map[string]string{pathTopic + ".1.Principal": `{"AWS": {"Ref": "Param"}}`}},
	{name: "AlarmToATopicForGuessed", changes: map[string]string{pathTopic + ".1.Principal.Service": valueGuessed}},
	{name: "AlarmToATopicOfConditionalPolicy", changes: map[string]string{pathTopic: valueEither(`[]`, `[]`)}},
	{name: "AlarmToATopicWithPolicyUnderACondition", changes: map[string]string{pathTopic: `[]`, "Policy.Condition": `"Condition"`}},
	{name: "AlarmToATopicOfTwoPolicies", changes: map[string]string{
		pathTopic: `[]`,
		"Policy2": `{"Type": "AWS::SNS::TopicPolicy", "Properties": {"Topics": [{"Ref": "Topic"}], "PolicyDocument": {"Statement": [
			{"Effect": "Allow", "Action": "sns:Publish", "Resource": "*", "Principal": {"Service": "cloudwatch.amazonaws.com"}}]}}}`,
	}},
	{name: "AlarmToATopicWithoutPolicy", changes: map[string]string{"Policy": ""}},
	{name: "AlarmToAnotherTopic", changes: map[string]string{pathTopic: `[]`, pathAlarm + ".AlarmActions": `["arn:x"]`}},
	{
		name:    "AlarmToATopicForAnotherStack",
		changes: map[string]string{pathTopic: `[]`},
		outside: output(`{"Ref": "Topic"}`),
	},
	{
		name:    "AlarmAndMacro",
		changes: map[string]string{pathTopic: `[]`, "Key.Properties.KeyPolicy": ""},
		outside: macro("Policies"),
	},
}
