package kubernetes

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"k8s.io/client-go/rest"
)

const (
	// Whoever holds the token is of system:masters: as the CDK's kubectl function is, an administrator of the cluster.
	token = "administrator"
	// The server of go.mod is the newest that there is, and behaves as one of this version: that of the stacks' clusters. It can be raised up
	// to the server's own, and lowered by three minor versions.
	// https://kubernetes.io/docs/concepts/cluster-administration/compatibility-version/
	emulatedVersion = "1.35"
	// A machine with other things to do takes its time; the servers are ready in seconds.
	patience = 2 * time.Minute
)

// startServer starts etcd and the API server of go.mod, empty, on loopback, and says how to reach them. They end with the
// test.
func startServer(t *testing.T) *rest.Config {
	t.Helper()
	// A port that was free when it was looked for may be taken when it is used.
	for range 3 {
		if config := tryServer(t); config != nil {
			return config
		}
	}
	t.Fatal("no API server after three attempts; its log is above")
	return nil
}

func tryServer(t *testing.T) *rest.Config {
	dir := t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name) }
	ports := freePorts(t, 3)
	etcd, peer := "http://127.0.0.1:"+ports[0], "http://127.0.0.1:"+ports[1]

	require.NoError(t, os.WriteFile(file("tokens.csv"), []byte(token+`,administrator,1,"system:masters"`), 0o600))
	require.NoError(t, os.WriteFile(file("accounts.key"), signingKey(t), 0o600))

	etcdEnded := start(t, file("etcd.log"), "go.etcd.io/etcd/server/v3",
		"--data-dir", file("etcd"), "--unsafe-no-fsync",
		"--listen-client-urls", etcd, "--advertise-client-urls", etcd,
		"--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", "default="+peer)
	serverEnded := start(t, file("apiserver.log"), "k8s.io/kubernetes/cmd/kube-apiserver",
		"--etcd-servers", etcd, "--emulated-version", emulatedVersion,
		"--bind-address", "127.0.0.1", "--advertise-address", "127.0.0.1", "--secure-port", ports[2],
		// It makes a certificate here, and signs it itself.
		"--cert-dir", dir,
		// No Endpoints of its own: they may not be on loopback.
		"--endpoint-reconciler-type", "none",
		"--token-auth-file", file("tokens.csv"), "--authorization-mode", "Node,RBAC",
		"--service-cluster-ip-range", "10.100.0.0/16", "--service-account-issuer", "https://kubernetes.default.svc",
		"--service-account-key-file", file("accounts.key"), "--service-account-signing-key-file", file("accounts.key"),
		// As EKS has it: the agents of storage and networks are privileged.
		"--allow-privileged=true")

	config := &rest.Config{
		Host:        "https://127.0.0.1:" + ports[2],
		BearerToken: token,
		// No throttle on this side.
		QPS:             -1,
		TLSClientConfig: rest.TLSClientConfig{CAFile: file("apiserver.crt")},
	}
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if ready(config) {
			return config
		}
		select {
		case <-etcdEnded:
		case <-serverEnded:
		default:
			continue
		}
		break
	}
	for _, name := range []string{"etcd.log", "apiserver.log"} {
		logEnd(t, file(name))
	}
	return nil
}

func logEnd(t *testing.T, path string) {
	t.Helper()
	content, _ := os.ReadFile(path)
	lines := strings.Split(strings.TrimSpace(string(content)), "\n")
	t.Logf("the end of %s:\n%s", filepath.Base(path), strings.Join(lines[max(0, len(lines)-20):], "\n"))
}

// start runs a tool of go.mod until the test ends, or the test's process: a test that runs out of time cleans nothing up.
// So a shell waits for the end of its input, which this process holds open, and kills the tool then.
func start(t *testing.T, log, tool string, args ...string) (ended <-chan struct{}) {
	t.Helper()
	out, err := os.Create(log)
	require.NoError(t, err)
	const untilInputEnds = `exec 3<&0; "$@" 3<&- & tool=$!; { cat <&3; kill -9 $tool; } >/dev/null 2>&1 & watch=$!; wait $tool; kill $watch`
	cmd := exec.Command("sh", append([]string{"-c", untilInputEnds, "sh", binary(t, tool)}, args...)...)
	cmd.Stdout, cmd.Stderr = out, out
	stdin, err := cmd.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	done := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		_ = out.Close()
		close(done)
	}()
	t.Cleanup(func() {
		_ = stdin.Close()
		<-done
	})
	return done
}

var binaries = map[string]string{}

// binary gives the path of a tool of go.mod, which the go command compiles where its build cache has none.
func binary(t *testing.T, tool string) string {
	t.Helper()
	if path, ok := binaries[tool]; ok {
		return path
	}
	var stderr strings.Builder
	cmd := exec.Command("go", "tool", "-n", tool)
	cmd.Stderr = &stderr
	path, err := cmd.Output()
	require.NoError(t, err, "%s: %s", cmd, &stderr)
	binaries[tool] = strings.TrimSpace(string(path))
	return binaries[tool]
}

func ready(config *rest.Config) bool {
	client, err := rest.HTTPClientFor(config) // an error before there is a certificate
	if err != nil {
		return false
	}
	defer client.CloseIdleConnections()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, config.Host+"/readyz", nil)
	if err != nil {
		return false
	}
	response, err := client.Do(request)
	if err != nil {
		return false
	}
	_ = response.Body.Close()
	return response.StatusCode == http.StatusOK
}

func freePorts(t *testing.T, n int) (ports []string) {
	t.Helper()
	for range n {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		defer func() { _ = listener.Close() }() // after all are found, so that they differ
		ports = append(ports, fmt.Sprint(listener.Addr().(*net.TCPAddr).Port))
	}
	return ports
}

// signingKey is for the tokens of service accounts, without which the server does not start.
func signingKey(t *testing.T) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	der, err := x509.MarshalECPrivateKey(key)
	require.NoError(t, err)
	return pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der})
}
