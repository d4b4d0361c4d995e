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
// Neither a Spot interruption nor a person who stops the task is kept off.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection-endpoint.html
type protection struct {
	endpoint string // "" outside of ECS
	client   *http.Client
	log      *slog.Logger

	mutex sync.Mutex
	since time.Time // when it was turned on last; zero if it is off
}

const (
	protectedMinutes = 10
	renewAfter       = protectedMinutes * time.Minute / 2
)

func newProtection(agent string, log *slog.Logger) *protection {
	p := &protection{client: &http.Client{Timeout: 5 * time.Second}, log: log}
	if agent != "" {
		p.endpoint = agent + "/task-protection/v1/state"
	}
	return p
}

// begin turns the protection on, or renews it. Work goes on without it: it can be given back on SIGTERM.
func (p *protection) begin() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.endpoint == "" || time.Since(p.since) < renewAfter {
		return
	}
	if p.put(map[string]any{"ProtectionEnabled": true, "ExpiresInMinutes": protectedMinutes}) {
		p.since = time.Now()
	}
}

// end turns it off once nothing is to be done.
func (p *protection) end() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.since.IsZero() {
		return
	}
	if p.put(map[string]any{"ProtectionEnabled": false}) {
		p.since = time.Time{}
	}
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
