package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// worker receives messages, works on them and deletes them.
//
// A message that it received is hidden from others until its visibility ends. While the worker holds a message it extends that again and
// again, and so a crash costs one visibility timeout, however long the work is. A message is done when it was deleted while it was held:
// SQS accepts the deletion of one that others may have received by now, and doesn't delete it.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessage.html
type worker struct {
	queue      *sqs.Client
	url        string
	visibility int // in seconds, as grace
	grace      int
	work       func(ctx context.Context, body string) (result int, err error)
	protection *protection
	second     time.Duration
	log        *slog.Logger
}

const (
	// longPoll is the longest that SQS waits for a message, in seconds.
	longPoll = 20
	// After that many failures in a row, with longer and longer pauses, ECS may try another task.
	maxFailures = 8
	maxPause    = 30
	// A worker has a few seconds to tell SQS what became of a message, also after it was told to stop.
	lastWords = 5
)

var (
	errStopped = errors.New("told to stop")
	errLost    = errors.New("the message is no longer held")
)

func (w *worker) seconds(n int) time.Duration { return time.Duration(n) * w.second }

// run works until it is told to stop. The last receiving isn't broken off: SQS may have handed a message to it already, which would stay
// hidden for the visibility timeout, and count as received.
func (w *worker) run(stop context.Context) error {
	failures, pause := 0, 1
	for stop.Err() == nil {
		messages, err := w.receive()
		switch {
		case err != nil:
			if failures++; failures == maxFailures {
				return err
			}
			w.log.Warn("cannot receive", "error", err.Error())
			sleep(stop, w.seconds(pause))
			pause = min(2*pause, maxPause)
			continue
		case len(messages) == 0:
			w.protection.end()
		case stop.Err() != nil:
			for i := range messages {
				w.giveBack(&messages[i], w.log.With("message", aws.ToString(messages[i].MessageId)))
			}
		default:
			for i := range messages {
				w.handle(stop, &messages[i])
			}
			w.protection.yield()
		}
		failures, pause = 0, 1
	}
	w.protection.end()
	return nil
}

func (w *worker) receive() ([]types.Message, error) {
	ctx, cancel := context.WithTimeout(context.Background(), w.seconds(longPoll)+lastWords*time.Second)
	defer cancel()
	out, err := w.queue.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl: &w.url, MaxNumberOfMessages: 1, WaitTimeSeconds: longPoll, VisibilityTimeout: int32(w.visibility),
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameApproximateReceiveCount},
	})
	if err != nil {
		return nil, err
	}
	return out.Messages, nil
}

// handle works on a message. One that fails comes again when its visibility ends, until SQS moves it to the dead-letter queue.
func (w *worker) handle(stop context.Context, m *types.Message) {
	begin := time.Now()
	log := w.log.With("message", aws.ToString(m.MessageId), "receives", m.Attributes["ApproximateReceiveCount"])
	ctx, held := w.hold(stop, m, begin)
	result, err := w.work(ctx, aws.ToString(m.Body))
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	until := held()
	log = log.With("seconds", time.Since(begin).Seconds())
	switch {
	case errors.Is(err, errStopped):
		w.giveBack(m, log)
	case errors.Is(err, errLost) || time.Now().After(until):
		log.Error("lost", "error", errLost.Error())
	case err != nil:
		log.Error("failed", "error", err.Error())
	default:
		w.remove(m, until, log.With("result", result))
	}
}

// hold extends the message's visibility until the second result is called, which says until when it is held. The context ends when the
// message is lost, or when the worker was told to stop and its grace is over.
func (w *worker) hold(stop context.Context, m *types.Message, received time.Time) (context.Context, func() time.Time) {
	ctx, cancel := context.WithCancelCause(context.Background())
	until, finished := received.Add(w.seconds(w.visibility)), make(chan struct{})
	w.protection.begin()
	over := context.AfterFunc(stop, func() {
		sleep(ctx, w.seconds(w.grace))
		cancel(errStopped)
	})
	go func() {
		defer close(finished)
		third, extended := w.seconds(w.visibility)/3, received
		for {
			sleep(ctx, min(third, w.protection.rest)) // a long visibility must not outlast the protection
			if ctx.Err() != nil {
				return
			}
			w.protection.begin()
			if time.Since(extended) < third {
				continue
			}
			begin := time.Now()
			extended = begin
			err := w.setVisibility(m, w.visibility)
			switch {
			case err == nil:
				until = begin.Add(w.seconds(w.visibility))
			case isGone(err) || time.Now().After(until):
				cancel(errLost)
				return
			default:
				w.log.Warn("cannot extend the visibility", "message", aws.ToString(m.MessageId), "error", err.Error())
			}
		}
	}()
	return ctx, func() time.Time {
		over()
		cancel(nil)
		<-finished
		return until
	}
}

// isGone reports whether SQS no longer knows the message as this worker's.
func isGone(err error) bool {
	var notInFlight *types.MessageNotInflight
	var invalid *types.ReceiptHandleIsInvalid
	return errors.As(err, &notInFlight) || errors.As(err, &invalid)
}

// giveBack lets another task have the message at once.
func (w *worker) giveBack(m *types.Message, log *slog.Logger) {
	if err := w.setVisibility(m, 0); err != nil {
		log.Warn("not given back, and comes again when its visibility ends", "error", err.Error())
		return
	}
	log.Info("given back")
}

func (w *worker) setVisibility(m *types.Message, seconds int) error {
	ctx, cancel := context.WithTimeout(context.Background(), lastWords*time.Second)
	defer cancel()
	_, err := w.queue.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{
		QueueUrl: &w.url, ReceiptHandle: m.ReceiptHandle, VisibilityTimeout: int32(seconds),
	})
	return err
}

// remove deletes the message, and counts it as done only if it was still held then.
func (w *worker) remove(m *types.Message, until time.Time, log *slog.Logger) {
	ctx, cancel := context.WithTimeout(context.Background(), lastWords*time.Second)
	defer cancel()
	_, err := w.queue.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &w.url, ReceiptHandle: m.ReceiptHandle})
	switch {
	case err != nil:
		log.Error("not deleted, and comes again", "error", err.Error())
	case time.Now().After(until):
		log.Error("lost", "error", errLost.Error())
	default:
		log.Info("done")
	}
}

func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
