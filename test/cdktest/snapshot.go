package cdktest

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Snapshot checks that a template is the one in a file that you commit:
//
//	cdktest.Snapshot(t, cdktest.Synth(t, stack))
//
// Run the test with -update to write the file, the first time and when you mean a change. Read its diff before you commit it:
//
//	go test . -run TestShop -update
//
// The file is testdata/<name of the test>.json, a subtest's in a directory of its test. Name a file yourself if a test has several
// snapshots; it is relative to the test's directory.
//
// What changes although you change nothing is left out: the content of assets, whose hashes become "<asset lambda/resize>", after their
// directories, and what the CDK's version writes about itself. Everything else is compared line by line, also the templates of nested
// stacks, which the file has under "NestedStacks".
//
// Snapshot fails the test, and shows the lines that differ, if the template is not that of the file, or if the file is missing.
func Snapshot(t testing.TB, tpl *Template, file ...string) bool {
	t.Helper()
	require.NotNil(t, tpl, "no template")
	return snapshot(t, tpl.normalized(t), ".json", file, true)
}

// SnapshotText is [Snapshot] for any text, such as a page that is generated from the code. Without a file it is in
// testdata/<name of the test>.txt. The text is compared as it is, except for line feeds at its end.
func SnapshotText(t testing.TB, text string, file ...string) bool {
	t.Helper()
	return snapshot(t, text, ".txt", file, false)
}

func snapshot(t testing.TB, text, extension string, file []string, once bool) bool {
	t.Helper()
	require.LessOrEqual(t, len(file), 1, "a snapshot has one file")
	name := snapshotFile(t.Name()) + extension
	if len(file) == 1 {
		name = filepath.FromSlash(file[0])
	}
	got := strings.TrimRight(text, "\n") + "\n"
	raw, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		require.NoError(t, err)
	}
	missing, want := err != nil, strings.ReplaceAll(string(raw), "\r\n", "\n") // Git may check it out so
	switch {
	case !missing && strings.TrimRight(want, "\n")+"\n" == got:
		return true
	case Updating():
		write(t, name, got, once)
		return true
	case missing:
		t.Errorf("There is no snapshot %s yet. To write it, run:\n\n\t%s\n\nThen read it and commit it.", name, updateCommand(t))
	default:
		t.Errorf("%s (-) is not what the test has now (+):\n\n%s\nIf you mean the change, run:\n\n\t%s", name, diff(want, got), updateCommand(t))
	}
	return false
}

const (
	updateFlag = "update"
	updateEnv  = "UPDATE_SNAPSHOTS"
)

// Updating reports whether this run of the tests has -update, for files of your own that a test compares. The environment variable
// UPDATE_SNAPSHOTS=1 is the same for packages that don't call [Main].
func Updating() bool {
	if f := flag.Lookup(updateFlag); f != nil {
		if update, err := strconv.ParseBool(f.Value.String()); err == nil && update {
			return true
		}
	}
	update, err := strconv.ParseBool(os.Getenv(updateEnv))
	return err == nil && update
}

func updateCommand(t testing.TB) string {
	test, _, _ := strings.Cut(t.Name(), "/")
	folder := "."
	if module, here := moduleDirectory(); module != "" && module != here {
		if below, err := filepath.Rel(module, here); err == nil {
			folder = "./" + filepath.ToSlash(below)
		}
	}
	command := "go test " + folder + " -run '^" + test + "$'"
	if flag.Lookup(updateFlag) == nil {
		return updateEnv + "=1 " + command + " -count=1"
	}
	return command + " -update"
}

// write writes a snapshot. A template's is written once in a run: the second of one name would replace the first. Tests of texts may each
// look after a part of one page.
func write(t testing.TB, name, content string, once bool) {
	t.Helper()
	if info, err := os.Stat(name); once && err == nil && info.ModTime().After(started) {
		t.Errorf("%s was written by this run already, with other content. Name a file for each snapshot of a test, such as\n\n"+
			"\tcdktest.Snapshot(t, tpl, \"testdata/second.json\")\n\n"+
			"With one snapshot, its content differs from run to run.", name)
		return
	}
	require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
	require.NoError(t, os.WriteFile(name, []byte(content), 0o644))
	t.Logf("wrote %s", name)
}

// started tells files of this run from older ones.
var started = time.Now()

// snapshotFile returns the file for a test's name, without its extension: a directory for each level. Characters that
// a file system may not take are written by their codes.
func snapshotFile(test string) string {
	levels := strings.Split(test, "/")
	for i, level := range levels {
		levels[i] = unfit.ReplaceAllStringFunc(level, func(s string) string {
			return "%" + strings.ReplaceAll(fmt.Sprintf("% X", s), " ", "%")
		})
	}
	return filepath.Join("testdata", filepath.Join(levels...))
}

var unfit = regexp.MustCompile(`[^\pL\pN_.,=+@#()-]|^\.+$|\.$`)
