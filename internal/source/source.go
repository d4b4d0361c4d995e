package source

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/aws/constructs-go/constructs/v10"
)

// creationStack is the type of the metadata in which the CDK looks for the stack trace of a construct's creation.
// https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.cloud_assembly_schema.ArtifactMetadataEntryType.html
const creationStack = "aws:cdk:creationStack"

// maxFrames is how many calls are searched. A construct's constructor is a few calls away from the program that calls it.
const maxFrames = 64

// Create makes a struct of the library a construct, and records the program's lines that led to it. The CDK's CLI prints the first
// of them above what a validator finds.
func Create(construct, scope constructs.Construct, id string) {
	constructs.NewConstruct_Override(construct, scope, &id)
	Record(construct, Trace())
}

// Record attaches a trace to a construct.
func Record(construct constructs.IConstruct, trace []string) {
	if len(trace) > 0 {
		construct.Node().AddMetadata(new(creationStack), trace, nil)
	}
}

// Recorded returns the trace that is attached to a construct, or nil.
func Recorded(construct constructs.IConstruct) (trace []string) {
	for _, entry := range *construct.Node().Metadata() {
		if *entry.Type != creationStack {
			continue
		}
		lines, _ := entry.Data.([]any)
		for _, line := range lines {
			if text, isText := line.(string); isText {
				trace = append(trace, text)
			}
		}
	}
	return trace
}

// Trace returns the calls of the user's program that led to the caller, the innermost first, each as the CDK writes a call:
// "main.newShop (/home/me/shop/main.go:35)". The calls of the library and of the CDK are left out.
func Trace() (trace []string) {
	for frame := range userFrames() {
		// The CDK takes what follows the first parenthesis for the file.
		function := strings.NewReplacer("(", "", ")", "", "*", "").Replace(frame.Function)
		trace = append(trace, fmt.Sprintf("%s (%s:%d)", function, frame.File, frame.Line))
	}
	return trace
}

// Line returns the innermost line of the user's program that led to the caller, as a compiler names it: "main.go:35", relative to
// the working directory for a file below it. It is empty if the call comes from the library itself.
func Line() string {
	for frame := range userFrames() {
		file := frame.File
		if dir, err := os.Getwd(); err == nil {
			if below, err := filepath.Rel(dir, file); err == nil && filepath.IsLocal(below) {
				file = below
			}
		}
		return fmt.Sprintf("%s:%d", file, frame.Line)
	}
	return ""
}

func userFrames() func(yield func(runtime.Frame) bool) {
	callers := make([]uintptr, maxFrames)
	frames := runtime.CallersFrames(callers[:runtime.Callers(1, callers)])
	return func(yield func(runtime.Frame) bool) {
		for {
			frame, more := frames.Next()
			if frame.Function != "" && !isOfLibrary(frame.Function, program) && !yield(frame) || !more {
				return
			}
		}
	}
}

// library is the import path of the module, or of the folder that it was copied to. It comes from a type of this package.
var library = strings.TrimSuffix(reflect.TypeFor[marker]().PkgPath(), "/internal/source")

type marker struct{}

// program is the import path of the module of the program that runs.
var program = func() string {
	info, isKnown := debug.ReadBuildInfo()
	if !isKnown {
		return ""
	}
	return info.Main.Path
}()

// isOfLibrary reports whether a function, such as "awscontainers/constructs/ecs.NewService", isn't of the user's program.
func isOfLibrary(function, program string) bool {
	// Who works on the module itself, or on a copy, changes its stacks; to a program that imports it they are library code too.
	if program != library && (strings.HasPrefix(function, library+"/stacks.") || strings.HasPrefix(function, library+"/stacks/")) {
		return true
	}
	for _, prefix := range []string{
		library + "/constructs/", library + "/internal/",
		"github.com/aws/aws-cdk-go/", "github.com/aws/constructs-go/", "github.com/aws/jsii-runtime-go",
		"runtime.", "reflect.", "testing.", "slices.", "maps.", "sync.", "iter.",
	} {
		if strings.HasPrefix(function, prefix) {
			return true
		}
	}
	return false
}
