package main

import (
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// fakeSqs is a standard queue with a dead-letter queue that speaks today's protocol of SQS, AWS JSON 1.0. It has visibility timeouts,
// receipt handles that go out of date, and redrive. Its seconds are short.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
type fakeSqs struct {
	t           *testing.T
	second      time.Duration
	maxReceives int

	mutex      sync.Mutex
	messages   []*fakeMessage
	dead       []*fakeMessage
	deleted    []string // bodies
	polls      int
	extensions int
	vain       int               // deletions with a handle that was out of date
	refuse     map[string]int    // how many of the next calls of an operation fail
	hooks      map[string]func() // called before an operation, without the lock
}

type fakeMessage struct {
	id, body, handle string
	receives         int
	hiddenUntil      time.Time
}

func (m *fakeMessage) isHidden() bool { return time.Now().Before(m.hiddenUntil) }

func (f *fakeSqs) send(body string) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.messages = append(f.messages, &fakeMessage{id: fmt.Sprintf("m%d", len(f.messages)+len(f.dead)+len(f.deleted)+1), body: body})
}

func (f *fakeSqs) look(at func()) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	at()
}

func (f *fakeSqs) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	operation, isSqs := strings.CutPrefix(r.Header.Get("X-Amz-Target"), "AmazonSQS.")
	if !isSqs || r.Header.Get("Content-Type") != "application/x-amz-json-1.0" {
		f.fail(w, "InvalidAction")
		return
	}
	var in struct {
		QueueUrl, ReceiptHandle                                 string
		WaitTimeSeconds, VisibilityTimeout, MaxNumberOfMessages int
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.QueueUrl != "https://sqs.example.com/1/jobs" {
		f.fail(w, "QueueDoesNotExist")
		return
	}
	if hook := f.hooks[operation]; hook != nil {
		hook()
	}
	f.mutex.Lock()
	refused := f.refuse[operation] > 0
	f.refuse[operation]--
	f.mutex.Unlock()
	if refused {
		f.fail(w, "AccessDeniedException")
		return
	}
	var out any = map[string]any{}
	switch operation {
	case "ReceiveMessage":
		out = f.receive(r, in.WaitTimeSeconds, in.VisibilityTimeout)
	case "DeleteMessage":
		f.remove(in.ReceiptHandle)
	case "ChangeMessageVisibility":
		if problem := f.change(in.ReceiptHandle, in.VisibilityTimeout); problem != "" {
			f.fail(w, problem)
			return
		}
	default:
		f.fail(w, "InvalidAction")
		return
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	_ = json.NewEncoder(w).Encode(out)
}

func (f *fakeSqs) fail(w http.ResponseWriter, code string) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.WriteHeader(http.StatusBadRequest)
	_ = json.NewEncoder(w).Encode(map[string]string{"__type": "com.amazonaws.sqs#" + code, "message": "refused"})
}

func (f *fakeSqs) receive(r *http.Request, wait, visibility int) any {
	f.look(func() { f.polls++ })
	deadline := time.Now().Add(time.Duration(wait) * f.second)
	for {
		if m := f.take(visibility); m != nil {
			sum := md5.Sum([]byte(m.body))
			return map[string]any{"Messages": []any{map[string]any{"MessageId": m.id, "ReceiptHandle": m.handle, "Body": m.body,
				"MD5OfBody": hex.EncodeToString(sum[:]), "Attributes": map[string]string{"ApproximateReceiveCount": fmt.Sprint(m.receives)}}}}
		}
		if time.Now().After(deadline) || r.Context().Err() != nil {
			return map[string]any{}
		}
		time.Sleep(f.second / 20)
	}
}

// take hands a visible message out, or to the dead-letter queue if it was received too often.
func (f *fakeSqs) take(visibility int) *fakeMessage {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	for i := 0; i < len(f.messages); i++ {
		m := f.messages[i]
		if m.isHidden() {
			continue
		}
		if m.receives >= f.maxReceives {
			f.dead = append(f.dead, m)
			f.messages = append(f.messages[:i], f.messages[i+1:]...)
			i--
			continue
		}
		m.receives++
		m.handle = fmt.Sprintf("%s-%d", m.id, m.receives)
		m.hiddenUntil = time.Now().Add(time.Duration(visibility) * f.second)
		copied := *m
		return &copied
	}
	return nil
}

// remove deletes a message by the handle of its last receiving. It accepts others, and deletes nothing.
func (f *fakeSqs) remove(handle string) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	for i, m := range f.messages {
		if m.handle == handle && m.isHidden() {
			f.deleted = append(f.deleted, m.body)
			f.messages = append(f.messages[:i], f.messages[i+1:]...)
			return
		}
	}
	f.vain++
}

func (f *fakeSqs) change(handle string, visibility int) (problem string) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	for _, m := range f.messages {
		if m.handle != handle {
			continue
		}
		if !m.isHidden() {
			return "MessageNotInflight"
		}
		if visibility > 0 {
			f.extensions++
		}
		m.hiddenUntil = time.Now().Add(time.Duration(visibility) * f.second)
		return ""
	}
	return "ReceiptHandleIsInvalid"
}

// fakeAgent is the endpoint by which tasks protect themselves.
type fakeAgent struct {
	mutex  sync.Mutex
	states []string
	answer string
}

func (a *fakeAgent) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var state struct {
		ProtectionEnabled bool
		ExpiresInMinutes  int
	}
	err := json.NewDecoder(r.Body).Decode(&state)
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if err != nil || r.Method != http.MethodPut || r.URL.Path != "/api/1/task-protection/v1/state" {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	a.states = append(a.states, fmt.Sprint(state.ProtectionEnabled, " ", state.ExpiresInMinutes))
	_, _ = w.Write([]byte(a.answer))
}

func (a *fakeAgent) said() []string {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	return slices.Clone(a.states)
}
