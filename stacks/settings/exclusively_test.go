package settings

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The CLI gives the names or patterns that follow -e in the context.
func TestExclusively(t *testing.T) {
	const all = "FargateWeb,Ec2Web,NlbService"
	for name, c := range map[string]struct {
		asked any
		want  []string
	}{
		"no -e":                  {[]any{"**"}, []string{"FargateWeb", "Ec2Web", "NlbService"}},
		"destroy":                {[]any{}, []string{"FargateWeb", "Ec2Web", "NlbService"}},
		"without the CLI":        {nil, []string{"FargateWeb", "Ec2Web", "NlbService"}},
		"name":                   {[]any{"Ec2Web"}, []string{"Ec2Web"}},
		"names":                  {[]any{"NlbService", "FargateWeb"}, []string{"FargateWeb", "NlbService"}},
		"pattern":                {[]any{"*Web"}, []string{"FargateWeb", "Ec2Web"}},
		"pattern for one letter": {[]any{"Ec?Web"}, []string{"Ec2Web"}},
		"pattern for all":        {[]any{"*"}, []string{"FargateWeb", "Ec2Web", "NlbService"}},
		"name and no stack":      {[]any{"Ec2Web", "Nothing"}, []string{"Ec2Web"}},
		"no stack":               {[]any{"Nothing"}, []string{"FargateWeb", "Ec2Web", "NlbService"}},
		"other case":             {[]any{"ec2web"}, []string{"FargateWeb", "Ec2Web", "NlbService"}},
		"braces":                 {[]any{"{Ec2Web,FargateWeb}"}, []string{"FargateWeb", "Ec2Web", "NlbService"}},
		"negation":               {[]any{"!Ec2Web"}, []string{"FargateWeb", "Ec2Web", "NlbService"}},
		"globstar":               {[]any{"**/Ec2Web"}, []string{"FargateWeb", "Ec2Web", "NlbService"}},
		"class":                  {[]any{"[EF]*"}, []string{"FargateWeb", "Ec2Web", "NlbService"}},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := Parse(map[string]any{"stacks": all, bundlingStacks: c.asked}, "", "")
			require.NoError(t, err)
			assert.Equal(t, c.want, s.Stacks)
		})
	}
}

func TestExclusivelyForAStackThatIsNotBuilt(t *testing.T) {
	_, err := Parse(map[string]any{bundlingStacks: []any{"AppRunnerService"}}, "", "")
	require.EqualError(t, err, "stacks: must have AppRunnerService, which the command asks for; add -c stacks=AppRunnerService, also to cdk "+
		"destroy later")
	s, err := Parse(map[string]any{"stacks": "AppRunnerService", bundlingStacks: []any{"AppRunnerService"}}, "", "")
	require.NoError(t, err)
	assert.Equal(t, []string{"AppRunnerService"}, s.Stacks)
}
