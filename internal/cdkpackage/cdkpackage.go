package cdkpackage

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Unpack unpacks the npm package of a Go module into a directory: all of it, or only a folder of it, such as "node_modules/semver".
// The module is the directory that `go list -m -f '{{.Dir}}'` prints.
func Unpack(module, folder, directory string) error {
	tarballs, err := filepath.Glob(filepath.Join(module, "jsii", "*.tgz"))
	if err != nil {
		return err
	}
	if len(tarballs) != 1 {
		return fmt.Errorf("%s: %d npm packages, not one", module, len(tarballs))
	}
	if err := untar(tarballs[0], folder, directory); err != nil {
		return fmt.Errorf("%s: %w", tarballs[0], err)
	}
	return nil
}

// engine is the CDK's template validator in aws-cdk-lib. It has no dependencies.
const engine = "node_modules/@aws/cloudformation-validate"

// Engine returns the directory of the CDK's template validator, an npm package to require. It unpacks the package, which takes about a
// second, once per version of the CDK, into the user's cache directory. The working directory must lie in the module.
func Engine() (string, error) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Version}}\t{{.Dir}}", "github.com/aws/aws-cdk-go/awscdk/v2").Output()
	if err != nil {
		return "", fmt.Errorf("go list: %w", err)
	}
	version, module, _ := strings.Cut(strings.TrimSpace(string(out)), "\t")
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	directory := filepath.Join(cache, "awscontainers", "cloudformation-validate-"+version)
	if _, err := os.Stat(directory); err == nil {
		return directory, nil
	}
	if err := os.MkdirAll(filepath.Dir(directory), 0o700); err != nil {
		return "", err
	}
	// A rename makes it appear whole, also for another process that does the same.
	unpacked, err := os.MkdirTemp(filepath.Dir(directory), "unpacked")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(unpacked) }()
	if err := Unpack(module, engine, unpacked); err != nil {
		return "", err
	}
	if err := os.Rename(unpacked, directory); err != nil {
		if _, another := os.Stat(directory); another != nil {
			return "", err
		}
	}
	return directory, nil
}

// untar unpacks the files of a folder. In an npm package they lie below one folder, package/.
func untar(tarball, folder, directory string) error {
	file, err := os.Open(tarball)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		return err
	}
	files := 0
	for archive := tar.NewReader(unzipped); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		_, name, _ := strings.Cut(header.Name, "/")
		if folder != "" {
			var within bool
			if name, within = strings.CutPrefix(name, folder+"/"); !within {
				continue
			}
		}
		if header.Typeflag != tar.TypeReg || !filepath.IsLocal(name) {
			continue
		}
		files++
		if err := write(filepath.Join(directory, filepath.FromSlash(name)), archive); err != nil {
			return err
		}
	}
	if files == 0 {
		return fmt.Errorf("no files in its folder %q", folder)
	}
	return nil
}

func write(path string, content io.Reader) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, content)
	return errors.Join(err, file.Close())
}
