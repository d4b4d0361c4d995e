package stacks_test

import (
	"maps"
	"testing"

	"github.com/stretchr/testify/assert"

	"awscontainers/stacks"
	"awscontainers/stacks/settings"
	"awscontainers/test/cdktest"
	"awscontainers/test/internal/shared"
)

// protections gives what keeps a resource from being deleted, by its path; false where that is turned off.
func protections(tpl *cdktest.Template) map[string]any {
	found := map[string]any{}
	for _, r := range tpl.Resources {
		switch r.Type {
		case "AWS::ElasticLoadBalancingV2::LoadBalancer":
			found[r.Path()] = shared.Attribute(r, "deletion_protection.enabled") == "true"
		case "AWS::DynamoDB::Table":
			found[r.Path()] = r.Get("DeletionProtectionEnabled")
		case "AWS::EKS::Cluster":
			found[r.Path()] = r.Get("DeletionProtection")
		}
	}
	return found
}

// What prod wants of a stack so that its synth warns of nothing.
var complete = map[string]map[string]any{
	"FargateWeb":       {"FargateWeb.certificateArn": shared.CertificateArn},
	"Ec2Web":           {"Ec2Web.certificateArn": shared.CertificateArn},
	"EventDrivenTask":  {"EventDrivenTask.image": shared.PublicImage},
	"QueueWorker":      {"QueueWorker.image": shared.PublicImage},
	"AppRunnerService": {"AppRunnerService.image": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/web:prod"},
}

// In prod nothing is protected from birth, so that a first deployment that fails rolls back by itself.
func TestProtect(t *testing.T) {
	for _, name := range settings.Names() {
		for _, protect := range []bool{false, true} {
			context := map[string]any{"profile": "prod", "protect": protect}
			maps.Copy(context, complete[name])
			stack := buildStack(t, name, context)
			assert.Equal(t, protect, *stack.TerminationProtection(), name)
			for path, isProtected := range protections(cdktest.Synth(t, stack)) {
				assert.Equal(t, protect, isProtected, path)
			}
		}
	}
}

func TestManagedTerminationProtectionIsNotFromBirth(t *testing.T) {
	app := cdktest.App(t)
	assert.Equal(t, []string{
		"Ec2Web: ManagedTerminationProtection requires Protect, because a first deployment that fails can't delete the instances; set both " +
			"once the first deployment has succeeded",
	}, cdktest.Refused(t, func() {
		stacks.NewEc2Web(app, "Ec2Web", &stacks.Ec2WebProps{Image: shared.PublicImage, ManagedTerminationProtection: true})
	}))
}
