package apprunner

import (
	"fmt"
	"regexp"
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
	// RepositoryUrl is the repository: "https://github.com/owner/repository" or "https://bitbucket.org/owner/repository". Required.
	RepositoryUrl string
	// ConnectionArn is the ARN of App Runner's connection to GitHub or Bitbucket, in this account and Region. Create it, and
	// complete its handshake, in the console. Required.
	// https://docs.aws.amazon.com/apprunner/latest/dg/manage-connections.html
	ConnectionArn string
	// Branch is the branch to deploy. Default: "main".
	Branch string
	// SourceDirectory is the service's directory in the repository, "/" at its root. Default: "/".
	SourceDirectory string
	// Runtime is the managed runtime to build and run on. With it the configuration is here: Port, Environment, Secrets,
	// BuildCommand and ServiceProps.StartCommand. Default: none, the repository's apprunner.yaml has the configuration.
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

// retired lists the runtimes whose support ended on 1 December 2025, with the successor, which only Node.js and Python have.
// https://docs.aws.amazon.com/apprunner/latest/dg/service-source-code.html#service-source-code.managed-platforms.eos
var retired = map[Runtime]Runtime{
	"NODEJS_12": NodeJs22, "NODEJS_14": NodeJs22, "NODEJS_16": NodeJs22, "NODEJS_18": NodeJs22, "PYTHON_3": Python311,
	"GO_1": "", "DOTNET_6": "", "PHP_81": "", "RUBY_31": "",
}

const defaultBranch, defaultDirectory = "main", "/"

const (
	repositoryExample = `the URL of a GitHub or Bitbucket repository such as "https://github.com/owner/repository"`
	connectionExample = "arn:aws:apprunner:eu-west-1:111122223333:connection/github/0123456789abcdef0123456789abcdef"
	yamlAdvice        = "set Source.Runtime, or set it in apprunner.yaml"
)

var (
	repositoryUrl = regexp.MustCompile(`^https://(?:github\.com|bitbucket\.org)/[\w.-]+/[\w.-]+$`)
	// https://docs.aws.amazon.com/apprunner/latest/api/API_Connection.html
	connectionArn = regexp.MustCompile(
		`^arn:aws[a-z-]*:apprunner:([a-z0-9-]+):(\d{12}):connection/[A-Za-z0-9][A-Za-z0-9_-]{3,31}(?:/[0-9a-f]{32})?$`,
	)
	serviceOfArn = regexp.MustCompile(`^arn:aws[a-z-]*:([a-z0-9-]+):`)
)

// repository returns the code as App Runner takes it.
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

func (s *Source) validate() error {
	var bad invalid.Problems
	switch {
	case s.RepositoryUrl == "":
		bad.Add("RepositoryUrl", "is required: %s", repositoryExample)
	case invalid.IsToken(s.RepositoryUrl):
	case !repositoryUrl.MatchString(s.RepositoryUrl) || strings.HasSuffix(s.RepositoryUrl, ".git"):
		bad.Add("RepositoryUrl", "must be %s", repositoryExample).Given(s.RepositoryUrl)
	}
	s.checkConnection(&bad)
	if s.SourceDirectory != "" && !invalid.IsToken(s.SourceDirectory) && !strings.HasPrefix(s.SourceDirectory, "/") {
		bad.Add("SourceDirectory", "must begin with /").Given(s.SourceDirectory).Advise("use %q", "/"+strings.TrimPrefix(s.SourceDirectory, "./"))
	}
	if s.Runtime == "" && s.BuildCommand != "" {
		bad.Add("BuildCommand", "requires Runtime, because otherwise the repository's apprunner.yaml sets the build").Given(s.BuildCommand).
			Advise("set Runtime, or set the build in apprunner.yaml")
	}
	if successor, isRetired := retired[s.Runtime]; isRetired {
		bad.Add("Runtime", "must be %s", check.OneOfQuoted(runtimes)).Given(s.Runtime).Fix = retirementAdvice(successor)
	} else {
		check.Known("Runtime", s.Runtime, runtimes, &bad)
	}
	return bad.Err()
}

func retirementAdvice(successor Runtime) string {
	const reason = ", because support for this runtime ended on 1 December 2025"
	if successor == "" {
		return "build an image and set Image" + reason
	}
	return fmt.Sprintf("use %q%s", successor, reason)
}

func (s *Source) checkConnection(bad *invalid.Problems) {
	service := serviceOfArn.FindStringSubmatch(s.ConnectionArn)
	switch {
	case s.ConnectionArn == "":
		bad.Add("ConnectionArn", "is required: the ARN of a connection").
			Advise("create one in the App Runner console and complete its handshake")
	case invalid.IsToken(s.ConnectionArn):
	case service != nil && service[1] != "apprunner":
		bad.Add("ConnectionArn", "must be an App Runner connection, not one of %s", service[1]).Given(s.ConnectionArn).
			Advise("create one in the App Runner console")
	default:
		check.Match("ConnectionArn", s.ConnectionArn, connectionArn, fmt.Sprintf("the ARN of a connection such as %q", connectionExample), bad)
	}
}

// checkPlace refuses a connection of another account or Region than the service's, which may be tokens.
func (s *Source) checkPlace(account, region string, bad *invalid.Problems) {
	arn := connectionArn.FindStringSubmatch(s.ConnectionArn)
	if arn == nil {
		return
	}
	if !invalid.IsToken(region) && arn[1] != region || !invalid.IsToken(account) && arn[2] != account {
		bad.Add("Source.ConnectionArn", "must be in the account and Region of the service, %s in %s", account, region).Given(s.ConnectionArn)
	}
}
