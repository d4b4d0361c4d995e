package instancetype

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestPatternsAreRead(t *testing.T) {
	for name, want := range map[string]struct{ x86, arm, gpus, noStore, small bool }{
		"m7g.large":          {arm: true, noStore: true},
		"m7g.*":              {arm: true, noStore: true},
		"m6*.*":              {x86: true, arm: true},
		"m6g*.large":         {arm: true},
		"m7gd.*":             {arm: true},
		"m5dn.xlarge":        {x86: true},
		"c7i-flex.large":     {x86: true, noStore: true},
		"t3.micro":           {x86: true, noStore: true, small: true},
		"t4g.nano":           {arm: true, noStore: true, small: true},
		"m3.large":           {x86: true}, // with an instance store, before the letter told
		"i4i.*":              {x86: true},
		"a1.medium":          {arm: true},
		"u-6tb1.56xlarge":    {x86: true},
		"u7i-12tb.224xlarge": {x86: true},
		"g5.xlarge":          {x86: true, gpus: true},
		"g5g.*":              {arm: true, gpus: true},
		"g6*.*":              {x86: true, arm: true, gpus: true},
		"g4ad.xlarge":        {x86: true},
		"g6f.xlarge":         {x86: true},
		"gr6.4xlarge":        {x86: true, gpus: true},
		"gr6f.4xlarge":       {x86: true},
		"p4de.24xlarge":      {x86: true, gpus: true},
		"p6-b200.48xlarge":   {x86: true, gpus: true},
		"inf2.xlarge":        {x86: true},
	} {
		p, ok := ParsePattern(name)
		assert.True(t, ok, name)
		assert.Equal(t, want.x86, p.MayBe(false), "%s on x86", name)
		assert.Equal(t, want.arm, p.MayBe(true), "%s on Arm", name)
		assert.Equal(t, want.gpus, p.MayHaveGpus(), "%s with GPUs", name)
		assert.Equal(t, want.noStore, p.HasNoInstanceStore(), "%s without instance store", name)
		assert.Equal(t, want.small, p.IsTooSmallForEcs(), "%s too small", name)
	}
	for _, name := range []string{"", "*", "m7g", "m7g.", "*.large", "m*.large", "large", "M7G.large", "m7g.mediun", "mac1.metal"} {
		_, ok := ParsePattern(name)
		assert.False(t, ok, name)
	}
}
