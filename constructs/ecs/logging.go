package ecs

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
	"awscontainers/internal/opt"
	"awscontainers/internal/secretarn"
)

// LogDriver takes the output of a container.
type LogDriver string

// The drivers. Fargate has only the first three, and AWS names the others only for EC2 instances.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LogConfiguration.html
const (
	LogDriverCloudWatch LogDriver = "awslogs"
	LogDriverFireLens   LogDriver = "awsfirelens"
	LogDriverSplunk     LogDriver = "splunk"
	LogDriverFluentd    LogDriver = "fluentd"
	LogDriverGelf       LogDriver = "gelf"
	LogDriverJournald   LogDriver = "journald"
	LogDriverJsonFile   LogDriver = "json-file"
	LogDriverSyslog     LogDriver = "syslog"
)

var (
	logDrivers = []LogDriver{
		LogDriverCloudWatch, LogDriverFireLens, LogDriverSplunk, LogDriverFluentd, LogDriverGelf, LogDriverJournald, LogDriverJsonFile,
		LogDriverSyslog,
	}
	logDriversWithoutInstances = logDrivers[:3]
)

// Logging sets where the output of a container goes, and how it is split into events.
type Logging struct {
	// Driver takes the output: LogDriverCloudWatch, or LogDriverFireLens with FireLens of the task, LogDriverSplunk, and only on EC2
	// LogDriverFluentd, LogDriverGelf, LogDriverJournald, LogDriverJsonFile or LogDriverSyslog. Default: LogDriverCloudWatch.
	Driver LogDriver
	// Options are the driver's, such as {"Name": "kinesis_firehose", "region": "eu-west-1", "delivery_stream": "logs"} for FireLens, where
	// they are those of an output of Fluent Bit or Fluentd, of which "Name" or "@type" is the kind: required unless the router's Image or
	// ConfigFile has the outputs. LogDriverSplunk requires "splunk-url" and the secret "splunk-token", LogDriverGelf "gelf-address". Not
	// for LogDriverCloudWatch. Default: none.
	Options map[string]string
	// SecretOptions are options with secrets, which ECS reads when the container starts; the execution role may then read just these.
	// Default: none.
	SecretOptions map[string]awsecs.Secret
	// SecretOptionArns are such options by ARN, as in Container.SecretArns. Default: none.
	SecretOptionArns map[string]string

	// MultilinePattern is a regular expression that the first line of an event matches; lines that don't match belong to the event
	// before. Only with LogDriverCloudWatch. Default: none, each line is an event.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specify-log-config.html
	MultilinePattern string
	// DatetimeFormat is the form of the time at which events begin, as strftime has it: "%Y-%m-%d %H:%M:%S". It is for the same
	// purpose, and not compatible with MultilinePattern. Only with LogDriverCloudWatch. Default: none.
	DatetimeFormat string
}

func (l *Logging) driver() LogDriver {
	if l == nil || l.Driver == "" {
		return LogDriverCloudWatch
	}
	return l.Driver
}

func (c *Container) usesFireLens() bool { return c.Logging.driver() == LogDriverFireLens }

func (l *Logging) validate(p *TaskProps) error {
	var bad invalid.Problems
	driver := l.driver()
	before := len(bad)
	check.Known("Driver", l.Driver, logDrivers, &bad)
	if len(bad) == before && !p.runsOnlyOn(onEc2) && !slices.Contains(logDriversWithoutInstances, driver) {
		bad.Add("Driver", "must be %s unless the Compatibility is %q", check.OneOfQuoted(logDriversWithoutInstances), awsecs.Compatibility_EC2).
			Given(l.Driver).Advise("use FireLens, which reaches what the others reach")
	}
	if driver == LogDriverFireLens && p.FireLens == nil {
		bad.Add("Driver", "requires FireLens of the task, whose container routes the output").Given(l.Driver)
	}
	hasOptions := len(l.Options) > 0 || len(l.SecretOptions) > 0 || len(l.SecretOptionArns) > 0
	if driver == LogDriverCloudWatch && hasOptions {
		bad.Add("Options", "requires a Driver other than %q, whose log group the task has", LogDriverCloudWatch).
			Advise("use LogRetention and EncryptionKey of the task, or MultilinePattern")
	}
	l.validateOptions(&bad)
	l.validateNeeded(p, &bad)
	for _, split := range []struct{ field, value string }{{"MultilinePattern", l.MultilinePattern}, {"DatetimeFormat", l.DatetimeFormat}} {
		if split.value != "" && driver != LogDriverCloudWatch {
			bad.Add(split.field, "requires Driver %q", LogDriverCloudWatch).Given(split.value).Advise("split the output where it is received")
		}
	}
	if l.MultilinePattern != "" && l.DatetimeFormat != "" {
		bad.Add("DatetimeFormat", "must not be set together with MultilinePattern").Given(l.DatetimeFormat).Advise("remove one of them")
	}
	if l.DatetimeFormat != "" && !strings.Contains(l.DatetimeFormat, "%") && !invalid.IsToken(l.DatetimeFormat) {
		bad.Add("DatetimeFormat", `must be a form of strftime such as "%%Y-%%m-%%d %%H:%%M:%%S"`).Given(l.DatetimeFormat)
	}
	return bad.Err()
}

// validateNeeded requires the options without which a container doesn't start, or its output goes nowhere.
// https://docs.docker.com/engine/logging/drivers/splunk/
// https://docs.docker.com/engine/logging/drivers/gelf/
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/firelens-taskdef.html
func (l *Logging) validateNeeded(p *TaskProps, bad *invalid.Problems) {
	switch driver := l.driver(); driver {
	case LogDriverSplunk:
		l.need("splunk-url", driver, bad)
		if !l.hasSecret("splunk-token") {
			bad.Add("SecretOptions", "must have %q with Driver %q", "splunk-token", driver).
				Advise("set it there or in SecretOptionArns, not in Options")
		}
	case LogDriverGelf:
		l.need("gelf-address", driver, bad)
	case LogDriverFireLens:
		hasOptions := len(l.Options) > 0 || len(l.SecretOptions) > 0 || len(l.SecretOptionArns) > 0
		if f := p.FireLens; f != nil && (hasOptions || f.Image == nil && f.ConfigBucket == nil && f.ConfigFile == "" && f.ConfigKey == "") {
			l.need(f.outputOption(), driver, bad)
		}
	}
}

func (l *Logging) need(option string, driver LogDriver, bad *invalid.Problems) {
	if l.Options[option] == "" && !l.hasSecret(option) {
		bad.Add("Options", "must have %q with Driver %q", option, driver)
	}
}

func (l *Logging) hasSecret(option string) bool {
	_, isSecret := l.SecretOptions[option]
	_, isByArn := l.SecretOptionArns[option]
	return isSecret || isByArn
}

func (l *Logging) validateOptions(bad *invalid.Problems) {
	refuseTwice := func(field, name string, isElsewhere bool, other string) {
		if isElsewhere {
			bad.Add(field, "must not have an option that %s has too", other).Given(name).Advise("keep it in only one of them")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(l.Options)) {
		_, isSecret := l.SecretOptions[name]
		_, isByArn := l.SecretOptionArns[name]
		refuseTwice("Options", name, isSecret, "SecretOptions")
		refuseTwice("Options", name, isByArn, "SecretOptionArns")
	}
	for _, name := range slices.Sorted(maps.Keys(l.SecretOptions)) {
		_, isByArn := l.SecretOptionArns[name]
		refuseTwice("SecretOptions", name, isByArn, "SecretOptionArns")
		if l.SecretOptions[name] == nil {
			bad.Add("SecretOptions", "must have secrets of awsecs.Secret_FromSecretsManager or awsecs.Secret_FromSsmParameter; got nil for %q", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(l.SecretOptionArns)) {
		secretarn.Check(fmt.Sprintf("SecretOptionArns[%q]", name), l.SecretOptionArns[name], bad)
	}
}

// logging is the log configuration of a container.
func (t *Task) logging(c *Container) awsecs.LogDriver {
	l := c.Logging
	if l.driver() != LogDriverCloudWatch {
		props := &awsecs.GenericLogDriverProps{LogDriver: jsii.String(string(l.Driver)), Options: opt.StringMap(l.Options)}
		if secrets := secretarn.Join(l.SecretOptions, l.SecretOptionArns); len(secrets) > 0 {
			props.SecretOptions = &secrets
		}
		return awsecs.NewGenericLogDriver(props)
	}
	props := t.cloudWatchLogs(c.Name)
	if l != nil {
		props.MultilinePattern, props.DatetimeFormat = opt.String(l.MultilinePattern), opt.String(l.DatetimeFormat)
	}
	return awsecs.LogDriver_AwsLogs(props)
}

// logDriver returns nil for an existing task, whose log group isn't known.
func (t *Task) logDriver(prefix string) awsecs.LogDriver {
	if t.LogGroup == nil {
		return nil
	}
	return awsecs.LogDriver_AwsLogs(t.cloudWatchLogs(prefix))
}

func (t *Task) cloudWatchLogs(prefix string) *awsecs.AwsLogDriverProps {
	return &awsecs.AwsLogDriverProps{
		LogGroup:     t.LogGroup,
		StreamPrefix: &prefix,
		// A container must not stand still because CloudWatch Logs is slow; what does not fit the buffer is lost.
		// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html
		Mode:          awsecs.AwsLogDriverMode_NON_BLOCKING,
		MaxBufferSize: awscdk.Size_Mebibytes(jsii.Number(25)),
	}
}
