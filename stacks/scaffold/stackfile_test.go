package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/internal/tool"
	"awscontainers/stacks/settings"
)

const webStack = `package stacks

import (
	web "example.com/ours/web"
	"example.com/ours/port"
)

// WebProps configure the stack of NewWeb. Website is another word, and webber too.
type WebProps struct {
	// Web is a field.
	Web string
}

const webPort, webAPIPort = 80, 81 // webPort is for Web

type webSite struct{ WebProps }

/* NewWeb creates it. */
func NewWeb(p *WebProps) string {
	s := webSite{WebProps: *p}
	website := port.WebProps{Web: "Web"}
	web.NewWeb(web.WebProps{}, webPort)
	return s.WebProps.Web + website.Web + "NewWeb"
}

func newWebAPI() {}
`

func TestStacksAreRenamed(t *testing.T) {
	s, err := readStack([]byte(webStack), "Web", "Shop")
	require.NoError(t, err)
	assert.Empty(t, s.clash(namesOfApp...))
	got, err := s.write("// A comment.\n\n", "Web", "Shop")
	require.NoError(t, err)
	assert.Equal(t, `// A comment.

package main

import (
	"example.com/ours/port"
	web "example.com/ours/web"
)

// ShopProps configure the stack of NewShop. Website is another word, and webber too.
type ShopProps struct {
	// Shop is a field.
	Web string
}

const shopPort, shopAPIPort = 80, 81 // shopPort is for Shop

type shopSite struct{ ShopProps }

/* NewShop creates it. */
func NewShop(p *ShopProps) string {
	s := shopSite{ShopProps: *p}
	website := port.WebProps{Web: "Web"}
	web.NewWeb(web.WebProps{}, shopPort)
	return s.ShopProps.Web + website.Web + "NewWeb"
}

func newShopAPI() {}
`, string(got))
}

func TestNamesThatClash(t *testing.T) {
	source := "package stacks\n\nimport \"example.com/shop\"\n\ntype web struct{}\n\nfunc NewWeb() { total := shop.New(); _ = total.Port " +
		"}\n\nvar NewCart int\n"
	for name, want := range map[string]string{
		"Web": "", "Site": "", "Port": "", "Shop": "shop", "Total": "total", "Cart": "NewCart", "Func": "func", "String": "string",
		"Main": "main",
	} {
		s, err := readStack([]byte(source), "Web", name)
		require.NoError(t, err)
		assert.Equal(t, want, s.clash("main"), name)
	}
}

// Nothing of a stack's name is left in its file when it has another, except in texts.
func TestEveryStackCanBeRenamed(t *testing.T) {
	for _, stack := range settings.Names() {
		source, err := os.ReadFile("../" + strings.ToLower(stack) + ".go")
		require.NoError(t, err)
		s, err := readStack(source, stack, "MyOwn")
		require.NoError(t, err)
		require.Empty(t, s.clash(namesOfApp...))
		got, err := s.write("", stack, "MyOwn")
		require.NoError(t, err)
		assert.Contains(t, string(got), "func NewMyOwn(scope constructs.Construct, id string, props *MyOwnProps) awscdk.Stack {", stack)
		assert.NotRegexp(t, `\b(New|new)?`+stack+`([A-Z]\w*)?\b`, string(got), stack)
		code := regexp.MustCompile(`"[^"\n]*"`).ReplaceAllString(string(got), "")
		assert.NotRegexp(t, `\b`+lowerFirst(stack)+`[A-Z]\w*\b`, code, stack)
	}
}

// EksStorage has a type with a lower-case name, which can't be that of a package that the app's other files import.
func TestNamesOfPackages(t *testing.T) {
	source, err := os.ReadFile("../eksstorage.go")
	require.NoError(t, err)
	checkout, err := tool.Find(".")
	require.NoError(t, err)
	file, err := readStack(source, "EksStorage", "EksStorage")
	require.NoError(t, err)
	order := &order{stack: "EksStorage", name: "EksStorage", file: file, module: "example.com/shop", constructs: constructsCopied}
	a := &app{order: order, checkout: checkout, dir: t.TempDir()}
	require.NoError(t, a.writeStack(t.Context()))
	for _, name := range []string{"main.go", "main_test.go"} {
		imports, err := importsOf(filepath.Join(a.dir, name))
		require.NoError(t, err)
		require.NotEmpty(t, imports)
		for _, imported := range imports {
			base := tool.BaseName(imported)
			if base == "jsii-runtime-go" {
				base = "jsii"
			}
			renamed, err := readStack(source, "EksStorage", strings.ToUpper(base[:1])+base[1:])
			require.NoError(t, err)
			assert.Equal(t, base, renamed.clash(namesOfApp...), imported)
		}
	}
}
