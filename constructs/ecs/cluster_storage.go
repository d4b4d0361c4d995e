package ecs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"

	"awscontainers/constructs/invalid"
)

// managedStorage is nil without EphemeralStorageKey. The CDK lets Fargate use the key, for this cluster if it has a name of its own, else
// for those of the account: the policy of a key can't name a cluster that names the key.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-create-storage-key.html
func (p *ClusterProps) managedStorage() *awsecs.ManagedStorageConfiguration {
	if p.EphemeralStorageKey == nil {
		return nil
	}
	return &awsecs.ManagedStorageConfiguration{FargateEphemeralStorageKmsKey: p.EphemeralStorageKey}
}

func (p *ClusterProps) validateStorage(bad *invalid.Problems) {
	if _, isAlias := p.EphemeralStorageKey.(awskms.IAlias); isAlias {
		bad.Add("EphemeralStorageKey", "must be a key, not an alias, which Fargate doesn't support")
	}
}
