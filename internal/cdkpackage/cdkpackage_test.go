package cdkpackage

import (
	"archive/tar"
	"compress/gzip"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestUnpack(t *testing.T) {
	module := t.TempDir()
	require.EqualError(t, Unpack(module, "", t.TempDir()), module+": 0 npm packages, not one")
	tarball := packed(t, module, map[string]string{
		"package/index.js": "a", "package/node_modules/@x/y/lib/z.js": "b", "package/../../out.js": "c",
	})

	whole, part := t.TempDir(), t.TempDir()
	require.NoError(t, Unpack(module, "", whole))
	assert.Equal(t, []string{"index.js", "node_modules/@x/y/lib/z.js"}, filesIn(t, whole), "nothing outside the directory")
	require.NoError(t, Unpack(module, "node_modules/@x/y", part))
	assert.Equal(t, []string{"lib/z.js"}, filesIn(t, part))
	content, err := os.ReadFile(filepath.Join(part, "lib", "z.js"))
	require.NoError(t, err)
	assert.Equal(t, "b", string(content))
	require.EqualError(t, Unpack(module, "node_modules/y", part), tarball+`: no files in its folder "node_modules/y"`)
}

func packed(t *testing.T, module string, files map[string]string) string {
	t.Helper()
	require.NoError(t, os.Mkdir(filepath.Join(module, "jsii"), 0o700))
	tarball := filepath.Join(module, "jsii", "some-1.0.0.tgz")
	file, err := os.Create(tarball)
	require.NoError(t, err)
	zipped := gzip.NewWriter(file)
	archive := tar.NewWriter(zipped)
	for name, content := range files {
		require.NoError(t, archive.WriteHeader(&tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: 0o600, Size: int64(len(content))}))
		_, err := archive.Write([]byte(content))
		require.NoError(t, err)
	}
	require.NoError(t, archive.Close())
	require.NoError(t, zipped.Close())
	require.NoError(t, file.Close())
	return tarball
}

// filesIn lists the files below a directory.
func filesIn(t *testing.T, directory string) (names []string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(directory, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			name, _ := filepath.Rel(directory, path)
			names = append(names, filepath.ToSlash(name))
		}
		return err
	}))
	return names
}
