// Package apprunner runs a web service on AWS App Runner: you name an image or a source, and it builds everything else.
//
//   - a [Service] is the service with its roles, its scaling, and on request its way into a VPC, its private address, AWS WAF and traces;
//   - a [Source] is where App Runner builds it from, if not from an image;
//   - [Alarms] tell when it does badly.
//
// App Runner has taken no new customers since 30 April 2026. Who has no service there yet takes ECS Express Mode, whose props
// are called the same.
// https://docs.aws.amazon.com/apprunner/latest/dg/apprunner-availability-change.html
//
// Wrong props are refused before anything is made: constructors panic with *invalid.Error, which names every problem.
package apprunner
