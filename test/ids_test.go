package test

import (
	"reflect"
	"runtime"
	"slices"
	"testing"

	"github.com/aws/constructs-go/constructs/v10"
	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/elb"
	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/constructs/output"
	"awscontainers/constructs/registry"
	"awscontainers/constructs/waf"
	"awscontainers/stacks"
	"awscontainers/test/cdktest"
)

// A scope that isn't a construct is refused before anything asks it for its stack.
func TestScopesAreRefused(t *testing.T) {
	for want, scope := range map[string]constructs.Construct{
		"scope must not be nil": nil, "scope must be created by a constructor": &ecs.Cluster{},
	} {
		for _, constructor := range withProps {
			f := reflect.ValueOf(constructor)
			name := runtime.FuncForPC(f.Pointer()).Name()
			args := []reflect.Value{reflect.New(f.Type().In(0)).Elem(), reflect.ValueOf("Id")}
			if scope != nil {
				args[0] = reflect.ValueOf(scope)
			}
			for i := 2; i < f.Type().NumIn(); i++ {
				args = append(args, reflect.Zero(f.Type().In(i)))
			}
			func() {
				defer func() {
					refused, isRefused := recover().(*invalid.Error)
					if assert.True(t, isRefused, name) {
						assert.Contains(t, refused.Error(), want, name)
					}
				}()
				f.Call(args)
			}()
		}
	}
}

// An id that a construct can't have is refused together with the props, whatever is created. The CDK would panic with an error of
// its own, for a token only when it derives logical IDs.
func TestIdsAreRefused(t *testing.T) {
	constructors := slices.Concat(withProps, []any{
		ecs.ClusterFrom, elb.TargetGroupFrom, network.VpcFromLookup, output.New, registry.RepositoryFrom, waf.WebAclFromArn,
		stacks.NewAppRunnerService, stacks.NewEc2Web, stacks.NewEksNodes, stacks.NewEksStorage, stacks.NewEventDrivenTask,
		stacks.NewExpressService, stacks.NewFargateWeb, stacks.NewGatewayServices, stacks.NewNlbService,
		stacks.NewQueueWorker, stacks.NewRegistry, stacks.NewScheduledTask,
		stacks.NewSharedStorage, stacks.NewTaskStateAlerts,
	})
	stack := cdktest.Stack(t)
	constructs.NewConstruct(stack, new("a/taken one"))
	for id, want := range map[string]string{
		"":              "id must not be empty",
		"a/taken one":   "id is already used by another construct in " + *stack.Node().Path() + "; use another id",
		"${Token[A.1]}": "id must be a literal, not a CDK token, because logical IDs are derived from it",
	} {
		for _, constructor := range constructors {
			f := reflect.ValueOf(constructor)
			name := runtime.FuncForPC(f.Pointer()).Name()
			args := []reflect.Value{reflect.ValueOf(constructs.Construct(stack)), reflect.ValueOf(id)}
			for i := 2; i < f.Type().NumIn() && !f.Type().IsVariadic(); i++ {
				args = append(args, reflect.Zero(f.Type().In(i)))
			}
			var problems []string
			func() {
				defer func() {
					refused, isRefused := recover().(*invalid.Error)
					if assert.True(t, isRefused, name) {
						for _, p := range refused.Problems {
							problems = append(problems, p.String())
						}
					}
				}()
				f.Call(args)
			}()
			assert.Contains(t, problems, want, name)
		}
	}
}

// A construct may have the id of one in another scope, and the app's own children are checked as well.
func TestIdsAreThoseOfTheScope(t *testing.T) {
	app := cdktest.App(t)
	stacks.NewRegistry(app, "Images", nil)
	assert.PanicsWithError(t, "Images: id is already used by another construct in the app; use another id",
		func() { stacks.NewRegistry(app, "Images", nil) })
	assert.NotPanics(t, func() { registry.NewRepository(stacks.NewRegistry(app, "Others", nil), "Images", nil) })
}
