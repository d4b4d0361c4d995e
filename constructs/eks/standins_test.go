package eks

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awseksv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/fake"
)

// Stand-ins for what only has to be there: nothing in these tests reaches the CDK.
type (
	standInCluster struct{ awseksv2.ICluster }
	standInKey     struct {
		awskms.IKey
		_ byte // or two of them would be one
	}
	standInRole struct{ awsiam.IRole }
)

const token = "${Token[TOKEN.42]}"

// clusterStandIn stands for a cluster that NewCluster created.
func clusterStandIn() *Cluster {
	return &Cluster{Construct: fake.Construct{}, Cluster: standInCluster{},
		facts: clusterFacts{name: "shop", version: "1.35", vpc: fake.Vpc{Private: "abb"}}}
}

// existingStandIn stands for a cluster of ClusterFrom.
func existingStandIn(a ClusterAttributes) *Cluster {
	return &Cluster{Construct: fake.Construct{}, Cluster: standInCluster{},
		facts: clusterFacts{name: "shop", version: a.Version, vpc: a.Vpc, autoMode: a.AutoMode, existing: &a}}
}

// refusal returns what a constructor would refuse, in any stack.
func refusal(props any) error {
	var bad invalid.Problems
	add := func(errs ...error) {
		for _, err := range errs {
			bad.Nest("", err)
		}
	}
	switch p := props.(type) {
	case *ClusterProps:
		p.setDefaults()
		add(p.validate(), p.validateVpc())
	case *ManagedNodesProps:
		p.setDefaults()
		add(p.validate(), p.validateIn(nil))
	case *SelfManagedNodesProps:
		p.setDefaults()
		add(p.validate(), p.validateIn(nil))
	case *FargateProfileProps:
		p.setDefaults()
		add(p.validate(), p.validateIn(nil))
	case *PodRoleProps:
		p.setDefaults()
		add(p.validate(), p.validateIn())
	case *ContainerInsightsProps:
		p.setDefaults()
		add(p.validate(), p.validateIn())
	case *EbsStorageProps:
		p.setDefaults()
		add(p.validate(), p.validateIn())
	case *EfsStorageProps:
		p.setDefaults()
		add(p.validate(), p.validateIn())
	case *LustreStorageProps:
		p.setDefaults()
		add(p.validate(), p.validateIn())
	case *OntapStorageProps:
		p.setDefaults()
		add(p.validate(), p.validateIn())
	case *VolumeClaimProps:
		p.setDefaults()
		add(p.validate())
	default:
		panic(fmt.Sprintf("unknown props %T", props))
	}
	return bad.Err()
}

// refusedFor compares every line of a refusal, as a user sees it behind the construct path.
func refusedFor(t *testing.T, err error, want ...string) {
	t.Helper()
	if len(want) == 0 {
		assert.NoError(t, err)
		return
	}
	if err == nil {
		assert.Fail(t, "nothing is refused", "want %q", want)
		return
	}
	assert.Equal(t, want, strings.Split(err.Error(), "\n"))
}

// layerStandIn is a layer, in which nothing looks.
type layerStandIn struct{ awslambda.ILayerVersion }
