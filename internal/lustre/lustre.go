package lustre

import "slices"

// MinCapacityGiB is the size of the smallest file system.
const MinCapacityGiB = 1200

// The throughputs of SSD file systems, in MB a second for each TiB, by deployment type; SCRATCH_2 has only one.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-fsx-filesystem-lustreconfiguration.html
var throughputs = map[string][]int{
	"SCRATCH_2":    nil,
	"PERSISTENT_1": {50, 100, 200},
	"PERSISTENT_2": {125, 250, 500, 1000},
}

// Throughputs returns the values of PerUnitStorageThroughput that a deployment type offers, lowest first, and whether there is
// such a type. A type of one fixed throughput offers none.
func Throughputs[T ~string](deploymentType T) (offered []int, isKnown bool) {
	offered, isKnown = throughputs[string(deploymentType)]
	return slices.Clone(offered), isKnown
}

// MinThroughput returns the lowest throughput that a deployment type offers, or 0 if there is no choice.
func MinThroughput[T ~string](deploymentType T) int {
	if offered, _ := Throughputs(deploymentType); len(offered) > 0 {
		return offered[0]
	}
	return 0
}
