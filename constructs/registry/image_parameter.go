package registry

import (
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
)

// This file is for images that a pipeline chooses: which one runs is a parameter of the stack, so that the template is the same
// whatever runs.

// FromDigestParameter uses an image of a repository whose digest ("sha256:...") is a parameter of the stack, such as "ImageDigest".
// The template doesn't name the image. `cdk deploy` keeps the parameter's value, so a deployment of the infrastructure never changes
// which image runs; a pipeline updates the stack with its previous template and another value, and so changes nothing but the image and
// what the stack reads from SSM, such as the default AMI of an Ec2Capacity.
// The parameter has no default: the first deployment requires a value, `--parameters STACK:ImageDigest=sha256:...`, and so an image that
// is already in the repository. Images of one repository in one stack can share a parameter, such as those of a service and of its
// Migration.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
func FromDigestParameter(repository awsecr.IRepository, parameterName string) Image {
	if repository == nil {
		return Image{}
	}
	return Image{repository: repository, parameter: imageParameter{parameterName, ofDigest}}
}

// FromTagParameter uses an image of a repository whose tag is a parameter of the stack, as FromDigestParameter does for a digest. It is
// refused unless the repository comes from NewRepository without MutableTags: a tag that can move would change what runs without a
// deployment.
func FromTagParameter(repository *Repository, parameterName string) Image {
	if repository == nil {
		return Image{}
	}
	return Image{construct: repository, repository: repository.Repository, parameter: imageParameter{parameterName, ofTag}}
}

// FromSsmParameter uses an image of a repository whose digest ("sha256:...") an SSM parameter holds, "/shop/web/digest". The parameter
// must exist, of type String, in the account and Region of the stack. CloudFormation reads it anew at each deployment: one of the
// infrastructure changes the image too, if the parameter holds another digest by then. That is right if a pipeline writes the digests that
// it wants deployed and then updates the stack; use FromDigestParameter to let only the pipeline change the image.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html
func FromSsmParameter(repository awsecr.IRepository, ssmParameterName string) Image {
	if repository == nil {
		return Image{}
	}
	return Image{repository: repository, parameter: imageParameter{ssmParameterName, inSsm}}
}

// imageParameter is a parameter that holds an image's digest or tag.
type imageParameter struct {
	name string
	kind parameterKind
}

type parameterKind string

const (
	ofDigest parameterKind = "digest"
	ofTag    parameterKind = "tag"
	inSsm    parameterKind = "SSM"
)

// The forms of names and values.
var (
	// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
	parameterName = regexp.MustCompile(`^[A-Za-z0-9]{1,255}$`)
	// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
	ssmName = regexp.MustCompile(`^(/[A-Za-z0-9._-]+){1,15}$|^[A-Za-z0-9._-]+$`)
)

const (
	digestForm = "^sha256:[0-9a-f]{64}$"
	// https://github.com/opencontainers/distribution-spec/blob/main/spec.md
	tagForm = "^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$"
)

func (p imageParameter) isSet() bool { return p.kind != "" }

// checkParameter refuses a parameter that CloudFormation or SSM doesn't take, and a tag that can move.
func (i Image) checkParameter(bad *invalid.Problems) {
	p := i.parameter
	switch {
	case p.kind == inSsm && !ssmName.MatchString(p.name):
		bad.Add("", `must have the name of an SSM parameter such as "/shop/web/digest"`).Given(p.name)
	case p.kind != inSsm && !parameterName.MatchString(p.name):
		bad.Add("", `must have a parameter name of 1 to 255 letters and digits such as "ImageDigest"`).Given(p.name)
	}
	if p.kind == ofTag && !i.construct.immutable {
		bad.Add("", "must be in a repository of registry.NewRepository without MutableTags, because a tag that moves changes what runs without "+
			"a deployment").Advise("use registry.FromDigestParameter")
	}
}

// parameterUri returns the image's URI, with a reference to the parameter, which it creates in the stack that is deployed, unless
// another image has.
func (i Image) parameterUri(scope constructs.Construct) string {
	p := i.parameter
	if p.kind == inSsm {
		return *i.repository.RepositoryUriForDigest(awsssm.StringParameter_ValueForStringParameter(scope, &p.name, nil))
	}
	value := i.stackParameter(scope).ValueAsString()
	if p.kind == ofTag {
		return *i.repository.RepositoryUriForTag(value)
	}
	return *i.repository.RepositoryUriForDigest(value)
}

// repositoryText is the repository's name, or its path if CloudFormation chooses the name: the same for each import of a repository.
func (i Image) repositoryText() string {
	if name := i.repository.RepositoryName(); !*awscdk.Token_IsUnresolved(name) {
		return *name
	}
	return *i.repository.Node().Path()
}

func (i Image) stackParameter(scope constructs.Construct) awscdk.CfnParameter {
	p := i.parameter
	props := &awscdk.CfnParameterProps{
		Type:                  jsii.String("String"),
		Description:           jsii.String("The image of " + i.repositoryText() + " that runs, by its " + string(p.kind)),
		AllowedPattern:        jsii.String(digestForm),
		ConstraintDescription: jsii.String(`must be the digest of an image, "sha256:" and 64 hexadecimal digits`),
	}
	if p.kind == ofTag {
		props.AllowedPattern, props.ConstraintDescription = jsii.String(tagForm), jsii.String("must be the tag of an image")
	}
	stack := awscdk.Stack_Of(scope)
	for stack.NestedStackParent() != nil {
		stack = stack.NestedStackParent() // whoever deploys it gives the values
	}
	existing := stack.Node().TryFindChild(&p.name)
	if existing == nil {
		return awscdk.NewCfnParameter(stack, &p.name, props)
	}
	parameter, isParameter := existing.(awscdk.CfnParameter)
	if !isParameter || parameter.Description() == nil || *parameter.Description() != *props.Description {
		var bad invalid.Problems
		bad.Add("Image", "must have a parameter of its own, because the stack has a %q for something else", p.name).
			Advise("choose another name")
		invalid.Panic(*scope.Node().Path(), bad)
	}
	return parameter
}
