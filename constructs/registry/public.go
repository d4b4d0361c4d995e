package registry

import (
	"slices"
	"unicode/utf8"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
	"awscontainers/internal/opt"
	"awscontainers/internal/source"
)

// PublicRepositoryProps configure a repository that the whole world may pull from.
type PublicRepositoryProps struct {
	// RepositoryName is the name after the registry's alias in public.ecr.aws/<alias>/<name>. Default: CloudFormation makes one.
	RepositoryName string
	// Description is what the gallery shows in its lists, up to 1024 characters. Default: none.
	// https://docs.aws.amazon.com/AmazonECR/latest/public/public-repository-catalog-data.html
	Description string
	// AboutText and UsageText are the pages of the gallery, in Markdown, up to 10,240 characters each. Default: none.
	AboutText, UsageText string
	// Architectures are what the gallery says the images run on: "ARM", "ARM 64", "x86", "x86-64". Default: none.
	Architectures []string
	// OperatingSystems are, likewise, "Linux" and "Windows". Default: none.
	OperatingSystems []string
	// RemovalPolicy determines whether the repository is deleted with the stack, which requires that it is empty. Default:
	// awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE, which retains it, except that of a deployment that fails.
	RemovalPolicy awscdk.RemovalPolicy
}

// PublicRepository is a repository of ECR Public.
type PublicRepository struct {
	constructs.Construct
	// Repository is the CDK's own: it has no construct of higher level for these.
	Repository awsecr.CfnPublicRepository
}

// publicRegion is the one where the API of ECR Public is.
// https://docs.aws.amazon.com/AmazonECR/latest/public/public-registries.html
const publicRegion = "us-east-1"

// NewPublicRepository creates a repository that anybody may pull from, without credentials and without a policy for that, and
// that only this account may push to. Its stack must be in us-east-1. It panics with *invalid.Error if the props are invalid.
// https://docs.aws.amazon.com/AmazonECR/latest/public/public-repositories.html
func NewPublicRepository(scope constructs.Construct, id string, props *PublicRepositoryProps) *PublicRepository {
	p := opt.Value(props)
	opt.Default(&p.RemovalPolicy, awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE)
	invalid.Refuse(scope, id, p.Validate(), p.validateIn(homeOf(scope)))

	r := &PublicRepository{}
	source.Create(r, scope, id)
	r.Repository = awsecr.NewCfnPublicRepository(r, jsii.String("Repository"), &awsecr.CfnPublicRepositoryProps{
		RepositoryName:        opt.String(p.RepositoryName),
		RepositoryCatalogData: p.catalogData(),
	})
	r.Repository.ApplyRemovalPolicy(p.RemovalPolicy, nil)
	return r
}

// Name returns the repository's name. The registry's alias, the other part of its URI, is not known at deployment.
func (r *PublicRepository) Name() string { return *r.Repository.Ref() }

// catalogData is plain JSON to the CDK, which would leave the names of its own type for it as they are in Go.
func (p *PublicRepositoryProps) catalogData() any {
	data := map[string]any{}
	for name, text := range map[string]string{"RepositoryDescription": p.Description, "AboutText": p.AboutText, "UsageText": p.UsageText} {
		if text != "" {
			data[name] = text
		}
	}
	for name, list := range map[string][]string{"Architectures": p.Architectures, "OperatingSystems": p.OperatingSystems} {
		if len(list) > 0 {
			data[name] = list
		}
	}
	if len(data) == 0 {
		return nil
	}
	return data
}

// What the gallery shows; anything else it takes and leaves out.
// https://docs.aws.amazon.com/AmazonECRPublic/latest/APIReference/API_RepositoryCatalogDataInput.html
var (
	galleryArchitectures    = []string{"ARM", "ARM 64", "x86", "x86-64"}
	galleryOperatingSystems = []string{"Linux", "Windows"}
)

// Validate returns all problems of the props, or nil. NewPublicRepository also checks the stack's Region.
func (p *PublicRepositoryProps) Validate() error {
	p = opt.NotNil(p)
	var bad invalid.Problems
	check.RepositoryName("RepositoryName", p.RepositoryName, &bad)
	checkLength("Description", p.Description, 1024, &bad)
	checkLength("AboutText", p.AboutText, 10240, &bad)
	checkLength("UsageText", p.UsageText, 10240, &bad)
	checkGallery("Architectures", p.Architectures, galleryArchitectures, &bad)
	checkGallery("OperatingSystems", p.OperatingSystems, galleryOperatingSystems, &bad)
	check.RemovalPolicy("RemovalPolicy", p.RemovalPolicy, &bad)
	return bad.Err()
}

// validateIn judges the props by the stack's Region.
func (p *PublicRepositoryProps) validateIn(h home) error {
	var bad invalid.Problems
	if h.region != publicRegion {
		problem := bad.Add("", "requires a stack in %s, the only Region of ECR Public", publicRegion)
		if !invalid.IsToken(h.region) {
			problem.Given(h.region)
		}
	}
	return bad.Err()
}

func checkLength(field, text string, maximum int, bad *invalid.Problems) {
	if n := utf8.RuneCountInString(text); n > maximum {
		bad.Add(field, "must have at most %d characters", maximum).Given(n)
	}
}

func checkGallery(field string, given, shown []string, bad *invalid.Problems) {
	for i, g := range given {
		if !slices.Contains(shown, g) {
			bad.Add(check.Index(field, i), "must be %s", check.OneOfQuoted(shown)).Given(g)
		}
	}
}
