// Package describe writes texts: descriptions of resources, which AWS takes in few characters only, from what users may
// call their constructs in any, and durations in messages. Start with [Of].
package describe
