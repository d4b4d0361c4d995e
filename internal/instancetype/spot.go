package instancetype

import (
	"strings"

	"github.com/aws/constructs-go/constructs/v10"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/annotate"
)

// WarnOfOneSpotType says so if instances on Spot can only be of one type: when AWS needs its capacity, all of them end at once, and there
// is nothing to replace them. A pattern such as "m7g.*" has several types.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-best-practices.html
func WarnOfOneSpotType(scope constructs.IConstruct, isSpot bool, types []string) {
	if !isSpot || len(types) != 1 || strings.Contains(types[0], "*") || invalid.IsToken(types[0]) {
		return
	}
	annotate.Warning(scope, "spot-types", "Spot Instances of one type, "+types[0]+", are interrupted together, and then there may be none to "+
		"replace them; add InstanceTypes of much the same size")
}
