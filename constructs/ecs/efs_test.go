package ecs

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsefs"
	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/storage"
)

type (
	anyFiles       struct{ awsefs.IFileSystem }
	anyAccessPoint struct{ awsefs.IAccessPoint }
)

func TestVolumesOfFilesAreRefused(t *testing.T) {
	files := &storage.EfsFileSystem{FileSystem: anyFiles{}}
	others := &storage.EfsFileSystem{FileSystem: anyFiles{}}
	point := &storage.EfsAccessPoint{AccessPoint: anyAccessPoint{}, FileSystem: files}
	for name, c := range map[string]struct {
		volume EfsVolume
		want   []string
	}{
		"the file system":       {EfsVolume{FileSystem: files}, nil},
		"a directory of it":     {EfsVolume{FileSystem: files, RootDirectory: "/team/data"}, nil},
		"directory of a token":  {EfsVolume{FileSystem: files, RootDirectory: "${Token[Path.1]}"}, nil},
		"an access point":       {EfsVolume{AccessPoint: point}, nil},
		"both":                  {EfsVolume{FileSystem: files, AccessPoint: point, RootDirectory: "/"}, nil},
		"neither":               {EfsVolume{}, []string{"Volumes[0].Efs.FileSystem is missing; give the file system or an AccessPoint"}},
		"file system not made":  {EfsVolume{FileSystem: &storage.EfsFileSystem{}}, []string{"Volumes[0].Efs.FileSystem is missing; give the file system or an AccessPoint"}},
		"access point not made": {EfsVolume{AccessPoint: &storage.EfsAccessPoint{}}, []string{"Volumes[0].Efs.AccessPoint was not made; make it with storage.NewEfsAccessPoint or storage.ImportEfsAccessPoint"}},
		"access point to elsewhere": {EfsVolume{FileSystem: others, AccessPoint: point},
			[]string{"Volumes[0].Efs.AccessPoint leads to another file system than FileSystem; give one of this file system, or leave FileSystem out"}},
		"root beside an access point": {EfsVolume{AccessPoint: point, RootDirectory: "/x"},
			[]string{`Volumes[0].Efs.RootDirectory "/x" stands beside AccessPoint, whose Path is the root already; leave it out, and give the access point that Path`}},
		"relative directory": {EfsVolume{FileSystem: files, RootDirectory: "data"},
			[]string{`Volumes[0].Efs.RootDirectory "data" is no absolute path; write it as "/" or "/team/data"`}},
		"way up": {EfsVolume{FileSystem: files, RootDirectory: "/data/../other"},
			[]string{`Volumes[0].Efs.RootDirectory "/data/../other" is no absolute path; write it as "/" or "/team/data"`}},
	} {
		t.Run(name, func(t *testing.T) {
			p := validTask()
			p.Volumes = []Volume{{Name: "files", Efs: &c.volume}}
			given := c.volume
			assertProblems(t, taskError(p), c.want...)
			assert.Equal(t, given, c.volume, "the caller's own struct")
		})
	}
}

func TestWhoWritesToAVolume(t *testing.T) {
	reads := Container{MountPoints: []MountPoint{{SourceVolume: "files", ReadOnly: true}}}
	writes := Container{MountPoints: []MountPoint{{SourceVolume: "other"}, {SourceVolume: "files"}}}
	p := TaskProps{Containers: []Container{reads}}
	assert.False(t, p.writes("files"))
	assert.False(t, p.writes("unmounted"))
	p.Containers = append(p.Containers, writes)
	assert.True(t, p.writes("files"))
}
