// Package events starts tasks of Amazon ECS and reports those that fail. Start with [NewTaskRule] to start a task when an
// event arrives, such as an object in Amazon S3, with [NewSchedule] to start one on a schedule, or with [NewTaskAlerts] to
// notify people of tasks and deployments that fail:
//
//	run := ecs.NewRun(stack, "Run", &ecs.RunProps{Cluster: cluster, Task: task})
//	events.NewTaskRule(stack, "Uploads", &events.TaskRuleProps{Run: run, S3: &events.S3Objects{Bucket: bucket, KeyPrefix: "incoming/"}})
//	events.NewSchedule(stack, "Nightly", &events.ScheduleProps{Run: run, ScheduleExpression: "cron(0 3 * * ? *)"})
//	events.NewTaskAlerts(stack, "Alerts", &events.TaskAlertsProps{Emails: []string{"on-call@example.com"}})
//
// An ecs.Run says what runs, and where; a notify.Topic says who is notified. Nothing here needs a Lambda function.
//
// Constructors panic with *invalid.Error, which lists every problem of the props, before they create anything.
package events
