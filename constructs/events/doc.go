// Package events starts tasks of Amazon ECS and tells what became of them:
//
//   - a [TaskRule] starts a task when an event comes, such as an object in Amazon S3;
//   - a [Schedule] starts one at times;
//   - [TaskAlerts] tell people of tasks and deployments that failed, through a [Topic].
//
// What runs, and where, is an ecs.Run. Nothing here takes a Lambda function.
//
// Wrong props are refused before anything is made: constructors panic with *invalid.Error, which names every problem.
package events
