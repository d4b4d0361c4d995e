package ids

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"

	"awscontainers/constructs/invalid"
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
// new resources before it deletes old ones, and AWS has room for one rule, subscription or channel. Of a token it takes what
// CloudFormation will read, such as the logical ID and attribute, which don't change from one synth to the next.
func Named(scope constructs.Construct, prefix string, values ...string) string {
	hash := fnv.New32a()
	for _, v := range values {
		_, _ = hash.Write([]byte(Resolved(scope, v) + "\n")) // it never fails
	}
	return fmt.Sprintf("%s-%08x", prefix, hash.Sum32())
}

// Resolved gives a value as the template has it, in JSON; two tokens for one thing give the same. A reference to another stack has that
// stack's name behind it, because logical IDs are unique only within a stack.
func Resolved(scope constructs.Construct, value string) string {
	here := awscdk.Stack_Of(scope)
	text, err := json.Marshal(here.Resolve(value))
	if err != nil {
		panic(fmt.Sprintf("a resolved value is not JSON: %v", err)) // the CDK makes templates of it
	}
	if !invalid.IsToken(value) {
		return string(text)
	}
	for _, token := range *awscdk.Tokenization_ReverseString(&value).Tokens() {
		reference, isReference := token.(awscdk.Reference)
		if !isReference {
			continue
		}
		if there := awscdk.Stack_Of(reference.Target()); *there.Node().Path() != *here.Node().Path() {
			text = append(text, " of "+*there.StackName()...)
		}
	}
	return string(text)
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

// Lasting gives the path of a construct that is not made yet, from the name of its stack in CloudFormation on: it stays the same if the
// stack moves within the app, into a Stage for example, as logical IDs do.
func Lasting(scope constructs.Construct, id string) string {
	stack := awscdk.Stack_Of(scope)
	for stack.NestedStackParent() != nil {
		stack = stack.NestedStackParent()
	}
	return *stack.StackName() + strings.TrimPrefix(Path(scope, id), *stack.Node().Path())
}
