package ecs

import (
	"testing"

	"awscontainers/constructs/notify"
	"awscontainers/internal/fake"
)

func TestAlarmsAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		props AlarmsProps
		want  []string
	}{
		"no service":         {AlarmsProps{}, []string{"Service is required; use ecs.NewService or ecs.ServiceFrom"}},
		"service of nothing": {AlarmsProps{Service: &Service{}}, []string{"Service is required; use ecs.NewService or ecs.ServiceFrom"}},
		"email": {AlarmsProps{Service: anyService(), Emails: []string{"Me <me@example.com>"}},
			[]string{`Emails[0] must be an email address such as "on-call@example.com"; got "Me <me@example.com>"`}},
		"email with a topic": {AlarmsProps{Service: anyService(),
			Topic: &notify.Topic{Construct: fake.Construct{}}, Emails: []string{"me@example.com"}},
			[]string{`Emails must not be set together with Topic; got "me@example.com"; subscribe them to the topic`}},
		"thresholds": {AlarmsProps{Service: anyService(), ErrorsPerMinute: -1, ResponseTime: -1, CpuUtilizationPercent: 101,
			MemoryUtilizationPercent: -1}, []string{
			"ErrorsPerMinute must be 1 or greater; got -1",
			"ResponseTime must be 1ms or longer; got -1ns",
			"CpuUtilizationPercent must be an integer from 1 to 100; got 101",
			"MemoryUtilizationPercent must be an integer from 1 to 100; got -1",
		}},
		"an address":  {AlarmsProps{Service: anyService(), Emails: []string{"me@example.com"}}, nil},
		"to nobody":   {AlarmsProps{Service: anyService()}, nil},
		"own topic":   {AlarmsProps{Service: anyService(), Topic: &notify.Topic{Construct: fake.Construct{}}}, nil},
		"token email": {AlarmsProps{Service: anyService(), Emails: []string{"${Token[Email.1]}"}}, nil},
	} {
		t.Run(name, func(t *testing.T) { fake.Refused(t, c.props.Validate(), c.want...) })
	}
}

func TestDashboardsAreRefused(t *testing.T) {
	fake.Refused(t, (&DashboardProps{}).Validate(), "Services must have 1 to 50 services; got 0")
	fake.Refused(t, (&DashboardProps{Services: []*Service{nil, {}}, DashboardName: "my board"}).Validate(),
		"Services[0] must be a service of ecs.NewService or ecs.ServiceFrom",
		"Services[1] must be a service of ecs.NewService or ecs.ServiceFrom",
		`DashboardName must be 1 to 255 letters, digits, hyphens and underscores; got "my board"`)
	fake.Refused(t, (&DashboardProps{Services: []*Service{anyService()}, DashboardName: "board"}).Validate())
}
