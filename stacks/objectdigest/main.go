// Command objectdigest reads an object of Amazon S3, writes its size and SHA-256 to a DynamoDB table, and ends. It is
// what the stack EventDrivenTask starts for each object that lands in its bucket.
//
// It takes all from the environment:
//
//	BUCKET     the bucket, the event's detail.bucket.name
//	KEY        the object's key, the event's detail.object.key, as it is there
//	SEQUENCER  the event's detail.object.sequencer; may be empty
//	TABLE      the table, whose partition key is the string "object"
//
// The Region and the credentials are found as the AWS SDK finds them: AWS_REGION, and ECS's task role, which may
// s3:GetObject and dynamodb:PutItem.
//
// It exits with 0 when the result is in the table, or when that of a newer event is there already, and with 1 otherwise:
// something is missing in the environment, S3 or DynamoDB refused, the object came incomplete, or it was told to stop.
// Either way it logs one line of JSON to standard output.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

func main() {
	// ECS stops a task with SIGTERM, and kills it half a minute later:
	// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_StopTask.html
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	code := run(ctx, os.Getenv, os.Stdout)
	stop()
	os.Exit(code)
}

// run does all but what belongs to the process, and returns its exit code.
func run(ctx context.Context, getenv func(string) string, out io.Writer) int {
	log := slog.New(slog.NewJSONHandler(out, nil))
	e, err := eventFrom(getenv)
	if err != nil {
		log.Error("refused", "error", err.Error())
		return 1
	}
	log = log.With("object", e.object())
	result, err := handle(ctx, e)
	switch {
	case err == nil:
		log.Info("recorded", "size", result.size, "sha256", result.sha256)
	case errors.Is(err, errNewer):
		log.Info("a newer event was faster", "sequencer", e.sequencer)
	case ctx.Err() != nil:
		log.Error("stopped", "error", context.Cause(ctx).Error())
		return 1
	default:
		log.Error("failed", "error", err.Error())
		return 1
	}
	return 0
}

func handle(ctx context.Context, e event) (digest, error) {
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return digest{}, fmt.Errorf("cannot configure the AWS SDK: %w", err)
	}
	objects := s3.NewFromConfig(cfg, func(o *s3.Options) {
		// The SDK checks what has a checksum, and else writes a line of its own, which is not JSON.
		o.DisableLogOutputChecksumValidationSkipped = true
	})
	result, err := read(ctx, objects, e)
	if err != nil {
		return digest{}, fmt.Errorf("cannot read %s: %w", e.object(), err)
	}
	if err := record(ctx, dynamodb.NewFromConfig(cfg), e, result); err != nil {
		return digest{}, fmt.Errorf("cannot write the result of %s to table %q: %w", e.object(), e.table, err)
	}
	return result, nil
}

// event is what EventBridge passes on of S3's event, and where the result belongs.
type event struct {
	bucket string
	// Not URL-encoded, other than in the events that S3 itself sends to SNS, SQS and Lambda: it is used as it is, and
	// a plus is a plus. https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html against
	// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
	key       string
	sequencer string
	table     string
}

// eventFrom names all that is missing at once.
func eventFrom(getenv func(string) string) (event, error) {
	e := event{sequencer: getenv("SEQUENCER")}
	var missing []string
	for _, v := range []struct {
		name string
		to   *string
	}{{"BUCKET", &e.bucket}, {"KEY", &e.key}, {"TABLE", &e.table}} {
		if *v.to = getenv(v.name); *v.to == "" {
			missing = append(missing, v.name)
		}
	}
	if missing != nil {
		return event{}, fmt.Errorf("missing in the environment: %s", strings.Join(missing, ", "))
	}
	return e, nil
}

// object names the object in messages and in the table. With 63 bytes of bucket and 1024 of key at most it stays below
// the 2048 bytes of a partition key.
func (e event) object() string {
	return "s3://" + e.bucket + "/" + e.key
}
