// Package schedule checks what AWS schedules by: cron(...), rate(...) and at(...) expressions, and time zones. Start
// with [Check].
package schedule
