package settings

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
	"awscontainers/internal/secretarn"
)

// The keys of stacks that run a container of the user's. The image is for the processor architecture of the stack.
var (
	directoryKey = key{
		Name: "directory", Check: isDirectory,
		Doc: "the directory of a Dockerfile, relative to where `cdk` runs: `deploy` builds it for the same architecture and pushes it, " +
			"in place of " +
			"`image`, which requires Docker, Finch or Podman",
	}
	imageRepositoryKey = key{
		Name: "imageRepository", Check: check.RepositoryName,
		Doc: "the name of an existing ECR repository in the same account and Region, in place of `image`: the digest of the image that runs is " +
			"then the stack's parameter `ImageDigest`, which a pipeline changes and deployments of the stack keep. The first deployment requires " +
			"`--parameters <stack>:ImageDigest=sha256:...`",
	}
	imageCredentialsKey = key{
		Name: "imageCredentialsSecret", Prop: "ImageCredentialsSecretArn", Check: isWholeSecret,
		Doc: "the complete ARN of a secret with the user name and the password for the registry of `image`, as " +
			"`{\"username\": \"...\", \"password\": \"...\"}`; not for images of Amazon ECR",
	}
	commandKey = key{
		Name: "command",
		Doc: "the command that the container runs, its words separated by commas, `npm,start`, or as a JSON array, " +
			"`[\"sh\", \"-c\", \"echo a,b\"]`; otherwise the image's own",
	}
	environmentKey = key{
		Name: "environment",
		Doc: "variables of the container: an object in cdk.json, or `-c <stack>.environment=LOG_LEVEL=debug,REGION_NAME=x`. Everybody who " +
			"can read the task definition sees them",
	}
	secretsKey = key{
		Name: "secrets", Prop: "SecretArns",
		Doc: "variables with secrets, by complete ARN, written the same way: `DB_PASSWORD=arn:aws:secretsmanager:eu-west-1:111122223333:" +
			"secret:db-a1b2c3:password` is the value of the key `password` in that secret; without `:password` it is the whole secret. ARNs of " +
			"SSM parameters work too",
	}
	memoryKey = key{
		Name: "memoryMiB", Prop: "MemoryLimitMiB",
		Doc: "the memory of a task in MiB, one of the sizes that Fargate offers with the CPU units; otherwise the smallest of these",
	}
)

const (
	minFargateCpu, maxFargateCpu       = 256, 32768
	minFargateMemory, maxFargateMemory = 512, 249856
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html
	maxTasks = 5000
)

// cpu reads the CPU units of a task on Fargate, 0 if they are not set. The text says what they are then.
func (r *reader) cpu(otherwise string) int {
	return r.integer(key{
		Name: "cpu",
		Doc: "the CPU units of a task, 1024 to a vCPU: 256, 512, 1024, 2048, 4096, 8192, 16384 or 32768; otherwise " + otherwise +
			", or the fewest with which Fargate offers `memoryMiB`",
	}, minFargateCpu, maxFargateCpu)
}

func (r *reader) memory() int { return r.integer(memoryKey, minFargateMemory, maxFargateMemory) }

// image reads an image, whose default doesn't apply with a directory to build, or a repository whose images a pipeline chooses.
func (r *reader) image(k key) string {
	k.Check = isImage
	if r.isSet("directory") || r.isSet(imageRepositoryKey.Name) {
		k.Default = ""
	}
	return r.text(k)
}

// tasks reads the minimum and maximum number of tasks. If one is set beyond the default of the other, that follows. The texts say whose
// tasks they are, and what else there is to say about the maximum.
func (r *reader) tasks(of, about string) (minimum, maximum int) {
	minimum = r.integer(key{
		Name: "minTasks", Default: strconv.Itoa(r.profile.minTasks),
		Doc: "the minimum number of tasks" + of + "; " + strconv.Itoa(profiles[prod].minTasks) + " in `prod`",
	}, 1, maxTasks)
	maximum = r.integer(key{
		Name: "maxTasks", Default: strconv.Itoa(max(r.profile.maxTasks, minimum)),
		Doc: "the maximum number of tasks" + of + "; " + strconv.Itoa(profiles[prod].maxTasks) + " in `prod`" + about,
	}, 1, maxTasks)
	if !r.isSet("minTasks") {
		minimum = min(minimum, maximum)
	}
	return minimum, maximum
}

// words reads a command: a string with commas, as -c gives it, or an array, as cdk.json may, whose words may have commas in them.
func (r *reader) words(k key) (words []string) {
	name, value := r.read(k, "list of strings")
	switch given := value.(type) {
	case nil:
		return splitList(k.Default)
	case string:
		words = splitList(given)
		const wanted = "must be the words of a command, separated by commas"
		switch {
		case slices.Contains(words, "") || slices.ContainsFunc(words, isCut):
			r.bad.Add(name, wanted).Given(given).Advise(`write an array, such as ["sh", "-c", "echo a,b"]`)
		case strings.Contains(words[0], " "):
			r.bad.Add(name, wanted).Given(given).Advise("write %s, or an array in cdk.json", strings.Join(strings.Fields(given), ","))
		}
	case []any:
		for _, v := range given {
			if word, isText := v.(string); isText {
				words = append(words, word)
			} else {
				r.refuseType(name, v, "must be an array of strings")
			}
		}
		if len(given) == 0 {
			r.refuseEmpty(name, k)
		}
	default:
		r.refuse(name, value, "must be a string with commas or an array of strings")
		return nil
	}
	return slices.DeleteFunc(words, func(word string) bool { return !r.accepts(name, word, nil) })
}

// isCut reports whether a word has quotes that another word closes, because a comma is between them.
func isCut(word string) bool {
	return strings.Count(word, `"`)%2 != 0 || strings.Count(word, "'")%2 != 0
}

func isWholeSecret(field, value string, bad *invalid.Problems) {
	secretarn.CheckWhole(field, value, bad)
}

// Names that programs and shells can read.
var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]*$`)

// variables reads the names and values of environment variables; nil if none is set.
func (r *reader) variables(k key) map[string]string {
	variables := r.pairs(k)
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		if !variableName.MatchString(name) {
			r.bad.Add(r.whole(k.Name), "must have names of letters, digits and _.- that don't begin with a digit").Given(name)
		}
	}
	return variables
}

// secrets reads the names of environment variables and the ARNs of secrets; nil if none is set.
func (r *reader) secrets() map[string]string {
	before := len(r.bad)
	arns := r.variables(secretsKey)
	for i := before; i < len(r.bad); i++ {
		p := &r.bad[i]
		isOfValue := strings.HasPrefix(p.Wanted, "must be ") || strings.HasPrefix(p.Wanted, "must not contain ")
		if isOfValue && !strings.Contains(p.Got, "arn:") {
			p.Got = "" // it may be the secret itself, which nobody wants in a log
		}
	}
	for _, name := range slices.Sorted(maps.Keys(arns)) {
		secretarn.Check(r.whole(secretsKey.Name)+"."+name, arns[name], &r.bad)
	}
	return arns
}
