package settings

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/stacks"
)

// What is refused of the keys with which a container of the user's runs.
func TestRefusalsOfOwnContainers(t *testing.T) {
	type context = map[string]any
	const (
		isArn = `must be the complete ARN of a Secrets Manager secret such as "arn:aws:secretsmanager:eu-west-1:111122223333:secret:` +
			`db-a1b2c3", followed by ":" and a key of its JSON for that key's value, or the ARN of an SSM parameter`
		names   = "must have names of letters, digits and _.- that don't begin with a digit"
		pairs   = "must be name=value pairs"
		manager = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:"
	)
	for name, c := range map[string]struct {
		context context
		want    string
	}{
		"directory that isn't there": {context{"FargateWeb.directory": "../my-app"},
			`FargateWeb.directory: must be a directory that exists, relative to the working directory; got "../my-app"`},
		"home directory": {context{"NlbService.directory": "~/my-app"},
			`NlbService.directory: must be a directory that exists, relative to the working directory; got "~/my-app"; use $HOME instead of ~`},
		"file": {context{"Ec2Web.directory": "doc.go"},
			`Ec2Web.directory: must be a directory, not a file; got "doc.go"; use the directory of the Dockerfile`},
		"no Dockerfile": {context{"ScheduledTask.directory": "testdata"},
			`ScheduledTask.directory: requires a Dockerfile at "testdata/Dockerfile", relative to the working directory`},
		"no directory for events": {context{"EventDrivenTask.directory": "my-app"},
			`EventDrivenTask.directory: must be a directory that exists, relative to the working directory; got "my-app"`},
		"image and directory": {context{"ExpressService.image": "web:1", "ExpressService.directory": builtDirectory},
			`ExpressService.directory: must not be set together with image; got "testdata/web"; remove one of them`},
		"two APIs": {context{"FargateWeb.apiImage": "api:1", "FargateWeb.apiDirectory": builtDirectory},
			`FargateWeb.apiDirectory: must not be set together with apiImage; got "testdata/web"; remove one of them`},

		"variable without value": {context{"FargateWeb.environment": "LOG_LEVEL"},
			"FargateWeb.environment: " + pairs + `; got "LOG_LEVEL"; write values with commas in cdk.json`},
		"value with a comma": {context{"FargateWeb.environment": "HOSTS=a,b"},
			"FargateWeb.environment: " + pairs + `; got "b"; write values with commas in cdk.json`},
		"variable twice":  {context{"FargateWeb.environment": "A=1,A=2"}, `FargateWeb.environment: must not repeat a name; got "A"`},
		"name with space": {context{"FargateWeb.environment": "LOG LEVEL=debug"}, "FargateWeb.environment: " + names + `; got "LOG LEVEL"`},
		"no name":         {context{"FargateWeb.environment": "=debug"}, "FargateWeb.environment: " + names + `; got ""`},
		"digit first": {context{"FargateWeb": context{"environment": context{"1ST": "x"}}},
			"FargateWeb.environment: " + names + `; got "1ST"`},
		"number": {context{"FargateWeb": context{"environment": context{"N": 1.0}}},
			"FargateWeb.environment.N: must be a string; got 1; write it in quotes"},
		"no variables": {context{"FargateWeb.environment": ""}, "FargateWeb.environment: must not be empty; remove it for none"},
		"empty object": {context{"FargateWeb": context{"environment": context{}}},
			"FargateWeb.environment: must not be empty; remove it for none"},

		"secret by name": {context{"FargateWeb.secrets": "DB=db-password"}, "FargateWeb.secrets.DB: " + isArn},
		"secret itself":  {context{"ScheduledTask": context{"secrets": context{"DB": "hunter2"}}}, "ScheduledTask.secrets.DB: " + isArn},
		"secret only":    {context{"FargateWeb.secrets": "hunter2"}, "FargateWeb.secrets: " + pairs + "; write values with commas in cdk.json"},
		"secrets in a list": {context{"FargateWeb": context{"secrets": []any{"hunter2"}}},
			"FargateWeb.secrets: " + pairs + " or an object of strings"},
		"wrong service": {context{"FargateWeb.secrets": "DB=arn:aws:kms:eu-west-1:111122223333:key/1"}, "FargateWeb.secrets.DB: " + isArn +
			`; got "arn:aws:kms:eu-west-1:111122223333:key/1"`},
		"partial ARN": {context{"ExpressService.secrets": "DB=" + manager + "shop/db"},
			"ExpressService.secrets.DB: must be a complete ARN, which ends in a hyphen and the six characters that Secrets Manager adds to the " +
				`name; got "` + manager + `shop/db"; run aws secretsmanager describe-secret --secret-id shop/db --query ARN --output text`},
		"partial ARN with key": {context{"AppRunnerService.secrets": "DB=" + manager + "db:password"},
			"AppRunnerService.secrets.DB: must be a complete ARN, which ends in a hyphen and the six characters that Secrets Manager adds to the " +
				`name; got "` + manager + `db:password"; run aws secretsmanager describe-secret --secret-id db --query ARN --output text`},
		"wildcard": {context{"FargateWeb.secrets": "DB=" + manager + "db-??????"},
			"FargateWeb.secrets.DB: must be a complete ARN, which ends in a hyphen and the six characters that Secrets Manager adds to the " +
				`name; got "` + manager + `db-??????"; run aws secretsmanager describe-secret --secret-id db-?????? --query ARN --output text`},
		"empty key": {context{"FargateWeb.secrets": "DB=" + manager + "db-a1b2c3:"},
			`FargateWeb.secrets.DB: must have a key after the colon; got "` + manager + `db-a1b2c3:"; remove the colon for the whole secret`},
		"key of a parameter": {context{"FargateWeb.secrets": "DB=arn:aws:ssm:eu-west-1:111122223333:parameter/db:password"},
			"FargateWeb.secrets.DB: " + isArn + `; got "arn:aws:ssm:eu-west-1:111122223333:parameter/db:password"`},
		"secret without name": {context{"FargateWeb.secrets": manager + "db-a1b2c3"},
			"FargateWeb.secrets: " + pairs + `; got "` + manager + `db-a1b2c3"; write values with commas in cdk.json`},

		"one word": {context{"FargateWeb.command": "npm start"},
			`FargateWeb.command: must be the words of a command, separated by commas; got "npm start"; write npm,start, or an array in cdk.json`},
		"words with commas": {context{"FargateWeb.command": `sh,-c,echo "a,b"`},
			`FargateWeb.command: must be the words of a command, separated by commas; got "sh,-c,echo \"a,b\""; write an array, such as ` +
				`["sh", "-c", "echo a,b"]`},
		"last comma": {context{"FargateWeb.command": "serve,"},
			`FargateWeb.command: must be the words of a command, separated by commas; got "serve,"; write an array, such as ` +
				`["sh", "-c", "echo a,b"]`},
		"words of words": {context{"FargateWeb.command": "npm run serve,-v"},
			`FargateWeb.command: must be the words of a command, separated by commas; got "npm run serve,-v"; write npm,run,serve,-v, or an ` +
				"array in cdk.json"},
		"nested word": {context{"FargateWeb": context{"command": []any{"sleep", []any{"1"}}}},
			`FargateWeb.command: must be an array of strings; got ["1"]`},
		"token as a word": {context{"FargateWeb": context{"command": []any{"${Token[A.1]}"}}},
			`FargateWeb.command: must not contain a CDK token; got "${Token[A.1]}"`},
		"token as a value": {context{"FargateWeb.environment": "A=${Token[A.1]}"},
			`FargateWeb.environment.A: must not contain a CDK token; got "${Token[A.1]}"`},
		"token with a secret": {context{"FargateWeb.secrets": "A=hunter2${Token[A.1]}"},
			"FargateWeb.secrets.A: must not contain a CDK token"},
		"nested value": {context{"FargateWeb": context{"environment": context{"A": context{"b": "c"}}}},
			`FargateWeb.environment.A: must be a string; got {"b":"c"}`},
		"long number": {context{"FargateWeb": context{"environment": context{"A": 111122223333.0}}},
			`FargateWeb.environment.A: must be a string; got 111122223333; write it in quotes`},
		"too many parts": {context{"FargateWeb.secrets": "DB=" + manager + "db-a1b2c3:a:b:c:d"},
			"FargateWeb.secrets.DB: must have at most a key, a version stage and a version ID after the secret's ARN, separated by colons; " +
				`got "` + manager + `db-a1b2c3:a:b:c:d"`},
		"no words":    {context{"FargateWeb.command": ""}, "FargateWeb.command: must not be empty; remove it for none"},
		"empty array": {context{"FargateWeb": context{"command": []any{}}}, "FargateWeb.command: must not be empty; remove it for none"},
		"numeric word": {context{"FargateWeb": context{"command": []any{"sleep", 1.0}}},
			"FargateWeb.command: must be an array of strings; got 1; write it in quotes"},
		"flag for words": {context{"FargateWeb": context{"command": true}},
			"FargateWeb.command: must be a string with commas or an array of strings; got true"},

		"no task":        {context{"FargateWeb.minTasks": "0"}, "FargateWeb.minTasks: must be an integer from 1 to 5000; got 0"},
		"too many tasks": {context{"NlbService.maxTasks": "5001"}, "NlbService.maxTasks: must be an integer from 1 to 5000; got 5001"},
		"more than the maximum": {context{"FargateWeb.minTasks": "5", "FargateWeb.maxTasks": "2"},
			"FargateWeb.minTasks: must not be greater than maxTasks (2); got 5"},
		"CPU units": {context{"FargateWeb.cpu": "1"}, "FargateWeb.cpu: must be an integer from 256 to 32768; got 1"},
		"memory":    {context{"FargateWeb.memoryMiB": "1GB"}, `FargateWeb.memoryMiB: must be an integer from 512 to 249856; got "1GB"`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse(c.context, "", "")
			require.EqualError(t, err, c.want)
			assert.NotContains(t, err.Error(), "hunter2", "a log now has the secret")
		})
	}
}

// As -c gives it and as cdk.json does, values may contain what separates names from values.
func TestVariablesAsTheyAreWritten(t *testing.T) {
	for form, c := range map[string]struct {
		value any
		want  map[string]string
	}{
		"option": {"LOG_LEVEL=debug,QUERY=a=b, EMPTY=,spring.name=x", map[string]string{
			"LOG_LEVEL": "debug", "QUERY": "a=b", "EMPTY": "", "spring.name": "x"}},
		"object": {map[string]any{"HOSTS": "a,b", "SPACE": " "}, map[string]string{"HOSTS": "a,b", "SPACE": " "}},
	} {
		s, err := Parse(map[string]any{"FargateWeb": map[string]any{"environment": c.value}}, "", "")
		require.NoError(t, err, form)
		assert.Equal(t, c.want, s.Props("FargateWeb").(*stacks.FargateWebProps).Environment, form)
	}
}

// A command line holds arrays and objects as JSON, in which items may have commas, and cdk.json holds long numbers without quotes.
func TestValuesAsJson(t *testing.T) {
	s, err := Parse(map[string]any{
		"FargateWeb.command":     `["sh", "-c", "echo a,b"]`,
		"FargateWeb.environment": `{"HOSTS": "a,b", "LIMITS": "{\"cpu\": 1}"}`,
		"NlbService":             `{"port": 3000}`,
		"Ec2Web":                 map[string]any{"memoryMiB": 1048576.0},
		"Registry":               map[string]any{"repositoryName": "web", "pullAccounts": []any{111122223333.0}},
		"stacks":                 "FargateWeb",
	}, "", "")
	require.NoError(t, err)
	web := s.Props("FargateWeb").(*stacks.FargateWebProps)
	assert.Equal(t, []string{"sh", "-c", "echo a,b"}, web.Command)
	assert.Equal(t, map[string]string{"HOSTS": "a,b", "LIMITS": `{"cpu": 1}`}, web.Environment)
	assert.Equal(t, 3000, s.Props("NlbService").(*stacks.NlbServiceProps).Port)
	assert.Equal(t, 1048576, s.Props("Ec2Web").(*stacks.Ec2WebProps).MemoryLimitMiB)
	assert.Equal(t, []string{"111122223333"}, s.Props("Registry").(*stacks.RegistryProps).PullAccounts)
}
