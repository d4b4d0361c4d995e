package ecs

// Intrinsic functions, written as CloudFormation writes them where the CDK takes any object, as the conditions of policies do.
// To have the CDK write them takes several calls to Node.

// ofThisAccount is for a service that acts for resources of this account, Region and stack's partition only.
func ofThisAccount(service, resource string) *map[string]any {
	return &map[string]any{
		"StringEquals": map[string]any{"aws:SourceAccount": map[string]any{"Ref": "AWS::AccountId"}},
		"ArnLike":      map[string]any{"aws:SourceArn": arn(service, resource)},
	}
}

// arn is that of a resource in the stack's own partition, Region and account.
func arn(service, resource string) map[string]any {
	return map[string]any{"Fn::Sub": "arn:${AWS::Partition}:" + service + ":${AWS::Region}:${AWS::AccountId}:" + resource}
}
