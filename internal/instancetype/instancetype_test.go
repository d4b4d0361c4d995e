package instancetype

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestInstanceTypesAreRead(t *testing.T) {
	for name, want := range map[string]Type{
		"t3.micro": {MemoryMiB: 1024}, "m7i.large": {}, "m7i-flex.large": {}, "c7a.metal-48xl": {}, "i4i.large": {}, "hpc7a.12xlarge": {},
		"a1.medium": {Arm: true}, "t4g.small": {Arm: true, MemoryMiB: 2048}, "m7gd.large": {Arm: true}, "c7gn.large": {Arm: true},
		"im4gn.large":   {Arm: true},
		"is4gen.medium": {Arm: true}, "x2gd.medium": {Arm: true}, "hpc7g.4xlarge": {Arm: true}, "r8gb.large": {Arm: true},
		"g4dn.xlarge": {Accelerator: Gpu}, "g5.xlarge": {Accelerator: Gpu}, "g6e.xlarge": {Accelerator: Gpu}, "gr6.4xlarge": {Accelerator: Gpu},
		"p4de.24xlarge": {Accelerator: Gpu},
		"p5.48xlarge":   {Accelerator: Gpu}, "g5g.xlarge": {Arm: true, Accelerator: Gpu}, "g4ad.xlarge": {},
		"inf2.xlarge": {Accelerator: Neuron}, "trn1n.32xlarge": {Accelerator: Neuron},
	} {
		got, ok := Parse(name)
		assert.True(t, ok, name)
		assert.Equal(t, want, got, name)
	}
	for _, name := range []string{"", "u-6tb1.112xlarge", "large", "m7g", "m7g.", "M7G.large", "m7g.large.x", "m7g.*", "t3.mediun",
		"mac1.metal"} {
		_, ok := Parse(name)
		assert.False(t, ok, name)
	}
}
