package apprunner

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsapprunner"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
	"awscontainers/internal/opt"
)

// Source is code that App Runner builds and runs.
// https://docs.aws.amazon.com/apprunner/latest/dg/service-source-code.html
type Source struct {
	// RepositoryUrl is where the code is: "https://github.com/owner/repository" or "https://bitbucket.org/owner/repository". Required.
	RepositoryUrl string
	// ConnectionArn is the ARN of App Runner's connection to GitHub or Bitbucket, in this account and Region. A person makes it in the
	// console, and there completes its handshake. Required.
	// https://docs.aws.amazon.com/apprunner/latest/dg/manage-connections.html
	ConnectionArn string
	// Branch is what to deploy. Default: "main".
	Branch string
	// SourceDirectory is where the service is in the repository, "/" at its root. Default: "/".
	SourceDirectory string
	// Runtime is the platform to build and run on. With it the configuration is here: Port, Environment, Secrets, BuildCommand and
	// ServiceProps.StartCommand. Default: none, all that stands in the repository's apprunner.yaml.
	// https://docs.aws.amazon.com/apprunner/latest/dg/config-file.html
	Runtime Runtime
	// BuildCommand builds the program, with Runtime: "npm ci". Default: nothing to build.
	BuildCommand string
}

// Runtime is one of App Runner's managed runtimes.
// https://docs.aws.amazon.com/apprunner/latest/dg/service-source-code.html
type Runtime string

// The runtimes that App Runner supports.
const (
	// NodeJs22 is Node.js 22.
	NodeJs22 Runtime = "NODEJS_22"
	// Python311 is Python 3.11.
	Python311 Runtime = "PYTHON_311"
	// Corretto11 is Java 11.
	Corretto11 Runtime = "CORRETTO_11"
	// Corretto8 is Java 8.
	Corretto8 Runtime = "CORRETTO_8"
)

var runtimes = []Runtime{NodeJs22, Python311, Corretto11, Corretto8}

// retired are those that had their end on 1 December 2025, with no other of their language but for Node.js and Python.
// https://docs.aws.amazon.com/apprunner/latest/dg/service-source-code.html#service-source-code.managed-platforms.eos
var retired = map[Runtime]Runtime{
	"NODEJS_12": NodeJs22, "NODEJS_14": NodeJs22, "NODEJS_16": NodeJs22, "NODEJS_18": NodeJs22, "PYTHON_3": Python311,
	"GO_1": "", "DOTNET_6": "", "PHP_81": "", "RUBY_31": "",
}

const defaultBranch, defaultDirectory = "main", "/"

var (
	repositoryUrl = regexp.MustCompile(`^https://(?:github\.com|bitbucket\.org)/[\w.-]+/[\w.-]+$`)
	// https://docs.aws.amazon.com/apprunner/latest/api/API_Connection.html
	connectionArn = regexp.MustCompile(`^arn:aws[a-z-]*:apprunner:([a-z0-9-]+):(\d{12}):connection/[A-Za-z0-9][A-Za-z0-9_-]{3,31}(?:/[0-9a-f]{32})?$`)
	serviceOfArn  = regexp.MustCompile(`^arn:aws[a-z-]*:([a-z0-9-]+):`)
)

// repository is the code as App Runner takes it.
func (s *Source) repository(p *ServiceProps) *awsapprunner.CfnService_CodeRepositoryProperty {
	configuration := &awsapprunner.CfnService_CodeConfigurationProperty{ConfigurationSource: jsii.String("REPOSITORY")}
	if s.Runtime != "" {
		configuration.ConfigurationSource = jsii.String("API")
		configuration.CodeConfigurationValues = &awsapprunner.CfnService_CodeConfigurationValuesProperty{
			Runtime: jsii.String(string(s.Runtime)), BuildCommand: opt.String(s.BuildCommand), StartCommand: &p.StartCommand,
			Port:                        jsii.String(fmt.Sprint(p.Port)),
			RuntimeEnvironmentVariables: p.variables(), RuntimeEnvironmentSecrets: p.secrets(),
		}
	}
	branch, directory := s.Branch, s.SourceDirectory
	opt.Default(&branch, defaultBranch)
	opt.Default(&directory, defaultDirectory)
	return &awsapprunner.CfnService_CodeRepositoryProperty{
		RepositoryUrl:     &s.RepositoryUrl,
		SourceDirectory:   &directory,
		SourceCodeVersion: &awsapprunner.CfnService_SourceCodeVersionProperty{Type: jsii.String("BRANCH"), Value: &branch},
		CodeConfiguration: configuration,
	}
}

// validate takes the account and the Region of the service, which may be tokens.
func (s *Source) validate(account, region string) error {
	var bad invalid.Problems
	switch {
	case s.RepositoryUrl == "":
		bad.Add("RepositoryUrl", `is empty; write it as "https://github.com/owner/repository"`)
	case invalid.IsToken(s.RepositoryUrl):
	case !repositoryUrl.MatchString(s.RepositoryUrl) || strings.HasSuffix(s.RepositoryUrl, ".git"):
		bad.Add("RepositoryUrl", `%q is no repository of GitHub or Bitbucket; write it as "https://github.com/owner/repository"`, s.RepositoryUrl)
	}
	s.checkConnection(account, region, &bad)
	if s.SourceDirectory != "" && !invalid.IsToken(s.SourceDirectory) && !strings.HasPrefix(s.SourceDirectory, "/") {
		bad.Add("SourceDirectory", "%q does not begin with /; write %q", s.SourceDirectory, "/"+strings.TrimPrefix(s.SourceDirectory, "./"))
	}
	if s.Runtime == "" && s.BuildCommand != "" {
		bad.Add("BuildCommand", "%q stands without a Runtime, and then the repository's apprunner.yaml says how to build; give Runtime too, or write it there", s.BuildCommand)
	}
	s.checkRuntime(&bad)
	return bad.Err()
}

func (s *Source) checkRuntime(bad *invalid.Problems) {
	if s.Runtime == "" || slices.Contains(runtimes, s.Runtime) {
		return
	}
	successor, gone := retired[s.Runtime]
	switch {
	case gone && successor != "":
		bad.Add("Runtime", "%q is retired since 1 December 2025; use %q", s.Runtime, successor)
	case gone:
		bad.Add("Runtime", "%q is retired since 1 December 2025, with no successor; build an image and give it as Image", s.Runtime)
	default:
		bad.Add("Runtime", "%q is no runtime of App Runner; use %s", s.Runtime, check.OneOfQuoted(runtimes))
	}
}

func (s *Source) checkConnection(account, region string, bad *invalid.Problems) {
	const example = "arn:aws:apprunner:eu-west-1:111122223333:connection/github/0123456789abcdef0123456789abcdef"
	arn := connectionArn.FindStringSubmatch(s.ConnectionArn)
	service := serviceOfArn.FindStringSubmatch(s.ConnectionArn)
	switch {
	case s.ConnectionArn == "":
		bad.Add("ConnectionArn", "is empty; make a connection in the console of App Runner, complete its handshake and give its ARN")
	case invalid.IsToken(s.ConnectionArn):
	case arn == nil && service != nil && service[1] != "apprunner":
		bad.Add("ConnectionArn", "%q is of %s, and App Runner takes connections of its own alone; make one in the console of App Runner", s.ConnectionArn, service[1])
	case arn == nil:
		bad.Add("ConnectionArn", "%q is not the ARN of a connection; write it as %q", s.ConnectionArn, example)
	case !invalid.IsToken(region) && arn[1] != region, !invalid.IsToken(account) && arn[2] != account:
		bad.Add("ConnectionArn", "%q is of account %s in %s, and the service of %s in %s; use a connection of the service's own", s.ConnectionArn, arn[2], arn[1], account, region)
	}
}
