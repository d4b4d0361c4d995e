package fargate_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/fargate"
)

func refused(cpu, memory int) string {
	var bad invalid.Problems
	fargate.CheckSize(cpu, memory, "MemoryLimitMiB", &bad)
	if err := bad.Err(); err != nil {
		return err.Error()
	}
	return ""
}

func TestSmallestMemoryOfEachSizeIsOffered(t *testing.T) {
	for cpu, memory := range map[int]int{256: 512, 512: 1024, 1024: 2048, 2048: 4096, 4096: 8192, 8192: 16384, 16384: 32768, 32768: 61440} {
		assert.Equal(t, memory, fargate.MinMemoryMiB(cpu))
		assert.Empty(t, refused(cpu, memory))
	}
	assert.Zero(t, fargate.MinMemoryMiB(300))
}

func TestMemoryDecidesTheCpuThatIsNotSet(t *testing.T) {
	for _, c := range []struct{ memory, byDefault, want int }{
		{0, 256, 256}, {2048, 256, 256}, {2048, 1024, 1024}, {4096, 256, 512}, {512, 1024, 256}, {30720, 256, 4096}, {249856, 256, 32768},
		// Not offered at all: the size whose memory is near it, for the message.
		{5000, 256, 1024}, {100, 256, 256}, {-1, 256, 256}, {300000, 256, 256},
	} {
		assert.Equal(t, c.want, fargate.CpuFor(c.memory, c.byDefault), "%d MiB", c.memory)
	}
}

func TestSizesThatFargateDoesNotOfferAreRefused(t *testing.T) {
	assert.Equal(t, "Cpu must be a Fargate size: 256, 512, 1024, 2048, 4096, 8192, 16384 or 32768; got 300", refused(300, 512))
	assert.Equal(t, "MemoryLimitMiB must be 512, 1024 or 2048 with Cpu 256 on Fargate; got 4096; set Cpu to 512", refused(256, 4096))
	assert.Equal(t, "MemoryLimitMiB must be from 1024 to 4096 in steps of 1024 with Cpu 512 on Fargate; got 1000", refused(512, 1000))
	assert.Equal(t, "MemoryLimitMiB must be from 16384 to 61440 in steps of 4096 with Cpu 8192 on Fargate; got 17408; "+
		"set Cpu to 4096", refused(8192, 17408))
}
