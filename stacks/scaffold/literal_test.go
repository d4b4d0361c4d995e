package main

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/network"
	"awscontainers/constructs/platform"
	"awscontainers/internal/tool"
	"awscontainers/stacks"
)

func newLiterals(t *testing.T) *literals {
	t.Helper()
	checkout, err := tool.Find(".")
	require.NoError(t, err)
	rename := func(name string) string { return strings.Replace(name, "FargateWeb", "Shop", 1) }
	return &literals{checkout: checkout, own: checkout.Module + "/stacks", rename: rename, imports: map[string]bool{}}
}

func TestLiterals(t *testing.T) {
	for want, value := range map[string]any{
		`true`:                              true,
		`8080`:                              8080,
		`0.5`:                               0.5,
		`3.0`:                               3.0,
		`int64(3)`:                          int64(3),
		`"a\"b"`:                            `a"b`,
		`nil`:                               (*int)(nil),
		`new(0)`:                            new(0),
		`new("x")`:                          new("x"),
		`new(1.0)`:                          new(1.0),
		`[]string{"a", "b"}`:                []string{"a", "b"},
		`[]string{}`:                        []string{},
		`[2]int{1, 2}`:                      [2]int{1, 2},
		"map[string]int{\n\"a\": 1,\n}":     map[string]int{"a": 1},
		`5 * time.Minute`:                   5 * time.Minute,
		`time.Hour`:                         time.Hour,
		`90 * time.Second`:                  90 * time.Second,
		`new(2 * time.Hour)`:                new(2 * time.Hour),
		`time.Duration(0)`:                  time.Duration(0),
		`awslogs.RetentionDays_ONE_WEEK`:    awslogs.RetentionDays_ONE_WEEK,
		`new(awscdk.RemovalPolicy_DESTROY)`: new(awscdk.RemovalPolicy_DESTROY),
		`network.NatSingle`:                 network.NatSingle,
		`network.NatGateways("other")`:      network.NatGateways("other"),
		`[]platform.CpuArchitecture{platform.Arm64}`:                       []platform.CpuArchitecture{platform.Arm64},
		`SelfManagedNodes`:                                                 stacks.SelfManagedNodes,
		`time.Date(2190, time.January, 31, 12, 0, 0, 5, time.UTC)`:         time.Date(2190, 1, 31, 12, 0, 0, 5, time.UTC),
		`new(time.Date(2190, time.January, 31, 12, 0, 0, 5, time.UTC))`:    new(time.Date(2190, 1, 31, 12, 0, 0, 5, time.UTC)),
		`ecs.PortMapping{}`:                                                ecs.PortMapping{},
		"&ShopProps{\nPort: 80,\n}":                                        &stacks.FargateWebProps{Port: 80},
		"[]ecs.PortMapping{ecs.PortMapping{\nContainerPort: 1,\n}}":        []ecs.PortMapping{{ContainerPort: 1}},
		"&awscdk.Environment{\nAccount: new(\"1\"),\n}":                    &awscdk.Environment{Account: new("1")},
		"map[string]*ecs.Scaling{\n\"a\": &ecs.Scaling{},\n\"b\": nil,\n}": map[string]*ecs.Scaling{"b": nil, "a": {}},
		"map[string]any{\n\"a\": []any{1, \"b\"},\n}":                      map[string]any{"a": []any{1, "b"}},
	} {
		got, err := newLiterals(t).of(reflect.ValueOf(value))
		require.NoError(t, err, want)
		assert.Equal(t, want, got)
	}
}

func TestLiteralsNeedImports(t *testing.T) {
	l := newLiterals(t)
	_, err := l.of(reflect.ValueOf(&stacks.ScheduledTaskProps{
		NatGateways: network.NatNone, LogRetention: awslogs.RetentionDays_ONE_DAY, FlexibleTimeWindow: time.Minute,
	}))
	require.NoError(t, err)
	assert.Equal(t, map[string]bool{
		"github.com/aws/aws-cdk-go/awscdk/v2/awslogs": true, l.checkout.Module + "/constructs/network": true, "time": true,
	}, l.imports)
}

// What has no literal is an error, not a default.
func TestValuesWithoutLiterals(t *testing.T) {
	for _, value := range []any{
		func() {}, make(chan int), hidden{1}, &hidden{}, []any{func() {}}, map[string]hidden{"a": {1}}, Shown{Vpc: vpc{}}, Shown{field: 1},
	} {
		_, err := newLiterals(t).of(reflect.ValueOf(value))
		assert.ErrorContains(t, err, "has no literal", "%T", value)
	}
}

type hidden struct{ Field int }

// Shown has a field for a construct, and one that no other package can set.
type Shown struct {
	Vpc   awsec2.IVpc
	field int
}

// vpc is a construct that somebody made.
type vpc struct{ awsec2.IVpc }
