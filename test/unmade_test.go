package test

import (
	"errors"
	"fmt"
	"go/ast"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

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
	"awscontainers/test/cdktest"
)

// A construct that no constructor made, such as &notify.Topic{}, is refused wherever props take one of ours, under the field that
// holds it, by Validate and by the constructor. So is a nil in a list or a map of constructs, of ours or the CDK's.

// withProps lists every constructor that takes a pointer to a struct of ours.
var withProps = []any{
	apprunner.NewAlarms, apprunner.NewService,
	cdn.NewDistribution,
	ecs.NewAlarms, ecs.NewCluster, ecs.NewDashboard, ecs.NewEc2Capacity, ecs.NewGateway, ecs.NewManagedInstances, ecs.NewRun, ecs.NewService,
	ecs.NewTask, ecs.GatewayFrom, ecs.ServiceFrom, ecs.TaskFrom,
	eks.ClusterFrom, eks.NewCluster, eks.NewContainerInsights, eks.NewEbsStorage, eks.NewEfsStorage, eks.NewFargateProfile,
	eks.NewLustreStorage, eks.NewManagedNodes, eks.NewOntapStorage, eks.NewPodRole, eks.NewSelfManagedNodes, eks.NewVolumeClaim,
	elb.ListenerFrom, elb.NewApplicationLoadBalancer, elb.NewListenerRule, elb.NewNetworkListener, elb.NewNetworkLoadBalancer,
	elb.NewNetworkTargetGroup, elb.NewTargetGroup,
	events.NewSchedule, events.NewTaskAlerts, events.NewTaskRule,
	express.NewAlarms, express.NewService,
	network.NewVpc, network.VpcFrom,
	notify.NewAlarm, notify.NewTopic, notify.TopicFrom,
	registry.NewPublicRepository, registry.NewPullThroughCache, registry.NewReplication, registry.NewReplicationPermission,
	registry.NewRepository, registry.NewScanning, registry.PullThroughCacheFrom,
	sqs.NewQueue,
	storage.EfsAccessPointFrom, storage.EfsFileSystemFrom, storage.LustreFrom, storage.NewEfsAccessPoint, storage.NewEfsFileSystem,
	storage.NewLustre, storage.NewOntap, storage.OntapFrom,
	waf.NewWebAcl,
}

func TestUnmadeConstructsAreRefused(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster, task := newCluster(stack), newTask(stack)
	reachable := map[string]func(props any){ // props without which nested ones aren't judged
		"ecs.NewService": func(props any) {
			p := props.(*ecs.ServiceProps)
			p.Cluster, p.Task = cluster, task
		},
	}
	count := 0
	for _, constructor := range withProps {
		name, f := nameOf(constructor), reflect.ValueOf(constructor)
		for _, place := range placesOf(t, name, f.Type().In(2).Elem()) {
			count++
			for _, value := range place.values {
				props := reflect.New(f.Type().In(2).Elem())
				if reach := reachable[name]; reach != nil {
					reach(props.Interface())
				}
				place.set(props.Elem(), value)
				what := fmt.Sprintf("%s with %s %#v", name, place.path, value)
				err := caught(func() error {
					err, _ := props.MethodByName("Validate").Call(nil)[0].Interface().(error)
					return err
				})
				assert.Contains(t, fieldsOf(err), place.path, "Validate of %s: %v", what, err)
				err = caught(func() error {
					f.Call([]reflect.Value{reflect.ValueOf(constructs.Construct(stack)), reflect.ValueOf("Unmade"), props})
					return nil
				})
				assert.Contains(t, fieldsOf(err), place.path, "%s: %v", what, err)
			}
		}
	}
	require.Greater(t, count, 40)
}

// The list above misses no constructor.
func TestUnmadeConstructsAreTriedEverywhere(t *testing.T) {
	var listed, found []string
	for _, constructor := range withProps {
		listed = append(listed, nameOf(constructor))
	}
	for pkg, files := range packages(t, "../constructs") {
		for _, file := range files {
			for _, decl := range file.Decls {
				f, ok := decl.(*ast.FuncDecl)
				if !ok || f.Recv != nil || !f.Name.IsExported() || !takesScope(f) {
					continue
				}
				parameters := f.Type.Params.List
				if star, ok := parameters[len(parameters)-1].Type.(*ast.StarExpr); ok {
					if _, isOurs := star.X.(*ast.Ident); isOurs {
						found = append(found, pkg+"."+f.Name.Name)
					}
				}
			}
		}
	}
	assert.ElementsMatch(t, found, listed)
}

// nameOf gives "ecs.NewService".
func nameOf(f any) string {
	full := runtime.FuncForPC(reflect.ValueOf(f).Pointer()).Name()
	return full[strings.LastIndex(full, "/")+1:]
}

// place is a field, or an element of one, and what must be refused there.
type place struct {
	path   string
	values []reflect.Value
	set    func(props, value reflect.Value)
}

func placesOf(t *testing.T, name string, props reflect.Type) (places []place) {
	t.Helper()
	isOurs := func(s reflect.Type) bool {
		return s.Kind() == reflect.Struct && strings.HasPrefix(s.PkgPath(), modulePrefix+"constructs/")
	}
	add := func(path string, in func(reflect.Value) reflect.Value, values ...reflect.Value) {
		places = append(places, place{path, values, func(props, value reflect.Value) { in(props).Set(value) }})
	}
	var walk func(field reflect.Type, path string, in func(reflect.Value) reflect.Value) // in creates what the field is nested in
	walk = func(field reflect.Type, path string, in func(reflect.Value) reflect.Value) {
		switch field.Kind() {
		case reflect.Pointer:
			switch {
			case !isOurs(field.Elem()):
			case isMadeByConstructor(field.Elem()):
				add(path, in, reflect.New(field.Elem()))
			default:
				walk(field.Elem(), path, func(root reflect.Value) reflect.Value {
					v := in(root)
					if v.IsNil() {
						v.Set(reflect.New(field.Elem()))
					}
					return v.Elem()
				})
			}
		case reflect.Slice:
			isOfConstructs := field.Elem().Kind() == reflect.Pointer && isOurs(field.Elem().Elem())
			if isOfConstructs || field.Elem().Kind() == reflect.Interface && field.Elem().Name() != "" {
				add(path+"[0]", func(root reflect.Value) reflect.Value {
					v := in(root)
					v.Set(reflect.MakeSlice(field, 1, 1))
					return v.Index(0)
				}, reflect.Zero(field.Elem()))
			}
			walk(field.Elem(), path+"[0]", func(root reflect.Value) reflect.Value {
				v := in(root)
				if v.Len() == 0 {
					v.Set(reflect.MakeSlice(field, 1, 1))
				}
				return v.Index(0)
			})
		case reflect.Map:
			if field.Elem().Kind() == reflect.Interface && field.Elem().Name() != "" {
				places = append(places, place{path, []reflect.Value{reflect.Zero(field.Elem())}, func(props, value reflect.Value) {
					v := in(props)
					v.Set(reflect.MakeMap(field))
					v.SetMapIndex(reflect.ValueOf("NAME"), value)
				}})
			}
			assert.NotEqual(t, reflect.Pointer, field.Elem().Kind(), "%s: this test doesn't look into pointers in the map %s", name, path)
		case reflect.Struct:
			for i := range field.NumField() {
				f := field.Field(i)
				if isOurs(field) && f.IsExported() {
					walk(f.Type, strings.TrimPrefix(path+"."+f.Name, "."), func(root reflect.Value) reflect.Value { return in(root).Field(i) })
				}
			}
		}
	}
	walk(props, "", func(root reflect.Value) reflect.Value { return root })
	return places
}

// isMadeByConstructor reports whether only a constructor makes values of a type.
func isMadeByConstructor(s reflect.Type) bool {
	embedded, ok := s.FieldByName("Construct")
	return ok && embedded.Anonymous || s == reflect.TypeFor[eks.StorageClass]()
}

// caught returns what a function returns, or the error that it panics with; any other panic is an error without fields.
func caught(f func() error) (err error) {
	defer func() {
		switch e := recover().(type) {
		case nil:
		case error:
			err = e
		default:
			err = fmt.Errorf("panic: %v", e)
		}
	}()
	return f()
}

func fieldsOf(err error) (fields []string) {
	var refused *invalid.Error
	if errors.As(err, &refused) {
		for _, p := range refused.Problems {
			fields = append(fields, p.Field)
		}
	}
	return slices.Compact(fields)
}

// A struct that its caller wrote around an object of the CDK is refused too: it has no place in the tree, and lacks what the
// constructor would have noted.
func TestUnmadeConstructsWithCdkObjectsAreRefused(t *testing.T) {
	shop := newShop(t, nil)
	service := ecs.ServiceProps{Cluster: &ecs.Cluster{Cluster: shop.cluster.Cluster}, Task: newTask(shop.stack)}
	assert.Equal(t, []string{"Cluster"}, fieldsOf(service.Validate()))
	topic := notify.NewTopic(shop.stack, "Topic", nil)
	alerts := events.TaskAlertsProps{Topic: &notify.Topic{Topic: topic.Topic}}
	require.EqualError(t, alerts.Validate(), "Topic must be created by notify.NewTopic or notify.TopicFrom")
	group := elb.NewTargetGroup(shop.stack, "Group", &elb.TargetGroupProps{Vpc: shop.cluster.Vpc(), Port: 80})
	rule := elb.ListenerRuleProps{LoadBalancer: &elb.ApplicationLoadBalancer{Listener: shop.alb.Listener},
		Forward: []elb.WeightedTargetGroup{{TargetGroup: &elb.TargetGroup{TargetGroup: group.TargetGroup}, Weight: 1}}}
	assert.Equal(t, []string{"LoadBalancer", "Forward[0].TargetGroup"}, fieldsOf(rule.Validate()))
}
