package invalid_test

import (
	"fmt"

	"awscontainers/constructs/invalid"
)

func ExampleProblems() {
	var bad invalid.Problems
	if port := 0; port < 1 {
		bad.Add("Port", "%d is not a port; use 1 to 65535", port)
	}
	if name := ""; name == "" {
		bad.Add("Name", "is empty; name the container")
	}
	fmt.Println(bad.Err())
	// Output:
	// Port 0 is not a port; use 1 to 65535
	// Name is empty; name the container
}
