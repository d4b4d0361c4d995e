package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"
)

// protection keeps ECS from stopping the task for scaling in or a deployment while it works. It ends by itself, should the program hang.
// A task that is never idle gives it up for a moment now and then: a deployment waits for protected tasks, and CloudFormation gives up
// after three hours. Neither a Spot interruption nor a person who stops the task is kept off.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection.html
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection-endpoint.html
type protection struct {
	endpoint string // "" outside of ECS
	client   *http.Client
	log      *slog.Logger

	// After renewAfter it is renewed while a message is worked on, and given up for rest between two messages.
	renewAfter, rest time.Duration

	mutex   sync.Mutex
	first   time.Time // since when it is on; zero if it is off
	renewed time.Time // when it was turned on last
	resting time.Time // until when it stays off
}

const protectedMinutes = 10

func newProtection(agent string, log *slog.Logger) *protection {
	p := &protection{
		client: &http.Client{Timeout: 5 * time.Second}, log: log, renewAfter: protectedMinutes * time.Minute / 2, rest: time.Minute,
	}
	if agent != "" {
		p.endpoint = agent + "/task-protection/v1/state"
	}
	return p
}

// begin turns the protection on, or renews it. Work goes on without it: it can be given back on SIGTERM.
func (p *protection) begin() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.endpoint == "" || time.Since(p.renewed) < p.renewAfter || time.Now().Before(p.resting) {
		return
	}
	if p.put(map[string]any{"ProtectionEnabled": true, "ExpiresInMinutes": protectedMinutes}) {
		p.renewed = time.Now()
		if p.first.IsZero() {
			p.first = p.renewed
		}
	}
}

// yield turns it off for a while, between two messages, if it has been on for long: ECS can then stop the task.
func (p *protection) yield() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if !p.first.IsZero() && time.Since(p.first) >= p.renewAfter && p.off() {
		p.resting = time.Now().Add(p.rest)
	}
}

// end turns it off once nothing is to be done.
func (p *protection) end() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if !p.first.IsZero() {
		p.off()
	}
}

func (p *protection) off() bool {
	isOff := p.put(map[string]any{"ProtectionEnabled": false})
	if isOff {
		p.first, p.renewed = time.Time{}, time.Time{}
	}
	return isOff
}

func (p *protection) put(state map[string]any) bool {
	err := func() error {
		body, err := json.Marshal(state)
		if err != nil {
			return err
		}
		request, err := http.NewRequest(http.MethodPut, p.endpoint, bytes.NewReader(body))
		if err != nil {
			return err
		}
		request.Header.Set("Content-Type", "application/json")
		answer, err := p.client.Do(request)
		if err != nil {
			return err
		}
		defer func() { _ = answer.Body.Close() }()
		var problem struct {
			Error   *struct{ Code, Message string } `json:"error"`
			Failure *struct{ Reason string }        `json:"failure"`
		}
		if err := json.NewDecoder(io.LimitReader(answer.Body, 64<<10)).Decode(&problem); err != nil {
			return fmt.Errorf("answer with status %d: %w", answer.StatusCode, err)
		}
		switch {
		case problem.Error != nil:
			return fmt.Errorf("%s: %s", problem.Error.Code, problem.Error.Message)
		case problem.Failure != nil:
			return fmt.Errorf("%s", problem.Failure.Reason)
		case answer.StatusCode != http.StatusOK:
			return fmt.Errorf("status %d", answer.StatusCode)
		}
		return nil
	}()
	if err != nil {
		p.log.Warn("cannot change the task's protection", "error", err.Error())
	}
	return err == nil
}
