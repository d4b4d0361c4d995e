package stacks

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestNlbServiceTasks(t *testing.T) {
	for name, c := range map[string]struct {
		props NlbServiceProps
		want  int
	}{
		"one":               {NlbServiceProps{Common: Common{Profile: Dev}}, 1},
		"one a zone":        {NlbServiceProps{Common: Common{Profile: Prod}}, 3},
		"two for all zones": {NlbServiceProps{Common: Common{Profile: Prod}, NlbServiceSettings: NlbServiceSettings{CrossZone: true}}, 2},
	} {
		assert.Equal(t, c.want, c.props.minTasks(3), name)
	}
}
