package cdktest_test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"

	"awscontainers/test/cdktest"
)

// newShop is what your package builds: a table, a bucket, and a role that may use a part of them.
func newShop(scope constructs.Construct, id string) awscdk.Stack {
	stack := awscdk.NewStack(scope, &id, nil)
	orders := awsdynamodb.NewTable(stack, new("Orders"), &awsdynamodb.TableProps{
		PartitionKey: &awsdynamodb.Attribute{Name: new("id"), Type: awsdynamodb.AttributeType_STRING},
	})
	images := awss3.NewBucket(stack, new("Images"), nil)
	role := awsiam.NewRole(stack, new("Role"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(new("ecs-tasks.amazonaws.com"), nil),
	})
	orders.Grant(role, new("dynamodb:PutItem"))
	images.GrantDelete(role, "thumbnails/*")
	return stack
}

// In your package the functions below are TestShop, TestShopRole and TestShopOrder.

func shop(t *testing.T) {
	app := cdktest.App(t)
	stack := newShop(app, "Shop")
	cdktest.Snapshot(t, cdktest.Synth(t, stack))
}

func shopRole(t *testing.T) {
	tpl := cdktest.Synth(t, newShop(cdktest.App(t), "Shop"))
	role, orders, images := tpl.Only("AWS::IAM::Role"), tpl.Only("AWS::DynamoDB::Table"), tpl.Only("AWS::S3::Bucket")
	cdktest.MayExactly(t, role,
		cdktest.Allow("dynamodb:PutItem").On(orders),
		cdktest.Allow("s3:DeleteObject*").On(cdktest.Arn(images, "/thumbnails/*")),
	)
	cdktest.Has(t, orders, map[string]any{"KeySchema.0.AttributeName": "id"}, "orders are found by their IDs")
}

func shopOrder(t *testing.T) {
	tpl := cdktest.Synth(t, newShop(cdktest.App(t), "Shop"))
	cdktest.CreatedInOrder(t, tpl.Only("AWS::S3::Bucket"), tpl.Only("AWS::IAM::Policy"))
	cdktest.DeletedInOrder(t, tpl.Only("AWS::IAM::Policy"), tpl.Only("AWS::IAM::Role"))
}

func Example() {
	// go test calls these.
	for _, test := range []func(t *testing.T){shop, shopRole, shopOrder} {
		_ = test
	}
}
