package test

import (
	"errors"
	"go/ast"
	"go/token"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/apprunner"
	"awscontainers/constructs/cdn"
	"awscontainers/constructs/ecs"
	"awscontainers/constructs/eks"
	"awscontainers/constructs/elb"
	"awscontainers/constructs/events"
	"awscontainers/constructs/express"
	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/constructs/notify"
	"awscontainers/constructs/registry"
	"awscontainers/constructs/sqs"
	"awscontainers/constructs/storage"
	"awscontainers/constructs/waf"
	"awscontainers/stacks"
	"awscontainers/stacks/settings"
	"awscontainers/test/cdktest"
	"awscontainers/test/internal/shared"
)

type validating interface{ Validate() error }

// validatingTypes holds a zero value of each exported type that validates itself.
var validatingTypes = []validating{
	&apprunner.AlarmsProps{}, &apprunner.ServiceProps{},
	&cdn.DistributionProps{},
	&ecs.AlarmsProps{}, &ecs.ClusterProps{}, &ecs.DashboardProps{}, &ecs.Ec2CapacityProps{}, &ecs.GatewayAttributes{},
	&ecs.GatewayProps{}, &ecs.ManagedInstancesProps{},
	&ecs.RunProps{}, &ecs.ServiceAttributes{}, &ecs.ServiceProps{}, &ecs.TaskAttributes{}, &ecs.TaskProps{},
	&eks.ClusterAttributes{}, &eks.ClusterProps{}, &eks.ContainerInsightsProps{}, &eks.EbsStorageProps{}, &eks.EfsStorageProps{},
	&eks.FargateProfileProps{}, &eks.LustreStorageProps{}, &eks.ManagedNodesProps{}, &eks.OntapStorageProps{}, &eks.PodRoleProps{},
	&eks.SelfManagedNodesProps{}, &eks.VolumeClaimProps{},
	&elb.ApplicationLoadBalancerProps{}, &elb.Conditions{}, &elb.ListenerAttributes{}, &elb.ListenerRuleProps{},
	&elb.NetworkListenerProps{}, &elb.NetworkLoadBalancerProps{}, &elb.NetworkTargetGroupProps{}, &elb.TargetGroupProps{},
	&elb.TestListener{},
	&events.ScheduleProps{}, &events.TaskAlertsProps{}, &events.TaskRuleProps{},
	&express.AlarmsProps{}, &express.ServiceProps{},
	&network.VpcAttributes{}, &network.VpcProps{},
	&notify.AlarmProps{}, &notify.TopicAttributes{}, &notify.TopicProps{},
	&registry.PublicRepositoryProps{}, &registry.PullThroughCacheAttributes{}, &registry.PullThroughCacheProps{},
	&registry.ReplicationPermissionProps{}, &registry.ReplicationProps{}, &registry.RepositoryProps{}, &registry.ScanningProps{},
	registry.Image{},
	&sqs.QueueProps{},
	&stacks.AppRunnerServiceProps{}, &stacks.Ec2WebProps{}, &stacks.EksNodesProps{}, &stacks.EksStorageProps{},
	&stacks.EventDrivenTaskProps{}, &stacks.ExpressServiceProps{}, &stacks.FargateWebProps{}, &stacks.GatewayServicesProps{},
	&stacks.NlbServiceProps{}, &stacks.QueueWorkerProps{},
	&stacks.RegistryProps{}, &stacks.ScheduledTaskProps{}, &stacks.SharedStorageProps{}, &stacks.TaskStateAlertsProps{},
	&storage.EfsAccessPointAttributes{}, &storage.EfsAccessPointProps{}, &storage.EfsFileSystemAttributes{},
	&storage.EfsFileSystemProps{}, &storage.LustreAttributes{}, &storage.LustreProps{}, &storage.OntapAttributes{},
	&storage.OntapProps{},
	&waf.Logs{}, &waf.WebAclProps{},
}

func TestEveryValidatorIsListed(t *testing.T) {
	var want, got []string
	eachFunc(t, func(pkg string, f *ast.FuncDecl, _ *token.FileSet) {
		if f.Name.Name != "Validate" || f.Recv == nil {
			return
		}
		if name := receiver(f); ast.IsExported(name) {
			want = append(want, pkg+"."+name)
		}
	})
	for _, v := range validatingTypes {
		got = append(got, strings.TrimPrefix(reflect.TypeOf(v).String(), "*"))
	}
	slices.Sort(want)
	slices.Sort(got)
	require.NotEmpty(t, want)
	assert.Equal(t, want, got)
}

// Constructors accept nil props, and so does Validate. It finds the same as in props that set nothing.
func TestValidateAcceptsNil(t *testing.T) {
	for _, v := range validatingTypes {
		typ := reflect.TypeOf(v)
		t.Run(typ.String(), func(t *testing.T) {
			assert.NotPanics(t, func() { _ = v.Validate() }, "the zero value")
			if typ.Kind() != reflect.Pointer {
				return
			}
			absent := reflect.Zero(typ).Interface().(validating)
			assert.NotPanics(t, func() { assert.Equal(t, v.Validate(), absent.Validate()) }, "nil")
		})
	}
}

// openEnums are fields of a string type that may have other values than its constants, and why.
var openEnums = map[string]string{
	"ecs.ServiceProps.Capacity[0].CapacityProvider": "the name of any capacity provider of the cluster",
	"ecs.RunProps.Capacity[0].CapacityProvider":     "the name of any capacity provider of the cluster",
}

// A misspelled constant is refused by Validate, under the field's name: jsii would panic with a text that names neither the
// construct nor the prop, after siblings exist. A CDK token is refused too, because constants are compared in Go and by jsii.
func TestEnumsAreChecked(t *testing.T) {
	open := maps.Clone(openEnums)
	given := enumContexts(t)
	for _, v := range validatingTypes {
		typ := reflect.TypeOf(v)
		if strings.HasPrefix(typ.String(), "*stacks.") {
			continue // their constructs check them: see TestStacksRefuseMisspelledEnums
		}
		for _, field := range fieldPathsOf(typ, isEnum) {
			name := strings.TrimPrefix(typ.String(), "*") + "." + field.String()
			if _, isOpen := open[name]; isOpen {
				delete(open, name)
				continue
			}
			for _, value := range []string{"NONSENSE", "${Token[Parameter.1]}"} {
				props := base(typ)
				if with, ok := given[strings.TrimPrefix(typ.String(), "*")]; ok {
					props.Set(reflect.ValueOf(with()))
				}
				field.in(props).SetString(value)
				assert.NotPanics(t, func() {
					assert.True(t, isRefused(props, field.String(), value), "%s = %q is not refused", name, value)
				}, name)
			}
		}
	}
	assert.Empty(t, open, "openEnums that are no field")
}

// A stack leaves enums to its constructs, which refuse them before jsii panics.
func TestStacksRefuseMisspelledEnums(t *testing.T) {
	const source = "AppRunnerService."
	contexts := map[string]map[string]any{ // in which the stack has a VPC, a runtime and all drivers
		"AppRunnerService": {source + "vpcAccess": "true", source + "repositoryUrl": "https://github.com/example/shop",
			source + "connectionArn": appRunnerConnection, source + "runtime": "NODEJS_22", source + "startCommand": "node ."},
		"EksStorage": {"EksStorage.drivers": "EBS,EFS,LUSTRE,ONTAP"},
		"Ec2Web":     {"Ec2Web.instanceVCpus": "2", "Ec2Web.instanceMemoryMiB": "4096"}, // a CpuArchitecture goes with them
	}
	for _, name := range settings.Names() {
		parse := func() *settings.Settings {
			s, err := settings.Parse(contexts[name], "", "")
			require.NoError(t, err)
			return s
		}
		fields := fieldPathsOf(reflect.TypeOf(parse().Props(name)), isEnum)
		require.NotEmpty(t, fields, name)
		for _, field := range fields {
			s := parse()
			field.in(reflect.ValueOf(s.Props(name)).Elem()).SetString("NONSENSE")
			refused := refusalOf(func() { s.New(cdktest.App(t), name, name) })
			assert.Regexp(t, `must be .*; got "NONSENSE"`, refused, "%s.%s", name, field)
		}
	}
}

// refusalOf gives the text of the *invalid.Error that a function panics with; other panics go on.
func refusalOf(f func()) (text string) {
	defer func() {
		switch v := recover().(type) {
		case nil:
		case *invalid.Error:
			text = v.Error()
		default:
			panic(v)
		}
	}()
	f()
	return ""
}

// A message shows a value only if there is one: what is missing "is required". That holds for the zero value, for zero structs in it,
// two of them in a slice, and for all that needs something else that is missing.
func TestMissingValuesAreNotShown(t *testing.T) {
	for _, v := range validatingTypes {
		typ := reflect.TypeOf(v)
		for _, field := range append(fieldPathsOf(typ, isFuzzed), fieldPath{}) {
			for _, field.elements = range []int{1, 2} {
				if field.elements > 1 && field.isList() {
					continue // of texts: an empty one is shown
				}
				props := base(typ)
				set := field.in(props)
				switch set.Kind() {
				case reflect.Bool:
					set.SetBool(true)
				case reflect.Int:
					set.SetInt(1)
				case reflect.String:
					set.SetString("x")
				}
				for _, p := range problems(props) {
					assert.NotEqual(t, `""`, p.Got, "%v with only %s: %s", typ, field, p)
					assert.NotRegexp(t, `""|  |: $`, p.Wanted, "%v with only %s: %s", typ, field, p)
				}
			}
		}
	}
}

// isList tells fields of several texts or numbers.
func (f fieldPath) isList() bool {
	if len(f.steps) == 0 {
		return false
	}
	last := f.steps[len(f.steps)-1].Type
	return last.Kind() == reflect.Slice && last.Elem().Kind() != reflect.Struct
}

func isFuzzed(t reflect.Type) bool {
	return slices.Contains([]reflect.Kind{reflect.Bool, reflect.Int, reflect.String, reflect.Struct}, t.Kind())
}

// enumContexts are the props without which Validate does not look at an enum, because another prop decides what it may be.
func enumContexts(t *testing.T) map[string]func() any {
	t.Helper()
	stack := cdktest.Stack(t)
	cluster, task := newCluster(stack), newTask(stack)
	kubernetes := shared.ExistingCluster(cdktest.Stack(t), func(a *eks.ClusterAttributes) { a.Kubectl = &eks.Kubectl{} })
	disks := eks.NewEbsStorage(kubernetes, "Disks", &eks.EbsStorageProps{Cluster: kubernetes})
	alb := elb.NewApplicationLoadBalancer(stack, "Alb", &elb.ApplicationLoadBalancerProps{Vpc: cluster.Cluster.Vpc()})
	return map[string]func() any{
		"ecs.ServiceProps": func() any {
			return ecs.ServiceProps{Cluster: cluster, Task: task, Exposure: ecs.Exposure{
				Alb: []ecs.AlbRule{{Listener: alb.Listener}}, Nlb: []ecs.NlbListener{{Protocol: elbv2.Protocol_TLS}},
			}}
		},
		"ecs.TaskProps": func() any {
			return ecs.TaskProps{Containers: []ecs.Container{
				{Name: "web", DependsOn: []ecs.ContainerDependency{{ContainerName: "init"}}}, {Name: "init"},
			}}
		},
		"eks.EbsStorageProps":      func() any { return eks.EbsStorageProps{Snapshots: true} },
		"eks.VolumeClaimProps":     func() any { return eks.VolumeClaimProps{Class: disks.Class("gp3")} },
		"elb.NetworkListenerProps": func() any { return elb.NetworkListenerProps{Protocol: elbv2.Protocol_TLS} },
	}
}

// base is a new value of the type.
func base(typ reflect.Type) reflect.Value {
	if typ.Kind() == reflect.Pointer {
		return reflect.New(typ.Elem()).Elem()
	}
	return reflect.New(typ).Elem()
}

func problems(props reflect.Value) []invalid.Problem {
	v, ok := props.Interface().(validating)
	if !ok {
		v = props.Addr().Interface().(validating)
	}
	var refused *invalid.Error
	if errors.As(v.Validate(), &refused) {
		return refused.Problems
	}
	return nil
}

// isRefused reports whether Validate says what a field must be instead of the value.
func isRefused(props reflect.Value, field, value string) bool {
	return slices.ContainsFunc(problems(props), func(p invalid.Problem) bool {
		return p.Field == field && strings.HasPrefix(p.Wanted, "must be ") && p.Got == strconv.Quote(value)
	})
}

// isEnum tells the string types of the CDK and of this module.
func isEnum(t reflect.Type) bool { return t.Kind() == reflect.String && t.PkgPath() != "" }

// fieldPath leads to a field, through pointers, and through the elements of slices, of which it creates some.
type fieldPath struct {
	steps    []reflect.StructField
	elements int
}

func (f fieldPath) String() string {
	names := make([]string, len(f.steps))
	for i, step := range f.steps {
		names[i] = step.Name + strings.Repeat("[0]", slicesIn(step.Type))
	}
	return strings.Join(names, ".")
}

func slicesIn(t reflect.Type) (n int) {
	for ; t.Kind() == reflect.Slice || t.Kind() == reflect.Pointer; t = t.Elem() {
		if t.Kind() == reflect.Slice {
			n++
		}
	}
	return n
}

// in gives the field's value, for which it creates everything on the way to it.
func (f fieldPath) in(props reflect.Value) reflect.Value {
	v := props
	for _, step := range f.steps {
		v = v.FieldByIndex(step.Index)
		for v.Kind() == reflect.Slice || v.Kind() == reflect.Pointer {
			switch {
			case v.Kind() == reflect.Pointer && v.IsNil():
				v.Set(reflect.New(v.Type().Elem()))
			case v.Kind() == reflect.Slice && v.Len() == 0:
				n := max(f.elements, 1)
				v.Set(reflect.MakeSlice(v.Type(), n, n))
			}
			if v.Kind() == reflect.Slice {
				v = v.Index(0)
			} else {
				v = v.Elem()
			}
		}
	}
	return v
}

// fieldPathsOf finds the fields of a type that are wanted, also in structs, slices and pointers, except in constructs.
func fieldPathsOf(typ reflect.Type, wanted func(reflect.Type) bool) (found []fieldPath) {
	var walk func(t reflect.Type, steps []reflect.StructField)
	walk = func(t reflect.Type, steps []reflect.StructField) {
		for t.Kind() == reflect.Slice || t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		if len(steps) > 0 && wanted(t) && !isConstructType(t) {
			found = append(found, fieldPath{steps: slices.Clone(steps)})
		}
		if t.Kind() != reflect.Struct || isConstructType(t) || !strings.HasPrefix(t.PkgPath(), modulePrefix) || len(steps) > maxDepth {
			return
		}
		for i := range t.NumField() {
			if t.Field(i).IsExported() {
				walk(t.Field(i).Type, append(slices.Clone(steps), t.Field(i)))
			}
		}
	}
	walk(typ, nil)
	return found
}

const maxDepth = 6

// isConstructType tells constructs, which callers create with their own functions, from structs that they fill in.
func isConstructType(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && reflect.PointerTo(t).Implements(reflect.TypeFor[constructs.Construct]())
}
