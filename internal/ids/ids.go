package ids

import (
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
)

// Suffix tells the ids of a list's constructs apart: the first has none, then come "2", "3" and so on. So adding a second
// element does not rename, and replace, the first.
func Suffix(i int) string {
	if i == 0 {
		return ""
	}
	return strconv.Itoa(i + 1)
}

// Named tells the ids of a list's constructs apart by what they stand for, wherever it stands in the list: CloudFormation creates
// new resources before it deletes old ones, and AWS has room for one rule, subscription or channel. A value that is unknown at
// synth time has its place in the list.
func Named(prefix string, i int, values ...string) string {
	hash := fnv.New32a()
	for _, v := range values {
		if strings.Contains(v, "${Token[") {
			return prefix + Suffix(i)
		}
		_, _ = hash.Write([]byte(v + "\n")) // it never fails
	}
	return fmt.Sprintf("%s-%08x", prefix, hash.Sum32())
}

// Path gives the path of a construct that is not made yet, as its Node().Path() will be.
func Path(scope constructs.Construct, id string) string {
	id = strings.ReplaceAll(id, "/", "--") // as constructs does
	if parent := *scope.Node().Path(); parent != "" {
		return parent + "/" + id
	}
	return id
}

// StackPath gives the path of the stack that holds a construct.
func StackPath(scope constructs.IConstruct) string { return *awscdk.Stack_Of(scope).Node().Path() }
