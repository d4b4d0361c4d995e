package registry

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestWhatImagesTellOfThemselves(t *testing.T) {
	type facts struct {
		given, cached, public, pinned bool
		written, account              string
	}
	for name, c := range map[string]struct {
		image Image
		want  facts
	}{
		"none":      {Image{}, facts{}},
		"public":    {FromRegistry("public.ecr.aws/nginx/nginx:stable"), facts{given: true, public: true, written: "public.ecr.aws/nginx/nginx:stable"}},
		"by digest": {FromRegistry("nginx@sha256:0"), facts{given: true, pinned: true, written: "nginx@sha256:0"}},
		"private": {FromRegistry("111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1"),
			facts{given: true, written: "111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1", account: "111122223333"}},
		"cached": {FromPullThroughCache(PullThroughCacheOf(EcrPublic, ""), "public.ecr.aws/x:1"), facts{given: true, cached: true}},
		"built":  {FromAsset("web", nil), facts{given: true, pinned: true}},
	} {
		i := c.image
		assert.Equal(t, c.want, facts{i.Given(), i.Cached(), i.InPublicEcr(), i.Pinned(), i.Written(), i.EcrAccount()}, name)
	}
}
