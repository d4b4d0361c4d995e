package ecs

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// mounting runs the script of an instance with volumes, among disks with a name, a size in GiB and what they are: "used", "store" or "new".
func mounting(t *testing.T, volumes []InstanceVolume, disks ...[3]string) (did string) {
	t.Helper()
	dir := t.TempDir()
	write := func(name, text string) {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o700))
	}
	const tool = "#!/bin/bash\n"
	var list []string
	for _, d := range disks {
		list = append(list, "echo /dev/"+d[0]+" $(("+d[1]+" * 1073741824)) disk")
		switch d[2] {
		case "used":
			write("formatted/"+d[0], "")
		case "store":
			write("sys/block/"+d[0]+"/device/model", "Amazon EC2 NVMe Instance Storage\n")
		}
	}
	write("bin/lsblk", tool+strings.Join(list, "\n")+"\n")
	write("bin/blkid", tool+`disk=${*: -1}; test -e "$ROOT/formatted/${disk##*/}" || exit 2; echo "uuid-${disk##*/}"`+"\n")
	write("bin/mkfs.xfs", tool+`disk=${*: -1}; echo "format $disk" >>"$ROOT/did"; touch "$ROOT/formatted/${disk##*/}"`+"\n")
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "formatted"), 0o700))
	for _, name := range []string{"mkdir", "mount", "systemctl"} {
		write("bin/"+name, tool+"echo "+name+` "$@" >>"$ROOT/did"`+"\n")
	}
	write("bin/sleep", tool)
	write("did", "")
	write("fstab", "")

	script := strings.Join((&Ec2CapacityProps{Volumes: volumes}).mountVolumes(), "\n")
	script = strings.NewReplacer("/sys/block", dir+"/sys/block", "/etc/fstab", dir+"/fstab").Replace(script)
	command := exec.Command("/bin/bash", "-c", script)
	command.Env = []string{"PATH=" + dir + "/bin:/usr/bin:/bin", "ROOT=" + dir}
	output, err := command.CombinedOutput()
	require.NoError(t, err, "%s", output)
	for _, name := range []string{"did", "fstab"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		did += string(text)
	}
	return did
}

// A disk that is formatted, such as that of the system, must not lose its files, whatever its size is.
func TestOnlyNewVolumesAreFormatted(t *testing.T) {
	root, store := [3]string{"nvme0n1", "100", "used"}, [3]string{"nvme1n1", "100", "store"}
	data := []InstanceVolume{{SizeGiB: 100, MountPath: "/data"}, {SizeGiB: 50}}
	assert.Equal(t, "format /dev/nvme3n1\nmkdir -p /data\nmount /data\nUUID=uuid-nvme3n1 /data xfs defaults,nofail 0 2\n",
		mounting(t, data, root, store, [3]string{"nvme2n1", "50", "new"}, [3]string{"nvme3n1", "100", "new"}))
	assert.Equal(t, "systemctl mask --now ecs\n", mounting(t, data, root, store, [3]string{"nvme2n1", "50", "new"}),
		"an instance without the volume joins the cluster")
	both := []InstanceVolume{{SizeGiB: 100, MountPath: "/a"}, {SizeGiB: 100, MountPath: "/b"}}
	assert.Equal(t, "format /dev/nvme2n1\nmkdir -p /a\nmount /a\nformat /dev/nvme3n1\nmkdir -p /b\nmount /b\n"+
		"UUID=uuid-nvme2n1 /a xfs defaults,nofail 0 2\nUUID=uuid-nvme3n1 /b xfs defaults,nofail 0 2\n",
		mounting(t, both, root, [3]string{"nvme2n1", "100", "new"}, [3]string{"nvme3n1", "100", "new"}))
}
