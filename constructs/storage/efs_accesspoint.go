package storage

import (
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsefs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
	"awscontainers/internal/opt"
	"awscontainers/internal/source"
)

// EfsAccessPointProps configure an access point. None of it can be changed later: another value is another access
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

// EfsAccessPoint is an entry to a directory of a file system.
type EfsAccessPoint struct {
	constructs.Construct
	// AccessPoint is the access point as the CDK's own constructs take it.
	AccessPoint awsefs.IAccessPoint
	// FileSystem is the access point's file system.
	FileSystem *EfsFileSystem
	// PosixUser is the user that all its clients are; nil if clients keep theirs, or if the access point is of EfsAccessPointFrom.
	PosixUser *EfsPosixUser
}

// NewEfsAccessPoint creates an access point. It panics with *invalid.Error if the props are invalid.
func NewEfsAccessPoint(scope constructs.Construct, id string, props *EfsAccessPointProps) *EfsAccessPoint {
	p := opt.Value(props)
	p.setDefaults()
	invalid.Refuse(scope, id, p.validate())

	a := &EfsAccessPoint{FileSystem: p.FileSystem, PosixUser: p.PosixUser}
	source.Create(a, scope, id)
	a.AccessPoint = awsefs.NewAccessPoint(a, jsii.String("AccessPoint"), &awsefs.AccessPointProps{
		FileSystem: p.FileSystem.FileSystem,
		Path:       &p.Path,
		PosixUser:  p.PosixUser.cdk(),
		CreateAcl:  p.CreationInfo.cdk(),
	})
	return a
}

// Id returns the access point's ID.
func (a *EfsAccessPoint) Id() string { return *a.AccessPoint.AccessPointId() }

// IsRoot is for this library's packages: it reports whether the user or its group is root, which EFS accepts only from roles with
// GrantRootAccess. It is false for nil.
func (u *EfsPosixUser) IsRoot() bool { return u != nil && (u.Uid == 0 || u.Gid == 0) }

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
	opt.Default(&p.Path, "/")
	if p.PosixUser != nil {
		p.PosixUser = new(*p.PosixUser)
	}
	switch {
	case p.CreationInfo != nil:
		p.CreationInfo = new(*p.CreationInfo)
	case p.PosixUser != nil && p.Path != "/":
		p.CreationInfo = &EfsCreationInfo{OwnerUid: p.PosixUser.Uid, OwnerGid: p.PosixUser.Gid}
	default:
		return
	}
	opt.Default(&p.CreationInfo.Permissions, defaultPermissions)
}

// Validate returns all problems of the props, or nil.
func (p *EfsAccessPointProps) Validate() error {
	q := opt.Value(p)
	q.setDefaults()
	return q.validate()
}

func (p *EfsAccessPointProps) validate() error {
	var bad invalid.Problems
	checkFileSystem(p.FileSystem, &bad)
	if !invalid.IsToken(p.Path) {
		checkPath(p.Path, &bad)
		switch {
		case p.Path == "/" && p.CreationInfo != nil:
			bad.Add("CreationInfo", `requires a Path other than "/", the root of the file system, which exists already`).
				Advise("set Path or remove it")
		case p.Path != "/" && p.CreationInfo == nil:
			bad.Add("CreationInfo", "is required with Path %q unless PosixUser is set, because otherwise EFS doesn't create the directory", p.Path)
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
		bad.Add("Path", "must begin with /").Given(p)
		return
	case strings.Contains(p, "/."):
		bad.Add("Path", "must not have directories that begin with a dot").Given(p)
	case path.Clean(p) != p:
		bad.Add("Path", "must not end with / or have two in a row").Given(p).Advise("use %q", path.Clean(p))
	case strings.ContainsAny(p, forbidden):
		bad.Add("Path", "must not contain any of %s", strings.TrimSpace(forbidden)).Given(p)
	}
	if len(p) > maxPath {
		bad.Add("Path", "must have at most %d characters", maxPath).Given(p)
	}
	if depth := strings.Count(path.Clean(p), "/"); depth > maxDepth {
		bad.Add("Path", "must be at most %d directories deep", maxDepth).Given(p)
	}
}

func (u *EfsPosixUser) validate() error {
	var bad invalid.Problems
	checkPosixId("Uid", u.Uid, &bad)
	checkPosixId("Gid", u.Gid, &bad)
	for i, gid := range u.SecondaryGids {
		checkPosixId(check.Index("SecondaryGids", i), gid, &bad)
	}
	check.MaxLen("SecondaryGids", len(u.SecondaryGids), maxSecondaryGids, &bad)
	return bad.Err()
}

var permissions = regexp.MustCompile(`^[0-7]{3,4}$`)

func (c *EfsCreationInfo) validate(user *EfsPosixUser) error {
	var bad invalid.Problems
	checkPosixId("OwnerUid", c.OwnerUid, &bad)
	checkPosixId("OwnerGid", c.OwnerGid, &bad)
	switch {
	case !permissions.MatchString(c.Permissions):
		bad.Add("Permissions", "must be three or four octal digits such as %q", defaultPermissions).Given(c.Permissions)
	case user != nil && !c.isOpenTo(user):
		bad.Add("Permissions", "must let PosixUser %d:%d enter the directory of %d:%d", user.Uid, user.Gid, c.OwnerUid, c.OwnerGid).
			Given(c.Permissions).Advise("make PosixUser the owner, or permit it to enter")
	}
	return bad.Err()
}

// isOpenTo reports whether the user may enter the directory, without which it cannot mount it. Root always may.
// https://docs.aws.amazon.com/efs/latest/ug/enforce-root-directory-access-point.html
func (c *EfsCreationInfo) isOpenTo(user *EfsPosixUser) bool {
	digits := c.Permissions[len(c.Permissions)-3:]
	who := digits[2]
	switch {
	case user.Uid == 0:
		return true
	case user.Uid == c.OwnerUid:
		who = digits[0]
	case user.isIn(c.OwnerGid):
		who = digits[1]
	}
	const enter = 1
	return (who-'0')&enter != 0
}

func (u *EfsPosixUser) isIn(group int) bool {
	return u.Gid == group || slices.Contains(u.SecondaryGids, group)
}

func checkPosixId(field string, id int, bad *invalid.Problems) {
	if id < 0 || int64(id) > maxPosixId {
		bad.Add(field, "must be an integer from 0 to %d", int64(maxPosixId)).Given(id)
	}
}
