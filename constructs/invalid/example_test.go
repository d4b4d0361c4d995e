package invalid_test

import (
	"fmt"

	"awscontainers/constructs/invalid"
)

func ExampleProblems() {
	var bad invalid.Problems
	if port := 0; port < 1 || port > 65535 {
		bad.Add("Port", "must be an integer from %d to %d", 1, 65535).Given(port)
	}
	if name := ""; name == "" {
		bad.Add("Name", "is required").Advise("set the name of the container")
	}
	fmt.Println(bad.Err())
	// Output:
	// Port must be an integer from 1 to 65535; got 0
	// Name is required; set the name of the container
}
