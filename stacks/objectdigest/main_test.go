package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/stretchr/testify/require"
	minidyn "github.com/truora/minidyn/server"
)

const (
	bucket = "uploads"
	table  = "digests"
	// Two events of one key, as S3 counts them.
	older = "0064D3901D00059242"
	newer = "0064D3901D00059243"
)

// The test binary is the program too, for the tests of what belongs to the process: exit codes and signals.
func TestMain(m *testing.M) {
	if os.Getenv("OBJECTDIGEST_TEST_MAIN") != "" {
		main()
	}
	os.Exit(m.Run())
}

func TestDigest(t *testing.T) {
	// As sha256sum says.
	for name, c := range map[string]struct{ content, sha256 string }{
		"small":    {"hello", "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"},
		"empty":    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
		"some MiB": {strings.Repeat("0123456789abcde", 400_000), "71f6b3935f5c002be9d4c8fc31e803d06e259b9c74354752f26887591b120f8b"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.put(t, "a/b.txt", []byte(c.content))

			line := f.succeed(t, "a/b.txt", older)

			require.Equal(t, "recorded", line["msg"])
			require.Equal(t, "s3://uploads/a/b.txt", line["object"])
			require.EqualValues(t, len(c.content), line["size"])
			require.Equal(t, c.sha256, line["sha256"])

			item := f.item(t, "a/b.txt")
			at, err := time.Parse(time.RFC3339, item["at"])
			require.NoError(t, err)
			require.WithinDuration(t, time.Now(), at, time.Minute)
			require.True(t, strings.HasSuffix(item["at"], "Z"), item["at"])
			delete(item, "at")
			require.Equal(t, map[string]string{
				"object":    "s3://uploads/a/b.txt",
				"bucket":    bucket,
				"key":       "a/b.txt",
				"size":      fmt.Sprintf("N:%d", len(c.content)),
				"sha256":    c.sha256,
				"etag":      f.etag(t, "a/b.txt"),
				"sequencer": older,
			}, item)
		})
	}
}

// Keys are used as they are, and none is mistaken for another.
func TestKeys(t *testing.T) {
	keys := []string{
		"red flower.jpg",
		"red+flower.jpg",
		"red%20flower.jpg",
		"red%2Bflower.jpg",
		"rote Blüte/花.jpg",
		`it's "quoted" & <odd>.txt`,
		"a?b=c#d;e,f:g@h=i$j",
		"dir//twice/",
		strings.Repeat("k", 1024),
	}
	f := newFixture(t)
	for _, key := range keys {
		f.put(t, key, []byte(key))
	}
	for _, key := range keys {
		f.succeed(t, key, older)
	}
	for _, key := range keys {
		item := f.item(t, key)
		require.Equal(t, key, item["key"])
		require.Equal(t, fmt.Sprintf("N:%d", len(key)), item["size"])
		require.Equal(t, sha(key), item["sha256"], key)
	}
	require.Len(t, f.items(t), len(keys))
}

func TestMissingObject(t *testing.T) {
	f := newFixture(t)
	line := f.fail(t, "not there.txt", older)
	require.Contains(t, line["error"], "cannot read s3://uploads/not there.txt: ")
	require.Contains(t, line["error"], "NoSuchKey")
	require.Empty(t, f.items(t))
}

func TestMissingTable(t *testing.T) {
	f := newFixture(t)
	f.put(t, "a", []byte("hello"))
	f.env["TABLE"] = "elsewhere"
	line := f.fail(t, "a", older)
	require.Contains(t, line["error"], `cannot write the result of s3://uploads/a to table "elsewhere": `)
	require.Contains(t, line["error"], "ResourceNotFoundException")
}

func TestMissingEnvironment(t *testing.T) {
	for want, env := range map[string]map[string]string{
		"BUCKET, KEY, TABLE": {"SEQUENCER": older},
		"BUCKET, TABLE":      {"KEY": "a"},
		"KEY":                {"BUCKET": bucket, "TABLE": table},
	} {
		code, line := runWith(t.Context(), t, env)
		require.Equal(t, 1, code)
		require.Equal(t, "missing in the environment: "+want, line["error"])
	}
}

// S3 delivers an event at least once.
func TestDuplicateEvent(t *testing.T) {
	f := newFixture(t)
	f.put(t, "a", []byte("hello"))
	f.succeed(t, "a", older)
	first := f.item(t, "a")
	require.Equal(t, "recorded", f.succeed(t, "a", older)["msg"])
	second := f.item(t, "a")
	delete(first, "at")
	delete(second, "at")
	require.Equal(t, first, second)
	require.Len(t, f.items(t), 1)
}

func TestOrder(t *testing.T) {
	for name, c := range map[string]struct {
		before, now string
		overwrites  bool
	}{
		"newer after older":      {older, newer, true},
		"older after newer":      {newer, older, false},
		"the longer is newer":    {"0064D3901D", "0064D3901D01", true},
		"the shorter is older":   {"0064D3901D01", "0064D3901D", false},
		"the longer is older":    {"0064D3901E", "0064D3901D00059242", false},
		"the shorter is newer":   {"0064D3901D00059242", "0064D3901E", true},
		"a sequencer after none": {"", older, true},
		"none after a sequencer": {older, "", true},
		"none after none":        {"", "", true},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.put(t, "a", []byte("before"))
			f.succeed(t, "a", c.before)
			f.put(t, "other", nil)
			f.succeed(t, "other", "FF") // the order is within a key
			f.put(t, "a", []byte("now"))

			line := f.succeed(t, "a", c.now)

			item := f.item(t, "a")
			if c.overwrites {
				require.Equal(t, "recorded", line["msg"])
				require.Equal(t, sha("now"), item["sha256"])
				require.Equal(t, c.now, item["sequencer"])
			} else {
				require.Equal(t, "a newer event was faster", line["msg"])
				require.Equal(t, "s3://uploads/a", line["object"])
				require.Equal(t, sha("before"), item["sha256"])
				require.Equal(t, c.before, item["sequencer"])
			}
		})
	}
}

func TestIncompleteObject(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"the connection breaks": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write(make([]byte, 40))
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		},
		"nobody says how much comes": func(w http.ResponseWriter, _ *http.Request) {
			_ = http.NewResponseController(w).Flush() // so that it is sent in chunks
			_, _ = w.Write(make([]byte, 40))
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.answer(answer)
			line := f.fail(t, "a", older)
			require.Contains(t, line["error"], "cannot read s3://uploads/a: ")
			require.Contains(t, line["error"], "40 bytes")
			require.Empty(t, f.items(t))
		})
	}
}

// Objects may be larger than the memory of the task.
func TestStreams(t *testing.T) {
	const size = 64 << 20
	f := newFixture(t)
	f.answer(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", fmt.Sprint(size))
		for part, sent := make([]byte, 64<<10), 0; sent < size; sent += len(part) {
			_, _ = w.Write(part)
		}
	})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	line := f.succeed(t, "a", older)
	runtime.ReadMemStats(&after)
	require.EqualValues(t, size, line["size"])
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(size/4), "bytes allocated, of both sides")
}

func TestCancelled(t *testing.T) {
	f := newFixture(t)
	started := f.stall()
	ctx, cancel := context.WithCancelCause(t.Context())
	go func() {
		<-started
		cancel(errors.New("enough"))
	}()
	begin := time.Now()
	code, line := runWith(ctx, t, f.event("a", older))
	require.Less(t, time.Since(begin), 5*time.Second)
	require.Equal(t, 1, code)
	require.Equal(t, "stopped", line["msg"])
	require.Equal(t, "enough", line["error"])
	require.Empty(t, f.items(t))
}

// What ECS sees: the exit code, one line, and an end when it asks for it.
func TestProcess(t *testing.T) {
	t.Run("recorded", func(t *testing.T) {
		f := newFixture(t)
		f.put(t, "a", []byte("hello"))
		p := start(t, f.event("a", older))
		require.NoError(t, p.Wait())
		require.Equal(t, sha("hello"), p.line(t)["sha256"])
		require.Equal(t, sha("hello"), f.item(t, "a")["sha256"])
	})
	t.Run("refused", func(t *testing.T) {
		p := start(t, nil)
		require.Error(t, p.Wait())
		require.Equal(t, 1, p.ProcessState.ExitCode())
		require.Equal(t, "missing in the environment: BUCKET, KEY, TABLE", p.line(t)["error"])
	})
	t.Run("stopped", func(t *testing.T) {
		f := newFixture(t)
		started := f.stall()
		p := start(t, f.event("a", older))
		<-started
		begin := time.Now()
		require.NoError(t, p.Process.Signal(syscall.SIGTERM))
		require.Error(t, p.Wait())
		require.Less(t, time.Since(begin), 5*time.Second)
		require.Equal(t, 1, p.ProcessState.ExitCode(), "not killed by the signal")
		line := p.line(t)
		require.Equal(t, "stopped", line["msg"])
		require.Contains(t, line["error"], "terminated")
		require.Empty(t, f.items(t))
	})
}

type process struct {
	*exec.Cmd
	stdout, stderr bytes.Buffer
}

// start runs the program with the given environment, and what newFixture has set for the SDK.
func start(t *testing.T, env map[string]string) *process {
	t.Helper()
	executable, err := os.Executable()
	require.NoError(t, err)
	// Ends with the test, whatever happens.
	p := &process{Cmd: exec.CommandContext(t.Context(), executable)}
	p.Stdout, p.Stderr = &p.stdout, &p.stderr
	p.Env = append(os.Environ(), "OBJECTDIGEST_TEST_MAIN=1", "BUCKET=", "KEY=", "SEQUENCER=", "TABLE=")
	for name, value := range env {
		p.Env = append(p.Env, name+"="+value)
	}
	require.NoError(t, p.Start())
	return p
}

func (p *process) line(t *testing.T) map[string]any {
	t.Helper()
	require.Empty(t, p.stderr.String())
	return oneLine(t, p.stdout.String())
}

// fixture is an S3 and a DynamoDB on 127.0.0.1, each in this process: gofakes3 and minidyn, which understands the
// expressions of DynamoDB, and refuses what DynamoDB refuses in them.
type fixture struct {
	s3      atomic.Value // the http.HandlerFunc that answers as S3
	env     map[string]string
	objects *s3.Client
	tables  *dynamodb.Client
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{env: map[string]string{"BUCKET": bucket, "TABLE": table}}
	f.answer(gofakes3.New(s3mem.New()).Server().ServeHTTP)
	s3Server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.s3.Load().(http.HandlerFunc)(w, r)
	}))
	t.Cleanup(s3Server.Close)
	dynamoDBServer := httptest.NewServer(withChecksum(minidyn.NewServer()))
	t.Cleanup(dynamoDBServer.Close)

	// Nothing of the developer's own: no profile, no credentials.
	for _, v := range os.Environ() {
		if name, _, _ := strings.Cut(v, "="); strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, "") // which puts it back at the end
			require.NoError(t, os.Unsetenv(name))
		}
	}
	for name, value := range map[string]string{
		"AWS_CONFIG_FILE":             os.DevNull,
		"AWS_SHARED_CREDENTIALS_FILE": os.DevNull,
		"AWS_EC2_METADATA_DISABLED":   "true",
		"AWS_REGION":                  "eu-west-1",
		"AWS_ACCESS_KEY_ID":           "test",
		"AWS_SECRET_ACCESS_KEY":       "test",
		// An address, not a name: the SDK then puts the bucket into the path.
		"AWS_ENDPOINT_URL_S3":       s3Server.URL,
		"AWS_ENDPOINT_URL_DYNAMODB": dynamoDBServer.URL,
	} {
		t.Setenv(name, value)
	}
	cfg, err := config.LoadDefaultConfig(t.Context())
	require.NoError(t, err)
	f.objects, f.tables = s3.NewFromConfig(cfg), dynamodb.NewFromConfig(cfg)

	_, err = f.objects.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String(bucket)})
	require.NoError(t, err)
	_, err = f.tables.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName:            aws.String(table),
		BillingMode:          types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("object"), AttributeType: types.ScalarAttributeTypeS}},
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("object"), KeyType: types.KeyTypeHash}},
	})
	require.NoError(t, err)
	return f
}

// withChecksum adds the header that DynamoDB sends and minidyn does not, without which the SDK warns on standard error.
func withChecksum(handler http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, r)
		maps.Copy(w.Header(), answer.Header())
		w.Header().Set("X-Amz-Crc32", fmt.Sprint(crc32.ChecksumIEEE(answer.Body.Bytes())))
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes())
	})
}

func (f *fixture) put(t *testing.T, key string, content []byte) {
	t.Helper()
	_, err := f.objects.PutObject(t.Context(), &s3.PutObjectInput{
		Bucket: aws.String(bucket), Key: &key, Body: bytes.NewReader(content),
	})
	require.NoError(t, err)
}

func (f *fixture) etag(t *testing.T, key string) string {
	t.Helper()
	head, err := f.objects.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: aws.String(bucket), Key: &key})
	require.NoError(t, err)
	etag := strings.Trim(*head.ETag, `"`)
	require.Regexp(t, "^[0-9a-f]{32}$", etag)
	return etag
}

// answer answers as S3 from now on.
func (f *fixture) answer(as http.HandlerFunc) { f.s3.Store(as) }

// stall lets S3 begin an answer that never ends, and tells when.
func (f *fixture) stall() <-chan struct{} {
	started := make(chan struct{})
	f.answer(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = w.Write(make([]byte, 40))
		_ = http.NewResponseController(w).Flush()
		close(started)
		<-r.Context().Done()
	})
	return started
}

func (f *fixture) event(key, sequencer string) map[string]string {
	f.env["KEY"], f.env["SEQUENCER"] = key, sequencer
	return f.env
}

func (f *fixture) succeed(t *testing.T, key, sequencer string) map[string]any {
	t.Helper()
	code, line := runWith(t.Context(), t, f.event(key, sequencer))
	require.Equal(t, 0, code, line)
	require.Equal(t, "INFO", line["level"])
	return line
}

func (f *fixture) fail(t *testing.T, key, sequencer string) map[string]any {
	t.Helper()
	code, line := runWith(t.Context(), t, f.event(key, sequencer))
	require.Equal(t, 1, code, line)
	require.Equal(t, "failed", line["msg"])
	return line
}

// item is an object's result; values other than strings have their type before them.
func (f *fixture) item(t *testing.T, key string) map[string]string {
	t.Helper()
	got, err := f.tables.GetItem(t.Context(), &dynamodb.GetItemInput{
		TableName: aws.String(table),
		Key:       map[string]types.AttributeValue{"object": &types.AttributeValueMemberS{Value: "s3://uploads/" + key}},
	})
	require.NoError(t, err)
	item := map[string]string{}
	for name, value := range got.Item {
		switch v := value.(type) {
		case *types.AttributeValueMemberS:
			item[name] = v.Value
		case *types.AttributeValueMemberN:
			item[name] = "N:" + v.Value
		default:
			require.Fail(t, "neither a string nor a number", "%s is %T", name, v)
		}
	}
	return item
}

func (f *fixture) items(t *testing.T) []map[string]types.AttributeValue {
	t.Helper()
	got, err := f.tables.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String(table)})
	require.NoError(t, err)
	return got.Items
}

func runWith(ctx context.Context, t *testing.T, env map[string]string) (int, map[string]any) {
	t.Helper()
	var out bytes.Buffer
	code := run(ctx, func(name string) string { return env[name] }, &out)
	return code, oneLine(t, out.String())
}

func oneLine(t *testing.T, out string) map[string]any {
	t.Helper()
	require.Equal(t, 1, strings.Count(out, "\n"), out)
	var line map[string]any
	require.NoError(t, json.Unmarshal([]byte(out), &line), out)
	return line
}

func sha(content string) string {
	sum := sha256.Sum256([]byte(content))
	return hex.EncodeToString(sum[:])
}
