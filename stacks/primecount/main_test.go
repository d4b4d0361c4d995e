package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The process itself, for the tests that need one.
func TestMain(m *testing.M) {
	if os.Getenv("PRIMECOUNT_TEST_MAIN") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

const (
	url    = "https://sqs.example.com/1/jobs"
	secret = "hunter2"
)

// fixture is a worker, a queue and an agent of ECS, whose seconds are short.
type fixture struct {
	*worker
	queue *fakeSqs
	agent *fakeAgent
	out   *lockedBuffer
	end   context.CancelFunc
	ended chan error
	// Other than usual, unless 0: the visibility in seconds, and the protection's times.
	visibleAfter     int
	renewAfter, rest time.Duration
}

type lockedBuffer struct {
	mutex sync.Mutex
	bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.Buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.Buffer.String()
}

func serve(t *testing.T, second time.Duration) (*fakeSqs, *fakeAgent) {
	t.Helper()
	for _, v := range os.Environ() { // nothing of the developer's own: no profile, no credentials
		if name, _, _ := strings.Cut(v, "="); strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, "")
			require.NoError(t, os.Unsetenv(name))
		}
	}
	queue := &fakeSqs{t: t, second: second, maxReceives: 3, refuse: map[string]int{}, hooks: map[string]func(){}}
	server := httptest.NewServer(queue)
	t.Cleanup(server.Close)
	agent := &fakeAgent{answer: `{"protection": {"ProtectionEnabled": true}}`}
	agentServer := httptest.NewServer(agent)
	t.Cleanup(agentServer.Close)
	for name, value := range map[string]string{
		"AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull, "AWS_EC2_METADATA_DISABLED": "true", "AWS_REGION": "eu-west-1",
		"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": secret, "AWS_ENDPOINT_URL_SQS": server.URL,
		"ECS_AGENT_URI": agentServer.URL + "/api/1",
	} {
		t.Setenv(name, value)
	}
	return queue, agent
}

// start runs a worker whose visibility timeout and grace are six seconds.
func start(t *testing.T, work func(ctx context.Context, body string) (int, error), prepare ...func(f *fixture)) *fixture {
	t.Helper()
	const second = 25 * time.Millisecond
	f := &fixture{out: &lockedBuffer{}, ended: make(chan error, 1)}
	f.queue, f.agent = serve(t, second)
	for _, p := range prepare {
		p(f)
	}
	f.begin(t, second, work)
	return f
}

func (f *fixture) begin(t *testing.T, second time.Duration, work func(ctx context.Context, body string) (int, error)) {
	t.Helper()
	cfg, err := config.LoadDefaultConfig(t.Context())
	require.NoError(t, err)
	log := slog.New(slog.NewJSONHandler(f.out, nil))
	f.worker = &worker{queue: sqs.NewFromConfig(cfg), url: url, visibility: 6, grace: 6, work: work, second: second, log: log,
		protection: newProtection(os.Getenv("ECS_AGENT_URI"), log)}
	f.visibility = cmp.Or(f.visibleAfter, f.visibility)
	f.protection.renewAfter, f.protection.rest = cmp.Or(f.renewAfter, f.protection.renewAfter), cmp.Or(f.rest, f.protection.rest)
	ctx, cancel := context.WithCancel(context.Background())
	f.end = cancel
	go func() { f.ended <- f.run(ctx) }()
	t.Cleanup(cancel)
}

func (f *fixture) stop(t *testing.T) {
	t.Helper()
	f.end()
	select {
	case err := <-f.ended:
		require.NoError(t, err)
	case <-time.After(5 * time.Second):
		require.Fail(t, "it goes on")
	}
}

func (f *fixture) eventually(t *testing.T, holds func() bool, message string) {
	t.Helper()
	require.Eventually(t, func() (ok bool) {
		f.queue.look(func() { ok = holds() })
		return ok
	}, 5*time.Second, time.Millisecond, "%s\n%s", message, f.out)
}

// lines gives what was logged, as "done m1".
func lines(t *testing.T, out string) (said []string) {
	t.Helper()
	for line := range strings.Lines(out) {
		var fields map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &fields), line)
		text, _ := fields["msg"].(string)
		if id, ok := fields["message"].(string); ok {
			text += " " + id
		}
		said = append(said, text)
	}
	return said
}

func TestMessagesAreDone(t *testing.T) {
	f := start(t, countPrimes)
	f.queue.send(`{"below": 100}`)
	f.queue.send(`{"below": 1000000}`)
	f.eventually(t, func() bool { return len(f.queue.deleted) == 2 }, "not done")
	f.stop(t)
	assert.Equal(t, []string{"done m1", "done m2"}, lines(t, f.out.String()))
	assert.Contains(t, f.out.String(), `"result":25}`)
	assert.Contains(t, f.out.String(), `"result":78498}`)
	assert.NotContains(t, f.out.String(), "below", "the body is logged")
	assert.NotContains(t, f.out.String(), secret)
}

func TestLongWorkKeepsTheMessage(t *testing.T) {
	release := make(chan struct{})
	f := start(t, func(context.Context, string) (int, error) { <-release; return 0, nil }, func(f *fixture) { f.queue.send("a") })
	f.eventually(t, func() bool { return f.queue.extensions >= 12 }, "not extended") // four visibility timeouts
	f.queue.look(func() { assert.Equal(t, 1, f.queue.messages[0].receives, "another worker could have received it") })
	close(release)
	f.eventually(t, func() bool { return len(f.queue.deleted) == 1 }, "not done")
	f.stop(t)
	assert.Equal(t, []string{"done m1"}, lines(t, f.out.String()))
	assert.Zero(t, f.queue.vain)
}

// A message that comes to a worker which was told to stop meanwhile goes back at once.
func TestNoMessageIsLostOnStop(t *testing.T) {
	f := start(t, func(context.Context, string) (int, error) { panic("it works though told to stop") })
	f.eventually(t, func() bool { return f.queue.polls == 1 }, "not receiving")
	f.end()
	f.queue.send("a")
	require.NoError(t, <-f.ended)
	require.Len(t, f.queue.messages, 1)
	assert.False(t, f.queue.messages[0].isHidden(), "hidden until the visibility timeout ends")
	assert.Equal(t, []string{"given back m1"}, lines(t, f.out.String()))
	assert.Equal(t, 1, f.queue.polls, "it went on receiving")
}

func TestWorkIsFinishedWithinTheGrace(t *testing.T) {
	working := make(chan struct{})
	f := start(t, func(ctx context.Context, _ string) (int, error) {
		close(working)
		time.Sleep(100 * time.Millisecond) // four seconds of six
		return 0, ctx.Err()
	}, func(f *fixture) { f.queue.send("a") })
	<-working
	f.queue.send("b")
	f.stop(t)
	assert.Equal(t, []string{"a"}, f.queue.deleted)
	assert.Equal(t, []string{"done m1"}, lines(t, f.out.String()))
	assert.Zero(t, f.queue.messages[0].receives, "it went on receiving")
}

func TestWorkIsGivenBackAfterTheGrace(t *testing.T) {
	working := make(chan struct{})
	f := start(t, func(ctx context.Context, _ string) (int, error) {
		close(working)
		<-ctx.Done()
		return 0, ctx.Err()
	}, func(f *fixture) { f.queue.send("a") })
	<-working
	begin := time.Now()
	f.stop(t)
	assert.GreaterOrEqual(t, time.Since(begin), 6*25*time.Millisecond, "it had time left")
	assert.Less(t, time.Since(begin), time.Second)
	assert.Empty(t, f.queue.deleted)
	assert.False(t, f.queue.messages[0].isHidden(), "hidden until the visibility timeout ends")
	assert.Equal(t, []string{"given back m1"}, lines(t, f.out.String()))
}

func TestPoisonGoesToTheDeadLetterQueue(t *testing.T) {
	f := start(t, countPrimes, func(f *fixture) {
		f.queue.send(`{"below": "` + secret + `"}`)
		f.queue.send(`{"below": 10}`)
	})
	f.eventually(t, func() bool { return len(f.queue.dead) == 1 }, "not given up")
	f.stop(t)
	assert.Equal(t, []string{`{"below": 10}`}, f.queue.deleted)
	assert.Equal(t, 3, f.queue.dead[0].receives)
	assert.ElementsMatch(t, []string{"failed m1", "failed m1", "failed m1", "done m2"}, lines(t, f.out.String()))
	assert.NotContains(t, f.out.String(), secret)
}

// A worker that dies holds its message no longer than the visibility timeout.
func TestCrashRedelivers(t *testing.T) {
	const second = 25 * time.Millisecond
	f := &fixture{out: &lockedBuffer{}, ended: make(chan error, 1)}
	f.queue, f.agent = serve(t, second)
	f.queue.send("a")
	require.NotNil(t, f.queue.take(6), "to the one that dies")
	begin := time.Now()
	f.begin(t, second, func(context.Context, string) (int, error) { return 0, nil })
	f.eventually(t, func() bool { return len(f.queue.deleted) == 1 }, "not delivered again")
	assert.GreaterOrEqual(t, time.Since(begin), 5*second)
	f.stop(t)
}

// Work on a message that others may have by now isn't counted, although SQS accepts its deletion.
func TestExpiredHandleIsNotDone(t *testing.T) {
	t.Run("extensions fail until the visibility ends", func(t *testing.T) {
		var begun atomic.Int32
		f := start(t, func(ctx context.Context, _ string) (int, error) {
			if begun.Add(1) == 1 {
				time.Sleep(250 * time.Millisecond) // ten seconds, and it doesn't heed its context
			}
			return 0, nil
		}, func(f *fixture) {
			f.queue.refuse["ChangeMessageVisibility"] = 100
			f.queue.send("a")
		})
		f.eventually(t, func() bool { return len(f.queue.deleted) == 1 }, "not done by the second attempt")
		f.stop(t)
		said := lines(t, f.out.String())
		assert.Contains(t, said, "lost m1")
		assert.Equal(t, "done m1", said[len(said)-1])
		assert.Equal(t, 1, strings.Count(strings.Join(said, "\n"), "done"))
		assert.Zero(t, f.queue.vain, "deleted although lost")
	})
	t.Run("it is lost while it is deleted", func(t *testing.T) {
		f := start(t, func(context.Context, string) (int, error) { return 0, nil }, func(f *fixture) {
			slow := true
			f.queue.hooks["DeleteMessage"] = func() {
				if slow {
					slow = false
					time.Sleep(250 * time.Millisecond)
				}
			}
			f.queue.send("a")
		})
		f.eventually(t, func() bool { return len(f.queue.deleted) == 1 }, "not done by the second attempt")
		f.stop(t)
		assert.Equal(t, []string{"lost m1", "done m1"}, lines(t, f.out.String()))
		assert.Equal(t, 1, f.queue.vain)
	})
	t.Run("somebody else has it", func(t *testing.T) {
		cause := make(chan error, 1)
		f := start(t, func(ctx context.Context, _ string) (int, error) {
			<-ctx.Done()
			cause <- context.Cause(ctx)
			return 0, ctx.Err()
		}, func(f *fixture) { f.queue.send("a") })
		f.eventually(t, func() bool { return len(f.queue.messages) == 1 && f.queue.messages[0].receives == 1 }, "not received")
		f.queue.look(func() { f.queue.messages[0].handle = "another's" })
		require.ErrorIs(t, <-cause, errLost, "work goes on in vain")
		f.stop(t)
	})
	t.Run("deletion fails", func(t *testing.T) {
		f := start(t, func(context.Context, string) (int, error) { return 0, nil }, func(f *fixture) {
			f.queue.refuse["DeleteMessage"] = 1
			f.queue.send("a")
		})
		f.eventually(t, func() bool { return len(f.queue.deleted) == 1 }, "not done by the second attempt")
		f.stop(t)
		assert.Equal(t, []string{"not deleted, and comes again m1", "done m1"}, lines(t, f.out.String()))
	})
}

// ECS stops other tasks while this one works. Between two messages nothing changes.
func TestTaskIsProtectedWhileItWorks(t *testing.T) {
	f := start(t, func(context.Context, string) (int, error) { return 0, nil }, func(f *fixture) {
		f.queue.send("a")
		f.queue.send("b")
	})
	require.Eventually(t, func() bool { return len(f.agent.said()) == 2 }, 5*time.Second, time.Millisecond)
	f.stop(t)
	assert.Equal(t, []string{"true 10", "false 0"}, f.agent.said())
	assert.Len(t, f.queue.deleted, 2)

	for answer, want := range map[string]string{
		`{"error": {"Code": "AccessDeniedException", "Message": "may not"}}`: "AccessDeniedException: may not",
		`{"failure": {"Reason": "DEPLOYMENT_BLOCKED"}}`:                      "DEPLOYMENT_BLOCKED",
		`no JSON`: "answer with status 200",
	} {
		f := start(t, func(context.Context, string) (int, error) { return 0, nil }, func(f *fixture) {
			f.agent.answer = answer
			f.queue.send("a")
		})
		f.eventually(t, func() bool { return len(f.queue.deleted) == 1 }, "not done without protection")
		f.stop(t)
		assert.Contains(t, f.out.String(), want)
	}
}

// A deployment waits for protected tasks, so that one that always has a message must let go.
func TestBusyTaskGivesUpItsProtection(t *testing.T) {
	const messages = 60
	f := start(t, func(context.Context, string) (int, error) { time.Sleep(5 * time.Millisecond); return 0, nil }, func(f *fixture) {
		f.renewAfter, f.rest = 50*time.Millisecond, 30*time.Millisecond
		for range messages {
			f.queue.send("a")
		}
	})
	f.eventually(t, func() bool { return len(f.queue.deleted) == messages }, "not done")
	f.stop(t)
	said := f.agent.said()
	offs := 0
	for i, state := range said {
		if state == "false 0" {
			offs++
			assert.Equal(t, "true 10", said[max(0, i-1)], "off though it was off: %v", said)
		}
	}
	assert.Greater(t, offs, 1, "it is on for as long as there are messages: %v", said)
	assert.Less(t, offs, messages, "it rests after each message: %v", said)
}

// The protection of a long message is renewed, however long its visibility is.
func TestLongVisibilityKeepsTheProtection(t *testing.T) {
	release := make(chan struct{})
	f := start(t, func(context.Context, string) (int, error) { <-release; return 0, nil }, func(f *fixture) {
		f.visibleAfter, f.renewAfter, f.rest = 43200, 10*time.Millisecond, 5*time.Millisecond
		f.queue.send("a")
	})
	require.Eventually(t, func() bool { return len(f.agent.said()) >= 3 }, 5*time.Second, time.Millisecond, "not renewed")
	close(release)
	f.eventually(t, func() bool { return len(f.queue.deleted) == 1 }, "not done")
	f.stop(t)
	assert.NotContains(t, f.agent.said()[:3], "false 0")
	assert.Zero(t, f.queue.extensions, "extended without need")
}

func TestQueueOutOfReach(t *testing.T) {
	f := start(t, func(context.Context, string) (int, error) { return 0, nil }, func(f *fixture) {
		f.queue.refuse["ReceiveMessage"] = 3
		f.queue.send("a")
	})
	f.eventually(t, func() bool { return len(f.queue.deleted) == 1 }, "it gave up too early")
	f.stop(t)
	f = start(t, countPrimes, func(f *fixture) { f.queue.refuse["ReceiveMessage"] = 1000 })
	require.ErrorContains(t, <-f.ended, "AccessDenied")
}

func TestEnvironmentIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		env  map[string]string
		want string
	}{
		"nothing": {nil, "missing in the environment: QUEUE_URL"},
		"numbers": {map[string]string{"QUEUE_URL": url, "VISIBILITY_TIMEOUT_SECONDS": "2", "STOP_SECONDS": "soon"},
			"VISIBILITY_TIMEOUT_SECONDS must be an integer from 3 to 43200; got \"2\"\n" +
				"STOP_SECONDS must be an integer from 0 to 43200; got \"soon\""},
	} {
		var out bytes.Buffer
		assert.Equal(t, 1, run(t.Context(), func(name string) string { return c.env[name] }, &out), name)
		var line map[string]any
		require.NoError(t, json.Unmarshal(out.Bytes(), &line))
		assert.Equal(t, c.want, line["error"], name)
	}
}

func TestPrimes(t *testing.T) {
	for body, want := range map[string]int{
		`{"below": 0}`: 0, `{"below": 2}`: 0, `{"below": 3}`: 1, `{"below": 100}`: 25, `{"below": 524288}`: 43390, `{"below": 10000000}`: 664579,
	} {
		got, err := countPrimes(t.Context(), body)
		require.NoError(t, err, body)
		assert.Equal(t, want, got, body)
	}
	for _, body := range []string{"", "5", `{}`, `{"below": -1}`, `{"below": 1e12}`, `{"below": "` + secret + `"}`} {
		_, err := countPrimes(t.Context(), body)
		require.ErrorIs(t, err, errBody, body)
	}
	ctx, cancel := context.WithTimeoutCause(t.Context(), 20*time.Millisecond, errors.New("enough"))
	defer cancel()
	_, err := countPrimes(ctx, `{"below": 100000000000}`)
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

// What ECS sees: an end soon after SIGTERM, with 0.
func TestProcess(t *testing.T) {
	queue, _ := serve(t, 25*time.Millisecond)
	executable, err := os.Executable()
	require.NoError(t, err)
	var out lockedBuffer
	p := exec.CommandContext(t.Context(), executable)
	p.Stdout, p.Stderr = &out, os.Stderr
	p.Env = append(os.Environ(), "PRIMECOUNT_TEST_MAIN=1", "QUEUE_URL="+url, "STOP_SECONDS=1")
	require.NoError(t, p.Start())
	queue.send(`{"below": 100}`)
	queue.send(`{"below": 100000000000}`)
	require.Eventually(t, func() (ok bool) {
		queue.look(func() { ok = len(queue.deleted) == 1 && queue.messages[0].receives == 1 })
		return ok
	}, 10*time.Second, time.Millisecond)
	require.NoError(t, p.Process.Signal(syscall.SIGTERM))
	require.NoError(t, p.Wait())
	assert.Equal(t, []string{"done m1", "given back m2", "stopped"}, lines(t, out.String()))
	queue.look(func() { assert.False(t, queue.messages[0].isHidden()) })
}
