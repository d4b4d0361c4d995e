//go:build lifecycle

package lifecycle_test

// origins are VPC origins that change, were it a tag: CloudFront refuses that while a distribution uses one.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-vpc-origins.html
// https://github.com/aws/aws-cdk/issues/35765
func (o *outcome) origins() (found []danger) {
	for _, e := range o.inOrder() {
		if e.kind() == "AWS::CloudFront::VpcOrigin" && e.does == updates {
			found = append(found, danger{isRefused, e.place(), "can't change while a distribution uses it"})
		}
	}
	return found
}
