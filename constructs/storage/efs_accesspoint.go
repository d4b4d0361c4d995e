package storage

import (
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsefs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
)

// EfsAccessPointProps describe a way into a file system. None of it can be changed later: another value is another access
// point, and tasks that mount it are started anew. A file system has up to 10000.
// https://docs.aws.amazon.com/efs/latest/ug/efs-access-points.html
type EfsAccessPointProps struct {
	// FileSystem is where it leads. Required.
	FileSystem *EfsFileSystem
	// Path is the directory that clients see as the root, and nothing outside of it: absolute, up to 4 directories deep and
	// 100 characters long, none of them beginning with a dot. Default: "/", the whole file system.
	// https://docs.aws.amazon.com/efs/latest/ug/API_RootDirectory.html
	Path string
	// PosixUser is who every client is for the file system, whoever it says it is. Default: nil, whoever the container runs as.
	// https://docs.aws.amazon.com/efs/latest/ug/enforce-identity-access-points.html
	PosixUser *EfsPosixUser
	// CreationInfo is how the directory is made when the first client comes and finds none; of one that is there it changes
	// nothing. Required for another Path than "/", unless there is a PosixUser. Default: it belongs to PosixUser.
	CreationInfo *EfsCreationInfo
}

// EfsPosixUser is a user, by numbers as in all of POSIX.
// https://docs.aws.amazon.com/efs/latest/ug/API_PosixUser.html
type EfsPosixUser struct {
	// Uid and Gid are the user and its group, 0 to 4294967295. Default: 0, root; a volume then needs RootAccess.
	Uid, Gid int
	// SecondaryGids are up to 16 other groups that the user is in. Default: none.
	SecondaryGids []int
}

// EfsCreationInfo is whose a new directory is, and who else may do what there.
// https://docs.aws.amazon.com/efs/latest/ug/API_CreationInfo.html
type EfsCreationInfo struct {
	// OwnerUid and OwnerGid are the user and the group that own it, 0 to 4294967295. Default: 0, root.
	OwnerUid, OwnerGid int
	// Permissions are those of owner, group and others, as an octal number of three or four digits. Default: "0750", which
	// keeps others out.
	Permissions string
}

const (
	defaultPermissions = "0750"
	maxPath, maxDepth  = 100, 4
	maxSecondaryGids   = 16
	maxPosixId         = 1<<32 - 1
)

// EfsAccessPoint is a way into a file system.
type EfsAccessPoint struct {
	constructs.Construct
	// AccessPoint is what the CDK's own constructs take.
	AccessPoint awsefs.IAccessPoint
	// FileSystem is where it leads.
	FileSystem *EfsFileSystem

	asRoot bool
}

// NewEfsAccessPoint makes an access point. It panics with *invalid.Error when the props are wrong.
func NewEfsAccessPoint(scope constructs.Construct, id string, props *EfsAccessPointProps) *EfsAccessPoint {
	var p EfsAccessPointProps
	if props != nil {
		p = *props
	}
	p.setDefaults()
	invalid.Refuse(scope, id, p.validate())

	a := &EfsAccessPoint{FileSystem: p.FileSystem, asRoot: p.PosixUser.root()}
	constructs.NewConstruct_Override(a, scope, &id)
	a.AccessPoint = awsefs.NewAccessPoint(a, jsii.String("AccessPoint"), &awsefs.AccessPointProps{
		FileSystem: p.FileSystem.FileSystem,
		Path:       &p.Path,
		PosixUser:  p.PosixUser.cdk(),
		CreateAcl:  p.CreationInfo.cdk(),
	})
	return a
}

// AccessPointId is the access point's id, for an output.
func (a *EfsAccessPoint) Id() string { return *a.AccessPoint.AccessPointId() }

// NeedsRootAccess tells whether it makes its clients root, which EFS only does where the role may have root access.
func (a *EfsAccessPoint) NeedsRootAccess() bool { return a.asRoot }

func (u *EfsPosixUser) root() bool { return u != nil && (u.Uid == 0 || u.Gid == 0) }

func (u *EfsPosixUser) cdk() *awsefs.PosixUser {
	if u == nil {
		return nil
	}
	user := &awsefs.PosixUser{Uid: posixId(u.Uid), Gid: posixId(u.Gid)}
	if len(u.SecondaryGids) > 0 {
		gids := make([]*string, len(u.SecondaryGids))
		for i, gid := range u.SecondaryGids {
			gids[i] = posixId(gid)
		}
		user.SecondaryGids = &gids
	}
	return user
}

func (c *EfsCreationInfo) cdk() *awsefs.Acl {
	if c == nil {
		return nil
	}
	return &awsefs.Acl{OwnerUid: posixId(c.OwnerUid), OwnerGid: posixId(c.OwnerGid), Permissions: &c.Permissions}
}

func posixId(id int) *string { return jsii.String(strconv.Itoa(id)) }

func (p *EfsAccessPointProps) setDefaults() {
	if p.Path == "" {
		p.Path = "/"
	}
	switch {
	case p.CreationInfo != nil:
		info := *p.CreationInfo
		p.CreationInfo = &info
	case p.PosixUser != nil && p.Path != "/":
		p.CreationInfo = &EfsCreationInfo{OwnerUid: p.PosixUser.Uid, OwnerGid: p.PosixUser.Gid}
	default:
		return
	}
	if p.CreationInfo.Permissions == "" {
		p.CreationInfo.Permissions = defaultPermissions
	}
}

func (p *EfsAccessPointProps) validate() error {
	var bad invalid.Problems
	if p.FileSystem == nil || p.FileSystem.FileSystem == nil {
		bad.Add("FileSystem", "is missing; make it with storage.NewEfsFileSystem or storage.ImportEfsFileSystem")
	}
	if !invalid.IsToken(p.Path) {
		checkPath(p.Path, &bad)
		switch {
		case p.Path == "/" && p.CreationInfo != nil:
			bad.Add("CreationInfo", `stands beside Path "/", the root of the file system, which is there already; leave it out or give a directory`)
		case p.Path != "/" && p.CreationInfo == nil:
			bad.Add("CreationInfo", "is missing for %q: EFS would not make the directory, and nobody could mount it; give its owner, or a PosixUser", p.Path)
		}
	}
	if p.PosixUser != nil {
		bad.Nest("PosixUser", p.PosixUser.validate())
	}
	if p.CreationInfo != nil {
		bad.Nest("CreationInfo", p.CreationInfo.validate(p.PosixUser))
	}
	return bad.Err()
}

// forbidden are the characters that no directory of an access point has.
// https://docs.aws.amazon.com/efs/latest/ug/API_RootDirectory.html
const forbidden = "$#<>;`|&?{}^*\n"

func checkPath(p string, bad *invalid.Problems) {
	if p == "/" {
		return
	}
	switch {
	case !path.IsAbs(p):
		bad.Add("Path", "%q is not absolute; begin it with /", p)
		return
	case path.Clean(p) != p && !strings.Contains(p, "/."):
		bad.Add("Path", "%q has a / too many; write it as %q", p, path.Clean(p))
	case strings.Contains(p, "/."):
		bad.Add("Path", "%q has a directory that begins with a dot, which EFS refuses; name it otherwise", p)
	case strings.ContainsAny(p, forbidden):
		bad.Add("Path", "%q has a character that EFS refuses; use none of %s", p, strings.TrimSpace(forbidden))
	}
	if len(p) > maxPath {
		bad.Add("Path", "has %d characters; use up to %d", len(p), maxPath)
	}
	if depth := strings.Count(path.Clean(p), "/"); depth > maxDepth {
		bad.Add("Path", "%q is %d directories deep; use up to %d", p, depth, maxDepth)
	}
}

func (u *EfsPosixUser) validate() error {
	var bad invalid.Problems
	checkPosixId("Uid", u.Uid, &bad)
	checkPosixId("Gid", u.Gid, &bad)
	for _, gid := range u.SecondaryGids {
		checkPosixId("SecondaryGids", gid, &bad)
	}
	if n := len(u.SecondaryGids); n > maxSecondaryGids {
		bad.Add("SecondaryGids", "are %d; use up to %d", n, maxSecondaryGids)
	}
	return bad.Err()
}

var permissions = regexp.MustCompile(`^[0-7]{3,4}$`)

func (c *EfsCreationInfo) validate(user *EfsPosixUser) error {
	var bad invalid.Problems
	checkPosixId("OwnerUid", c.OwnerUid, &bad)
	checkPosixId("OwnerGid", c.OwnerGid, &bad)
	switch {
	case !permissions.MatchString(c.Permissions):
		bad.Add("Permissions", `%q are no permissions; write them as three or four octal digits, such as %q`, c.Permissions, defaultPermissions)
	case user != nil && !c.admits(user):
		bad.Add("Permissions", "%q keep PosixUser %d:%d out of the directory of %d:%d; give the directory to it, or let it in",
			c.Permissions, user.Uid, user.Gid, c.OwnerUid, c.OwnerGid)
	}
	return bad.Err()
}

// admits tells whether the user may enter the directory, without which it cannot mount it. Root always may.
// https://docs.aws.amazon.com/efs/latest/ug/enforce-root-directory-access-point.html
func (c *EfsCreationInfo) admits(user *EfsPosixUser) bool {
	digits := c.Permissions[len(c.Permissions)-3:]
	who := digits[2]
	switch {
	case user.Uid == 0:
		return true
	case user.Uid == c.OwnerUid:
		who = digits[0]
	case user.in(c.OwnerGid):
		who = digits[1]
	}
	const enter = 1
	return (who-'0')&enter != 0
}

func (u *EfsPosixUser) in(gid int) bool {
	for _, g := range append([]int{u.Gid}, u.SecondaryGids...) {
		if g == gid {
			return true
		}
	}
	return false
}

func checkPosixId(field string, id int, bad *invalid.Problems) {
	if id < 0 || int64(id) > maxPosixId {
		bad.Add(field, "%d is no POSIX id; use 0 to %d", id, int64(maxPosixId))
	}
}
