package check

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The lists are all constants of the CDK, those too that a later version of it adds.
func TestListsHaveAllConstants(t *testing.T) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/aws/aws-cdk-go/awscdk/v2").Output()
	require.NoError(t, err)
	for file, list := range map[string][]string{
		"awslogs/RetentionDays.go":               texts(retentions),
		"awselasticloadbalancingv2/SslPolicy.go": texts(sslPolicies),
		"RemovalPolicy.go":                       append(texts(removalPolicies), "SNAPSHOT"),
	} {
		assert.ElementsMatch(t, constantsIn(t, filepath.Join(strings.TrimSpace(string(dir)), file)), list, file)
	}
}

func texts[T ~string](values []T) (texts []string) {
	for _, v := range values {
		texts = append(texts, string(v))
	}
	return texts
}

func constantsIn(t *testing.T, path string) (values []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	require.NoError(t, err)
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok {
			value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			require.NoError(t, err)
			values = append(values, value)
		}
		return true
	})
	return values
}
