package check

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"

	"awscontainers/constructs/invalid"
)

// removalPolicies are those of resources of which CloudFormation takes no snapshot, as it takes none of ours.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
var removalPolicies = []awscdk.RemovalPolicy{
	awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE, awscdk.RemovalPolicy_RETAIN, awscdk.RemovalPolicy_DESTROY,
}

var retentions = []awslogs.RetentionDays{
	awslogs.RetentionDays_ONE_DAY, awslogs.RetentionDays_THREE_DAYS, awslogs.RetentionDays_FIVE_DAYS,
	awslogs.RetentionDays_ONE_WEEK, awslogs.RetentionDays_TWO_WEEKS, awslogs.RetentionDays_ONE_MONTH,
	awslogs.RetentionDays_TWO_MONTHS, awslogs.RetentionDays_THREE_MONTHS, awslogs.RetentionDays_FOUR_MONTHS,
	awslogs.RetentionDays_FIVE_MONTHS, awslogs.RetentionDays_SIX_MONTHS, awslogs.RetentionDays_ONE_YEAR,
	awslogs.RetentionDays_THIRTEEN_MONTHS, awslogs.RetentionDays_EIGHTEEN_MONTHS, awslogs.RetentionDays_TWO_YEARS,
	awslogs.RetentionDays_THREE_YEARS, awslogs.RetentionDays_FIVE_YEARS, awslogs.RetentionDays_SIX_YEARS,
	awslogs.RetentionDays_SEVEN_YEARS, awslogs.RetentionDays_EIGHT_YEARS, awslogs.RetentionDays_NINE_YEARS,
	awslogs.RetentionDays_TEN_YEARS, awslogs.RetentionDays_INFINITE,
}

var sslPolicies = []elbv2.SslPolicy{
	elbv2.SslPolicy_RECOMMENDED_TLS, elbv2.SslPolicy_TLS13_12_PQ, elbv2.SslPolicy_RECOMMENDED, elbv2.SslPolicy_TLS13_RES,
	elbv2.SslPolicy_TLS13_EXT1, elbv2.SslPolicy_TLS13_EXT2, elbv2.SslPolicy_TLS13_10, elbv2.SslPolicy_TLS13_11,
	elbv2.SslPolicy_TLS13_13, elbv2.SslPolicy_TLS13_13_PQ, elbv2.SslPolicy_TLS13_12_RES_PQ,
	elbv2.SslPolicy_TLS13_12_EXT1_PQ, elbv2.SslPolicy_TLS13_12_EXT2_PQ, elbv2.SslPolicy_TLS13_10_PQ,
	elbv2.SslPolicy_FIPS_TLS13_13, elbv2.SslPolicy_FIPS_TLS13_12_RES, elbv2.SslPolicy_FIPS_TLS13_12,
	elbv2.SslPolicy_FIPS_TLS13_12_EXT0, elbv2.SslPolicy_FIPS_TLS13_12_EXT1, elbv2.SslPolicy_FIPS_TLS13_12_EXT2,
	elbv2.SslPolicy_FIPS_TLS13_11, elbv2.SslPolicy_FIPS_TLS13_10, elbv2.SslPolicy_FIPS_TLS13_13_PQ,
	elbv2.SslPolicy_FIPS_TLS13_12_PQ, elbv2.SslPolicy_FIPS_TLS13_12_RES_PQ, elbv2.SslPolicy_FIPS_TLS13_12_EXT0_PQ,
	elbv2.SslPolicy_FIPS_TLS13_12_EXT1_PQ, elbv2.SslPolicy_FIPS_TLS13_12_EXT2_PQ, elbv2.SslPolicy_FIPS_TLS13_10_PQ,
	elbv2.SslPolicy_FORWARD_SECRECY_TLS12_RES_GCM, elbv2.SslPolicy_FORWARD_SECRECY_TLS12_RES,
	elbv2.SslPolicy_FORWARD_SECRECY_TLS12, elbv2.SslPolicy_FORWARD_SECRECY_TLS11, elbv2.SslPolicy_FORWARD_SECRECY,
	elbv2.SslPolicy_TLS12, elbv2.SslPolicy_TLS12_EXT, elbv2.SslPolicy_TLS11, elbv2.SslPolicy_LEGACY,
}

// RemovalPolicy refuses a policy that the library's resources can't have. It accepts the empty value, the default.
func RemovalPolicy(field string, policy awscdk.RemovalPolicy, bad *invalid.Problems) {
	Known(field, policy, removalPolicies, bad)
}

// LogRetention refuses what is not a retention of CloudWatch Logs. It accepts the empty value, the default.
func LogRetention(field string, retention awslogs.RetentionDays, bad *invalid.Problems) {
	constant(field, retention, retentions, "awslogs.RetentionDays", awslogs.RetentionDays_ONE_MONTH, bad)
}

// SslPolicy refuses what is not a security policy of load balancers. It accepts the empty value, the default.
func SslPolicy(field string, policy elbv2.SslPolicy, bad *invalid.Problems) {
	constant(field, policy, sslPolicies, "elbv2.SslPolicy", elbv2.SslPolicy_TLS13_12_RES_PQ, bad)
}

// constant is Known for a list that is too long to show.
func constant[T ~string](field string, value T, known []T, typ string, example T, bad *invalid.Problems) {
	if value != "" && !slices.Contains(known, value) {
		bad.Add(field, "must be a constant of %s such as %q", typ, example).Given(value)
	}
}
