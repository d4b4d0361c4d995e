package main

import (
	"context"
	"encoding/json"
	"errors"
)

// maxBelow is work for minutes.
const maxBelow = 100_000_000_000

// What a message says isn't repeated: it may be a secret.
var errBody = errors.New(`the body must be a JSON object such as {"below": 1000000}, with an integer from 0 to 100000000000`)

// countPrimes is the work: it counts the primes below the number in the message's body, until the context ends.
func countPrimes(ctx context.Context, body string) (int, error) {
	var job struct {
		Below *int `json:"below"`
	}
	if err := json.Unmarshal([]byte(body), &job); err != nil || job.Below == nil || *job.Below < 0 || *job.Below > maxBelow {
		return 0, errBody
	}
	// The sieve of Eratosthenes, a segment at a time. The primes of the first one are all that it takes: its square is above maxBelow.
	const segment = 1 << 19
	var primes []int
	count := 0
	composite := make([]bool, segment)
	for low := 0; low < *job.Below; low += segment {
		if ctx.Err() != nil {
			return 0, ctx.Err()
		}
		clear(composite)
		high := min(low+segment, *job.Below)
		for _, p := range primes {
			if p*p >= high {
				break
			}
			for multiple := max(p*p, (low+p-1)/p*p); multiple < high; multiple += p {
				composite[multiple-low] = true
			}
		}
		for n := max(low, 2); n < high; n++ {
			if composite[n-low] {
				continue
			}
			count++
			if low == 0 {
				primes = append(primes, n)
				for multiple := n * n; multiple < high; multiple += n {
					composite[multiple] = true
				}
			}
		}
	}
	return count, nil
}
