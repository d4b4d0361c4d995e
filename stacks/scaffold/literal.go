package main

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"math"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"awscontainers/internal/tool"
)

// literals turns values into Go source, in a package that has the types of one package as its own.
type literals struct {
	checkout *tool.Checkout
	// own is the import path of the package whose types need no qualifier, and rename gives the names that they have now.
	own    string
	rename func(name string) string
	// imports are the import paths that the source needs.
	imports map[string]bool
}

// of returns the source of a value: a constant of its type where there is one, a literal otherwise.
func (l *literals) of(v reflect.Value) (string, error) {
	if d, isDuration := valueOf[time.Duration](v); isDuration {
		l.imports["time"] = true
		return durationLiteral(d), nil
	}
	if t, isTime := valueOf[time.Time](v); isTime {
		l.imports["time"] = true
		return timeLiteral(t), nil
	}
	switch v.Kind() {
	case reflect.Bool, reflect.String, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint, reflect.Uint8,
		reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Float32, reflect.Float64:
		return l.basic(v)
	case reflect.Pointer, reflect.Interface:
		return l.behind(v)
	case reflect.Slice, reflect.Array:
		return l.list(v)
	case reflect.Map:
		return l.table(v)
	case reflect.Struct:
		return l.structure(v)
	}
	return "", fmt.Errorf("a value of type %s has no literal", v.Type())
}

func valueOf[T any](v reflect.Value) (value T, is bool) {
	if !v.IsValid() || v.Type() != reflect.TypeFor[T]() {
		return value, false
	}
	value, is = v.Interface().(T)
	return value, is
}

// basic returns a constant of the value's type, or its literal.
func (l *literals) basic(v reflect.Value) (string, error) {
	literal := fmt.Sprint(v.Interface())
	switch v.Kind() {
	case reflect.String:
		literal = strconv.Quote(v.String())
	case reflect.Float32, reflect.Float64:
		if f := v.Float(); f == math.Trunc(f) {
			literal = strconv.FormatFloat(f, 'f', 1, 64)
		}
	default: // as it prints
	}
	t := v.Type()
	if t.PkgPath() == "" {
		if slices.Contains([]string{"bool", "string", "int", "float64"}, t.Name()) {
			return literal, nil
		}
		return t.Name() + "(" + literal + ")", nil
	}
	name, err := l.constant(t, literal)
	if err != nil {
		return "", err
	}
	if name == "" {
		return l.typeName(t) + "(" + literal + ")", nil
	}
	return l.qualify(t.PkgPath(), l.packageName(t), name), nil
}

// constant returns the name of the constant of a type that has a value, or "". What jsii generates follows a pattern; constants of this
// repository are looked up in its source.
func (l *literals) constant(t reflect.Type, literal string) (string, error) {
	below, isOurs := strings.CutPrefix(t.PkgPath(), l.checkout.Module+"/")
	switch {
	case isOurs:
		return constantIn(l.checkout.Path(below), t.Name(), literal)
	case strings.HasPrefix(t.PkgPath(), "github.com/aws/aws-cdk-go/") && t.Kind() == reflect.String:
		value, err := strconv.Unquote(literal)
		return t.Name() + "_" + value, err
	}
	return "", nil
}

// constantIn returns the name of the constant of a type that has a value, in the package in a directory.
func constantIn(dir, typeName, literal string) (string, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return "", err
	}
	set := token.NewFileSet()
	var files []*ast.File
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return "", err
		}
		files = append(files, file)
	}
	// Nothing is imported, and so most of the package is in error, but not its constants.
	config := types.Config{Error: func(error) {}}
	pkg, _ := config.Check(dir, set, files, nil)
	want, err := types.Eval(set, nil, token.NoPos, literal)
	if err != nil {
		return "", err
	}
	for _, name := range pkg.Scope().Names() {
		c, isConstant := pkg.Scope().Lookup(name).(*types.Const)
		if !isConstant || !c.Exported() || c.Val().Kind() == constant.Unknown {
			continue
		}
		if named, isNamed := c.Type().(*types.Named); isNamed && named.Obj().Name() == typeName &&
			constant.Compare(c.Val(), token.EQL, want.Value) {
			return name, nil
		}
	}
	return "", nil
}

// behind returns the source of a pointer or of what an interface holds.
func (l *literals) behind(v reflect.Value) (string, error) {
	if v.IsNil() {
		return "nil", nil
	}
	inner, err := l.of(v.Elem())
	switch {
	case err != nil || v.Kind() == reflect.Interface:
		return inner, err
	case v.Elem().Kind() == reflect.Struct && v.Elem().Type() != reflect.TypeFor[time.Time](),
		v.Elem().Kind() == reflect.Slice, v.Elem().Kind() == reflect.Map:
		return "&" + inner, nil
	}
	return "new(" + inner + ")", nil
}

func (l *literals) list(v reflect.Value) (string, error) {
	if v.Kind() == reflect.Slice && v.IsNil() {
		return "nil", nil
	}
	var items []string
	for i := range v.Len() {
		item, err := l.of(v.Index(i))
		if err != nil {
			return "", err
		}
		items = append(items, item)
	}
	return l.typeName(v.Type()) + "{" + strings.Join(items, ", ") + "}", nil
}

func (l *literals) table(v reflect.Value) (string, error) {
	if v.IsNil() {
		return "nil", nil
	}
	var entries []string
	for key, value := range v.Seq2() {
		k, err := l.of(key)
		if err != nil {
			return "", err
		}
		element, err := l.of(value)
		if err != nil {
			return "", err
		}
		entries = append(entries, k+": "+element+",\n")
	}
	slices.Sort(entries)
	return l.typeName(v.Type()) + "{\n" + strings.Join(entries, "") + "}", nil
}

// structure leaves out zero fields, which are defaults.
func (l *literals) structure(v reflect.Value) (string, error) {
	if !token.IsExported(v.Type().Name()) { // such as a construct, behind an interface
		return "", fmt.Errorf("a value of type %s has no literal", v.Type())
	}
	text := l.typeName(v.Type()) + "{"
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if v.Field(i).IsZero() {
			continue
		}
		if !field.IsExported() {
			return "", fmt.Errorf("a value of type %s has no literal, because its field %s is set", v.Type(), field.Name)
		}
		value, err := l.of(v.Field(i))
		if err != nil {
			return "", err
		}
		text += "\n" + field.Name + ": " + value + ","
	}
	if strings.HasSuffix(text, "{") {
		return text + "}", nil
	}
	return text + "\n}", nil
}

// typeName returns the source of a type.
func (l *literals) typeName(t reflect.Type) string {
	switch {
	case t.Name() != "" && t.PkgPath() == "":
		return t.Name()
	case t.Name() != "":
		return l.qualify(t.PkgPath(), l.packageName(t), t.Name())
	}
	switch t.Kind() {
	case reflect.Pointer:
		return "*" + l.typeName(t.Elem())
	case reflect.Slice:
		return "[]" + l.typeName(t.Elem())
	case reflect.Array:
		return "[" + strconv.Itoa(t.Len()) + "]" + l.typeName(t.Elem())
	case reflect.Map:
		return "map[" + l.typeName(t.Key()) + "]" + l.typeName(t.Elem())
	}
	if t == reflect.TypeFor[any]() {
		return "any"
	}
	return t.String()
}

// packageName is the name of a type's package, which its path needn't end in.
func (l *literals) packageName(t reflect.Type) string {
	name, _, _ := strings.Cut(t.String(), ".")
	return name
}

func (l *literals) qualify(path, pkg, name string) string {
	if path == l.own {
		return l.rename(name)
	}
	l.imports[path] = true
	return pkg + "." + name
}

var units = []struct {
	unit time.Duration
	name string
}{
	{time.Hour, "time.Hour"}, {time.Minute, "time.Minute"}, {time.Second, "time.Second"}, {time.Millisecond, "time.Millisecond"},
	{time.Microsecond, "time.Microsecond"}, {time.Nanosecond, "time.Nanosecond"},
}

// durationLiteral uses the largest unit of which the duration is a multiple.
func durationLiteral(d time.Duration) string {
	for _, u := range units {
		switch {
		case d == u.unit:
			return u.name
		case d != 0 && d%u.unit == 0:
			return strconv.FormatInt(int64(d/u.unit), 10) + " * " + u.name
		}
	}
	return "time.Duration(0)"
}

func timeLiteral(t time.Time) string {
	t = t.UTC()
	return fmt.Sprintf("time.Date(%d, time.%s, %d, %d, %d, %d, %d, time.UTC)", t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(),
		t.Nanosecond())
}
