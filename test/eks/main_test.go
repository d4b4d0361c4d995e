// Package eks_test tests the constructs for Kubernetes.
package eks_test

import (
	"testing"

	"awscontainers/test/cdktest"
	"awscontainers/test/internal/shared"
)

func TestMain(m *testing.M) { cdktest.Main(m) }

// What other tests use too.
const (
	publicImage      = shared.PublicImage
	existingProvider = shared.ExistingProvider
)

var (
	addOn        = shared.AddOn
	defaultRoute = shared.DefaultRoute
	existingVpc  = shared.ExistingVpc
	importedVpc  = shared.ImportedVpc
	launch       = shared.LaunchTemplate
	mayLog       = shared.MayLog
	newExisting  = shared.ExistingCluster
	subnets      = shared.Subnets
)
