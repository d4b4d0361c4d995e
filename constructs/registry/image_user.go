package registry

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"awscontainers/internal/opt"
)

// The lines of a Dockerfile that start a stage and that name a user.
// https://docs.docker.com/reference/dockerfile/
var dockerfileLine = regexp.MustCompile(`(?im)^[ \t]*(?:FROM[ \t]+(?:--\S+[ \t]+)*\S+(?:[ \t]+AS[ \t]+(\S+))?|USER[ \t]+(\S+))[ \t\r]*$`)

// DockerfileUser returns the user that the Dockerfile of an image of FromAsset names in the stage that is built, "" if it names none:
// then it is that of its base image. isBuilt is false for other images.
func (i Image) DockerfileUser() (user string, isBuilt bool) {
	if i.directory == "" {
		return "", false
	}
	file := i.asset.File
	opt.Default(&file, "Dockerfile")
	text, err := os.ReadFile(filepath.Join(i.directory, file))
	if err != nil {
		return "", false // which Validate refuses
	}
	stage := ""
	for _, line := range dockerfileLine.FindAllStringSubmatch(string(text), -1) {
		if line[2] != "" {
			user = line[2]
			continue
		}
		if i.asset.Target != "" && strings.EqualFold(stage, i.asset.Target) {
			break // the stage that was asked for has ended
		}
		stage, user = line[1], ""
	}
	return user, true
}
