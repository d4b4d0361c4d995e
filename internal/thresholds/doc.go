// Package thresholds holds the defaults and the checks of the thresholds that the alarms of every kind of web service
// have. Start with [Of].
package thresholds
