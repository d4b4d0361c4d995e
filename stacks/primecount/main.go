// Command primecount works on the messages of an Amazon SQS queue, one at a time: each names a number, {"below": 1000000}, and it counts
// the primes below. It is what the stack QueueWorker runs; put your own work in the place of countPrimes.
//
// It takes all from the environment:
//
//	QUEUE_URL                   the queue's URL
//	VISIBILITY_TIMEOUT_SECONDS  how long a message is hidden from other tasks between two extensions, 3 to 43200; default 60
//	STOP_SECONDS                how long it may go on with a message once it is told to stop, less than the container's stop timeout;
//	                            default 20
//	ECS_AGENT_URI               set by ECS: where it protects its task from scaling in while it works
//
// The Region and the credentials are found as the AWS SDK finds them: AWS_REGION, and ECS's task role, which may sqs:ReceiveMessage,
// sqs:ChangeMessageVisibility, sqs:DeleteMessage and ecs:UpdateTaskProtection.
//
// It logs a line of JSON to standard output for each message, by its ID and without its body. It runs until it is told to stop, and then
// exits with 0. It exits with 1 if something is missing in the environment, or if the queue can't be reached for minutes.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

func main() {
	// ECS stops a task with SIGTERM, for scaling in, for deployments and for Spot interruptions, and kills it after the stop timeout:
	// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_StopTask.html
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	code := run(ctx, os.Getenv, os.Stdout)
	stop()
	os.Exit(code)
}

// run does all but what belongs to the process, and returns its exit code.
func run(ctx context.Context, getenv func(string) string, out io.Writer) int {
	log := slog.New(slog.NewJSONHandler(out, nil))
	w, err := workerFrom(ctx, getenv, log)
	if err == nil {
		err = w.run(ctx)
	}
	if err != nil {
		log.Error("failed", "error", err.Error())
		return 1
	}
	log.Info("stopped")
	return 0
}

// workerFrom names all that is wrong at once.
func workerFrom(ctx context.Context, getenv func(string) string, log *slog.Logger) (*worker, error) {
	var bad []error
	w := &worker{url: getenv("QUEUE_URL"), work: countPrimes, second: time.Second, log: log}
	if w.url == "" {
		bad = append(bad, errors.New("missing in the environment: QUEUE_URL"))
	}
	seconds := func(name string, byDefault, minimum, maximum int) int {
		text := getenv(name)
		if text == "" {
			return byDefault
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < minimum || n > maximum {
			bad = append(bad, fmt.Errorf("%s must be an integer from %d to %d; got %q", name, minimum, maximum, text))
		}
		return n
	}
	const twelveHours = 43200 // the longest that SQS hides a message
	w.visibility = seconds("VISIBILITY_TIMEOUT_SECONDS", 60, 3, twelveHours)
	w.grace = seconds("STOP_SECONDS", 20, 0, twelveHours)
	if len(bad) > 0 {
		return nil, errors.Join(bad...)
	}
	w.protection = newProtection(getenv("ECS_AGENT_URI"), log)
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, fmt.Errorf("cannot configure the AWS SDK: %w", err)
	}
	w.queue = sqs.NewFromConfig(cfg)
	return w, nil
}
