package cdktest_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"awscontainers/test/cdktest"
)

// rolesTemplate has a role with every kind of policy.
const rolesTemplate = `{"Resources": {
	"Orders": {"Type": "AWS::DynamoDB::Table", "Metadata": {"aws:cdk:path": "Shop/Orders/Resource"}},
	"Images": {"Type": "AWS::S3::Bucket", "Metadata": {"aws:cdk:path": "Shop/Images/Resource"}},
	"Cluster": {"Type": "AWS::ECS::Cluster", "Metadata": {"aws:cdk:path": "Shop/Cluster/Resource"}},
	"Role": {"Type": "AWS::IAM::Role", "Metadata": {"aws:cdk:path": "Shop/Role/Resource"}, "Properties": {
		"AssumeRolePolicyDocument": {"Statement": [
			{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": ["ecs-tasks.amazonaws.com", "ec2.amazonaws.com"]}},
			{"Effect": "Allow", "Action": ["sts:AssumeRole", "sts:TagSession"], "Principal": {"AWS": {"Fn::GetAtt": ["Caller", "Arn"]}},
				"Condition": {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}},
			{"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity", "Principal": {"Federated": "arn:aws:iam::1:oidc-provider/x"}},
			{"Effect": "Deny", "Action": "sts:AssumeRole", "Principal": "*"}
		]},
		"Policies": [{"PolicyName": "Inline", "PolicyDocument": {"Statement": {
			"Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Resource": "*"}}}],
		"ManagedPolicyArns": [
			{"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":iam::aws:policy/service-role/AmazonSSMManagedInstanceCore"]]},
			"arn:aws:iam::111122223333:policy/team", {"Ref": "ByArn"}
		]}},
	"Policy": {"Type": "AWS::IAM::Policy", "Properties": {"Roles": [{"Ref": "Role"}], "PolicyDocument": {"Statement": [
		{"Effect": "Allow", "Action": ["dynamodb:PutItem", "dynamodb:GetItem"], "Resource": [{"Fn::GetAtt": ["Orders", "Arn"]},
			{"Fn::Join": ["", [{"Fn::GetAtt": ["Orders", "Arn"]}, "/index/*"]]}]},
		{"Effect": "Allow", "Action": "dynamodb:GetRecords", "Resource": {"Fn::GetAtt": ["Orders", "StreamArn"]}},
		{"Effect": "Allow", "Action": "ecs:Poll", "Resource": "*",
			"Condition": {"ArnEquals": {"ecs:cluster": {"Fn::GetAtt": ["Cluster", "Arn"]}}}}
	]}}},
	"Attached": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"Roles": [{"Ref": "Role"}], "PolicyDocument": {"Statement": [
		{"Effect": "Deny", "NotAction": ["s3:*", "ecs:*"], "NotResource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
	]}}},
	"ByArn": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": {"Statement": [
		{"Effect": "Allow", "Action": "ecs:StopTask", "Resource": {"Fn::Sub": "arn:aws:ecs:${AWS::Region}:1:task/${Cluster}/*"}}
	]}}},
	"Single": {"Type": "AWS::IAM::RolePolicy", "Properties": {"RoleName": {"Ref": "Role"}, "PolicyDocument": {"Statement": [
		{"Effect": "Deny", "Action": "s3:DeleteObject", "Resource": {"Fn::Sub": "arn:aws:s3:::${Images}/*"}},
		{"Effect": "Allow", "Action": "s3:*", "Resource": {"Fn::Sub": "arn:aws:s3:::${Images}/*"}}
	]}}},
	"Caller": {"Type": "AWS::IAM::Role", "Metadata": {"aws:cdk:path": "Shop/Caller/Resource"}, "Properties": {"RoleName": "caller"}},
	"ByName": {"Type": "AWS::IAM::Policy", "Properties": {"Roles": ["caller"], "PolicyDocument": {"Statement": [
		{"Effect": "Allow", "Action": "s3:GetObject", "Resource": {"Fn::ImportValue": "Images:Arn"}},
		{"Fn::If": ["C", {"Effect": "Allow", "Action": "*", "Resource": "*"}, {"Ref": "AWS::NoValue"}]}
	]}}},
	"Provider": {"Type": "AWS::IAM::OIDCProvider", "Metadata": {"aws:cdk:path": "Shop/Provider/Resource"}},
	"Pod": {"Type": "AWS::IAM::Role", "Properties": {
		"AssumeRolePolicyDocument": {"Fn::Sub": ["{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"sts:` +
	`AssumeRoleWithWebIdentity\", \"Principal\": {\"Federated\": \"${P}\"}}]}", {"P": {"Ref": "Provider"}}]},
		"Policies": [{"PolicyDocument": {"Fn::If": ["C", {"Statement": []}, {"Statement": []}]}}]}},
	"Odd": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Ref": "Parameter"}}}
}}`

func TestPermissionsAreThoseOfAllPolicies(t *testing.T) {
	tpl := cdktest.Parse(t, []byte(rolesTemplate))
	assert.Equal(t, strings.Split(`allow dynamodb:GetItem on [Shop/Orders]
allow dynamodb:GetItem on [Shop/Orders]/index/*
allow dynamodb:GetRecords on [Shop/Orders].StreamArn
allow dynamodb:PutItem on [Shop/Orders]
allow dynamodb:PutItem on [Shop/Orders]/index/*
allow ecr:GetAuthorizationToken on *
allow ecs:Poll on * if {"ArnEquals":{"ecs:cluster":"[Shop/Cluster]"}}
allow ecs:StopTask on arn:aws:ecs:<AWS::Region>:1:task/[Shop/Cluster]/*
allow s3:* on [Shop/Images]/*
deny all but ecs:*, s3:* on all but * if {"Bool":{"aws:SecureTransport":"false"}}
deny s3:DeleteObject on [Shop/Images]/*
whatever arn:aws:iam::111122223333:policy/team allows
whatever the AWS managed policy AmazonSSMManagedInstanceCore allows`, "\n"), cdktest.Permissions(t, tpl.Resources["Role"]))
	assert.Equal(t, []string{
		"allow s3:* on [Shop/Images]/*", "deny s3:DeleteObject on [Shop/Images]/*",
	}, cdktest.Permissions(t, tpl.Resources["Single"]), "of a policy")
	assert.Equal(t, []string{
		`allow s3:GetObject on <{"Fn::ImportValue":"Images:Arn"}>`,
		`unreadable: {"Fn::If":["C",{"Action":"*","Effect":"Allow","Resource":"*"},{"Ref":"AWS::NoValue"}]}`,
	}, cdktest.Permissions(t, tpl.Resources["Caller"]))
	assert.Equal(t, []string{`unreadable: {"Fn::If":["C",{"Statement":[]},{"Statement":[]}]}`}, cdktest.Permissions(t, tpl.Resources["Pod"]))
	assert.Contains(t, failure(t, func(t testing.TB) { cdktest.Permissions(t, tpl.Resources["Orders"]) }), "is neither a role nor a policy")
	assert.Contains(t, failure(t, func(t testing.TB) { cdktest.Permissions(t, nil) }), "no role")
}

func everything(tpl *cdktest.Template) []cdktest.Grant {
	table, bucket, cluster := tpl.Resources["Orders"], tpl.Resources["Images"], tpl.Resources["Cluster"]
	return []cdktest.Grant{
		cdktest.Allow("dynamodb:GetItem", "dynamodb:putitem").On(cdktest.Arn(table, "/index/*"), table),
		cdktest.Allow("dynamodb:GetRecords").On(map[string]any{"Fn::GetAtt": []any{"Orders", "StreamArn"}}),
		cdktest.Allow("ecr:GetAuthorizationToken").On("*"),
		cdktest.Allow("ecs:Poll").On("*").If(map[string]any{"ArnEquals": map[string]any{"ecs:cluster": []any{cluster}}}),
		cdktest.Allow("ecs:StopTask").On(cdktest.Arn("arn:aws:ecs:<AWS::Region>:1:task/", cluster, "/*")),
		cdktest.Allow("s3:*").On(cdktest.Arn(bucket, "/*")),
		cdktest.Deny("s3:DeleteObject").On(cdktest.Arn(bucket, "/*")),
		cdktest.DenyAllBut("s3:*", "ecs:*").OnAllBut("*").If(map[string]any{"Bool": map[string]any{"aws:SecureTransport": false}}),
		cdktest.ManagedPolicies("arn:aws:iam::111122223333:policy/team"),
		cdktest.ManagedPolicies("AmazonSSMManagedInstanceCore"),
	}
}

func TestMayExactly(t *testing.T) {
	tpl := cdktest.Parse(t, []byte(rolesTemplate))
	role := tpl.Resources["Role"]
	assert.True(t, cdktest.MayExactly(t, role, everything(tpl)...))
	for i := range everything(tpl) {
		without := everything(tpl)
		without = append(without[:i], without[i+1:]...)
		assert.Contains(t, failure(t, func(t testing.TB) { cdktest.MayExactly(t, role, without...) }), "extra:   ", "grant %d", i)
	}
	said := failure(t, func(t testing.TB) {
		cdktest.MayExactly(t, role, append(everything(tpl), cdktest.Allow("dynamodb:Scan").On(tpl.Resources["Orders"]))...)
	})
	assert.Equal(t, "AWS::IAM::Role Shop/Role may not do exactly this:\nmissing: allow dynamodb:Scan on [Shop/Orders]\n", said)

	// What is nearly the same.
	for _, other := range []cdktest.Grant{
		cdktest.Allow("s3:GetObject").On(cdktest.Arn(tpl.Resources["Images"], "/*")),
		cdktest.Allow("s3:*").On(tpl.Resources["Images"]),
		cdktest.Allow("s3:*").OnAllBut(cdktest.Arn(tpl.Resources["Images"], "/*")),
		cdktest.AllowAllBut("s3:*").On(cdktest.Arn(tpl.Resources["Images"], "/*")),
		cdktest.Deny("s3:*").On(cdktest.Arn(tpl.Resources["Images"], "/*")),
		cdktest.Allow("s3:*").On(cdktest.Arn(tpl.Resources["Images"], "/*")).If(map[string]any{"Bool": map[string]any{"a": "b"}}),
		cdktest.Allow("ecs:Poll").On("*"),
		cdktest.ManagedPolicies("AmazonSSMFullAccess"),
	} {
		said := failure(t, func(t testing.TB) { cdktest.MayExactly(t, role, append(everything(tpl), other)...) })
		assert.Contains(t, said, "missing: ", "%+v", other)
	}
	for want, check := range map[string]func(t testing.TB){
		"say on which resources":  func(t testing.TB) { cdktest.MayExactly(t, role, cdktest.Allow("s3:*")) },
		"a grant without actions": func(t testing.TB) { cdktest.MayExactly(t, role, cdktest.Allow().On("*")) },
		"is neither a role":       func(t testing.TB) { cdktest.MayExactly(t, tpl.Resources["Orders"]) },
		"extra:   unreadable":     func(t testing.TB) { cdktest.MayExactly(t, tpl.Resources["Caller"]) },
	} {
		assert.Contains(t, failure(t, check), want)
	}
}

func TestMay(t *testing.T) {
	tpl := cdktest.Parse(t, []byte(rolesTemplate))
	role, bucket := tpl.Resources["Role"], tpl.Resources["Images"]
	assert.True(t, cdktest.May(t, role,
		cdktest.Allow("dynamodb:GetItem").On(tpl.Resources["Orders"]),
		cdktest.Allow("s3:PutObject", "s3:GetObject").On(cdktest.Arn(bucket, "/large/*")),
		cdktest.Allow("ecs:Poll").On("*").If(map[string]any{"ArnEquals": map[string]any{"ecs:cluster": tpl.Resources["Cluster"]}}),
	))
	for want, grant := range map[string]cdktest.Grant{
		"has no policy to allow dynamodb:Scan on [Shop/Orders]. Its policies say:\nallow dynamodb:GetItem": cdktest.Allow(
			"dynamodb:Scan").On(tpl.Resources["Orders"]),
		"to allow s3:GetObject on [Shop/Images].": cdktest.Allow("s3:GetObject").On(bucket),
		"to allow ecs:Poll on *.":                 cdktest.Allow("ecs:Poll").On("*"), // under a condition alone
		"may not s3:DeleteObject on [Shop/Images]/old/*, because of: deny s3:DeleteObject on [Shop/Images]/*": cdktest.Allow(
			"s3:DeleteObject").On(cdktest.Arn(bucket, "/old/*")),
	} {
		assert.Contains(t, failure(t, func(t testing.TB) { cdktest.May(t, role, grant) }), want)
	}
	assert.Contains(t, failure(t, func(t testing.TB) { cdktest.May(t, role) }), "say what the role may do")
}

// A role in one stack, what it may use in another.
func TestMayExactlyAcrossTemplates(t *testing.T) {
	tpl := cdktest.Parse(t, []byte(strings.Replace(rolesTemplate, `{"Fn::If": ["C", {"Effect": "Allow", "Action": "*", "Resource": "*"}, `+
		`{"Ref": "AWS::NoValue"}]}`, `{"Effect": "Allow", "Action": "s3:PutObject", "Resource": {"Fn::Join": ["", [{"Fn::ImportValue": `+
		`"Images:Arn"}, "/in/*"]]}}`, 1)))
	other := cdktest.Parse(t, []byte(`{
		"Resources": {"B": {"Type": "AWS::S3::Bucket", "Metadata": {"aws:cdk:path": "Files/Images/Resource"}}},
		"Outputs": {"O": {"Value": {"Fn::GetAtt": ["B", "Arn"]}, "Export": {"Name": "Images:Arn"}}}}`))
	bucket := other.Resources["B"]
	grants := []cdktest.Grant{cdktest.Allow("s3:GetObject").On(bucket), cdktest.Allow("s3:PutObject").On(cdktest.Arn(bucket, "/in/*"))}
	assert.True(t, cdktest.MayExactly(t, tpl.Resources["Caller"], grants...))
	assert.NotEmpty(t, failure(t, func(t testing.TB) { cdktest.MayExactly(t, tpl.Resources["Caller"], grants[1:]...) }))
}

func TestAssumedBy(t *testing.T) {
	tpl := cdktest.Parse(t, []byte(rolesTemplate))
	assert.Equal(t, []string{
		`[Shop/Caller] (sts:AssumeRole, sts:TagSession) if {"StringEquals":{"aws:SourceAccount":"<AWS::AccountId>"}}`,
		"deny *",
		"ec2.amazonaws.com",
		"ecs-tasks.amazonaws.com",
		"federated arn:aws:iam::1:oidc-provider/x (sts:AssumeRoleWithWebIdentity)",
	}, cdktest.AssumedBy(t, tpl.Resources["Role"]))
	assert.Empty(t, cdktest.AssumedBy(t, tpl.Resources["Caller"]))
	assert.Equal(t, []string{"federated [Shop/Provider] (sts:AssumeRoleWithWebIdentity)"}, cdktest.AssumedBy(t, tpl.Resources["Pod"]))
	assert.Equal(t, []string{`unreadable: {"Ref":"Parameter"}`}, cdktest.AssumedBy(t, tpl.Resources["Odd"]))
	assert.Contains(t, failure(t, func(t testing.TB) { cdktest.AssumedBy(t, tpl.Resources["Images"]) }), "is not a role")
}

// What must not pass, although it is almost what the test says.
func TestAlmostTheSamePermissions(t *testing.T) {
	template := func(statements, policy string) *cdktest.Template {
		return cdktest.Parse(t, []byte(`{"Resources": {
			"Bucket": {"Type": "AWS::S3::Bucket"}, "Queue": {"Type": "AWS::SQS::Queue"}, "Topic": {"Type": "AWS::SNS::Topic"},
			"Role": {"Type": "AWS::IAM::Role", "Properties": {
				"ManagedPolicyArns": [{"Fn::If": ["C", {"Ref": "Managed"}, {"Ref": "AWS::NoValue"}]}]}},
			"Managed": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": {"Statement": []}}},
			"Policy": {"Type": "AWS::IAM::Policy", `+policy+`"Properties": {"Roles": [{"Ref": "Role"}], "PolicyDocument": {"Statement": [`+
			statements+`]}}}}}`))
	}
	const all = `"Resource": "*"`
	const onBucket = `{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": `
	list, images := cdktest.Allow("s3:ListBucket"), "arn:aws:s3:::images/*"
	for _, c := range []struct {
		statements string
		grant      cdktest.Grant
		want       string // what the policies say, or why not
	}{
		{`{"Effect": "Allow", "NotAction": "s3:DeleteBucket", ` + all + `}`, cdktest.Allow("s3:Delete*").On("*"), "all but s3:DeleteBucket on *"},
		{`{"Effect": "Allow", "NotAction": "s3:Delete*", ` + all + `}`, cdktest.AllowAllBut("s3:DeleteBucket").On("*"), "all but s3:Delete*"},
		{`{"Effect": "Allow", "Action": "s3:Get?", ` + all + `}`, cdktest.Allow("s3:Get*").On("*"), "allow s3:Get? on *"},
		{`{"Effect": "Allow", "Action": "s3:*", ` + all + `}, {"Effect": "Deny", "Action": "s3:GetObject", ` + all + `}`,
			cdktest.Allow("s3:Get*").On(images), "because of: deny s3:GetObject on *"},
		{`{"Effect": "Allow", "Action": "s3:*", ` + all + `}, {"Effect": "Deny", "Action": "s3:*Object", "Resource": "arn:aws:s3:::images/a*"}`,
			cdktest.Allow("s3:Get*").On(images), "because of: deny s3:*Object on arn:aws:s3:::images/a*"},
		{`{"Effect": "Allow", "Action": "s3:*", ` + all + `}, {"Effect": "Deny", "NotAction": "s3:List*", "NotResource": "arn:aws:s3:::x"}`,
			cdktest.Allow("s3:GetObject").On(images), "because of: deny all but s3:List* on all but arn:aws:s3:::x"},
		{onBucket + `{"Ref": "Bucket"}}`, list, "allow s3:ListBucket on the name of [Bucket]"},
		{onBucket + `{"Fn::Sub": "${Bucket}/*"}}`, list, "on the name of [Bucket]/*"},
		{onBucket + `{"Fn::Sub": "arn:aws:s3:::${Bucket.Arn}"}}`, list, "on arn:aws:s3:::[Bucket]"},
		{onBucket + `{"Fn::Sub": "arn:aws:sqs:::${Bucket}"}}`, list, "on arn:aws:sqs:::[Bucket]"},
		{onBucket + `{"Fn::GetAtt": ["Bucket", "DomainName"]}}`, list, "on [Bucket].DomainName"},
	} {
		tpl := template(c.statements, "")
		if c.want[0] != 'b' {
			assert.Contains(t, strings.Join(cdktest.Permissions(t, tpl.Resources["Role"]), "\n"), c.want, c.statements)
		}
		grant := c.grant
		if strings.HasPrefix(c.statements, onBucket) {
			grant = grant.On(tpl.Resources["Bucket"])
		}
		assert.Contains(t, failure(t, func(t testing.TB) { cdktest.May(t, tpl.Resources["Role"], grant) }), c.want, c.statements)
	}
	for _, passes := range []struct {
		statements string
		grant      cdktest.Grant
	}{
		{`{"Effect": "Allow", "NotAction": "s3:Delete*", ` + all + `}`, cdktest.Allow("s3:Get*").On("*")},
		{`{"Effect": "Allow", "Action": "*", ` + all + `}`, cdktest.AllowAllBut("s3:GetObject").On("*")},
		{`{"Effect": "Allow", "Action": "s3:Get?bject*", ` + all + `, "Condition": {}}`, cdktest.Allow("s3:GetObject").On("*")},
		{`{"Effect": "Allow", "Action": "s3:*", ` + all + `}, {"Effect": "Deny", "Action": "s3:Put*", ` + all + `}`,
			cdktest.Allow("s3:Get*").On(images)},
		{`{"Effect": "Allow", "Action": "s3:*", ` + all + `}, {"Effect": "Deny", "NotAction": "s3:*", ` + all + `}`,
			cdktest.Allow("s3:Get*").On(images)},
	} {
		cdktest.May(t, template(passes.statements, "").Resources["Role"], passes.grant)
	}

	// Policies that a condition of the template leaves out.
	for _, tpl := range []*cdktest.Template{
		template(onBucket+`"*"}`, `"Condition": "C", `),
		cdktest.Parse(t, []byte(`{"Resources": {"Role": {"Type": "AWS::IAM::Role"}, "Policy": {"Type": "AWS::IAM::Policy", "Properties": {
			"Roles": {"Fn::If": ["C", [{"Ref": "Role"}], []]}, "PolicyDocument": {"Statement": `+onBucket+`"*"}}}}}}`)),
		cdktest.Parse(t, []byte(`{"Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": {"ManagedPolicyArns": [
			{"Fn::If": ["C", {"Ref": "Policy"}, {"Ref": "AWS::NoValue"}]}]}}, "Policy": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {
			"PolicyDocument": {"Statement": `+onBucket+`"*"}}}}}}`)),
	} {
		const line = "allow s3:ListBucket on *, with the template's condition C"
		role := tpl.Resources["Role"]
		assert.Equal(t, []string{line}, cdktest.Permissions(t, role))
		assert.Contains(t, failure(t, func(t testing.TB) { cdktest.MayExactly(t, role, list.On("*")) }), "extra:   "+line)
		assert.Contains(t, failure(t, func(t testing.TB) { cdktest.May(t, role, list.On("*")) }), line)
	}
	tpl := template(onBucket+`"*"}`, `"Condition": "C", `)
	tpl.Resources["Role"].Condition = "C"
	cdktest.MayExactly(t, tpl.Resources["Role"], list.On("*")) // always together
}

func TestPrincipalsThatIamRefuses(t *testing.T) {
	tpl := cdktest.Parse(t, []byte(`{"Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": {
		"AssumeRolePolicyDocument": {"Statement": [
		{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "ecs.amazonaws.com", "Service": "arn:aws:iam::1:role/x"}}]}}}}}`))
	assert.Equal(t, []string{"the AWS principal ecs.amazonaws.com", "the Service principal arn:aws:iam::1:role/x"},
		cdktest.AssumedBy(t, tpl.Resources["Role"]))
}
