package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// asCommand makes this test binary behave as cmi, so that the tests start the real program, race detector included.
const asCommand = "CMI_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// command prepares a run of the program. It sees none of the settings of who runs the tests.
func command(ctx context.Context, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, os.Args[0], args...)
	for _, entry := range os.Environ() {
		if !strings.HasPrefix(entry, "CMI_") && !strings.HasPrefix(entry, "OTEL_") {
			c.Env = append(c.Env, entry)
		}
	}
	c.Env = append(c.Env, asCommand+"=1", "COLUMNS=100")
	return c
}

// result is what a run came to.
type result struct {
	code     int
	out, err string
}

func cmi(t *testing.T, stdin string, args ...string) result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	c := command(ctx, args...)
	var out, said bytes.Buffer
	c.Stdin, c.Stdout, c.Stderr = strings.NewReader(stdin), &out, &said
	err := c.Run()
	if _, failed := errors.AsType[*exec.ExitError](err); err != nil && !failed {
		t.Fatal(err)
	}
	return result{c.ProcessState.ExitCode(), out.String(), said.String()}
}

// expect checks the exit code.
func (r result) expect(t *testing.T, code int) {
	t.Helper()
	if r.code != code {
		t.Fatalf("exit code %d, want %d\nstdout: %s\nstderr: %s", r.code, code, r.out, r.err)
	}
}

// says checks that a text holds each of some words.
func says(t *testing.T, text string, words ...string) {
	t.Helper()
	for _, word := range words {
		if !strings.Contains(text, word) {
			t.Errorf("%q is missing in\n%s", word, text)
		}
	}
}

// sentence checks that stderr holds one line, from cmi.
func (r result) sentence(t *testing.T, words ...string) {
	t.Helper()
	if strings.Count(r.err, "\n") != 1 || !strings.HasPrefix(r.err, "cmi: ") {
		t.Errorf("stderr is not one sentence: %q", r.err)
	}
	says(t, r.err, words...)
}

// served is a service at work in a process of its own.
type served struct {
	GRPC, HTTP string
	process    *exec.Cmd
	said       *bytes.Buffer
}

// serve starts the program's serve command on free ports and waits until it says that it is ready.
func serve(t *testing.T, args ...string) *served {
	t.Helper()
	folder := t.TempDir()
	file := filepath.Join(folder, "addresses.json")
	c := command(context.WithoutCancel(t.Context()), append([]string{
		"serve", "--grpc-address", "127.0.0.1:0", "--http-address", "127.0.0.1:0",
		"--store", "sqlite:" + filepath.Join(folder, "cmi.db"), "--address-file", file,
	}, args...)...)
	s := &served{process: c, said: &bytes.Buffer{}}
	c.Stdout, c.Stderr = s.said, s.said
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.end(t, syscall.SIGTERM) })
	for range 300 {
		if data, err := os.ReadFile(file); err == nil {
			if err := json.Unmarshal(data, s); err != nil {
				t.Fatalf("the address file says %q: %v", data, err)
			}
			return s
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("the service did not become ready within 15 s")
	return nil
}

// end sends a signal and answers the exit code; of a service that has ended it only answers the code. What the service said
// may be read from then on.
func (s *served) end(t *testing.T, signal os.Signal) int {
	t.Helper()
	if s.process.ProcessState == nil {
		if err := s.process.Process.Signal(signal); err != nil {
			t.Error(err)
		}
		stuck := time.AfterFunc(time.Minute, func() { _ = s.process.Process.Kill() })
		defer stuck.Stop()
		_ = s.process.Wait()
		if t.Failed() {
			t.Logf("the service said:\n%s", s.said.String())
		}
	}
	return s.process.ProcessState.ExitCode()
}

func TestHelpNamesEveryCommand(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"--help"}, {}} {
		r := cmi(t, "", args...)
		r.expect(t, exitOK)
		says(t, r.out, "serve", "demo", "score", "questionnaire lint", "questionnaire show", "questionnaire list", "keys new", "health",
			"recompute", "operations wait", "settings reference", "version", "Exit codes")
	}
	r := cmi(t, "", "questionnaire", "lint", "--help")
	r.expect(t, exitOK)
	says(t, r.out, "cmi questionnaire lint airline.yaml", "--strict")
	r = cmi(t, "", "serve", "--help")
	r.expect(t, exitOK)
	says(t, r.out, "--grpc-address", "$CMI_GRPC_ADDRESS", "127.0.0.1:9090")
}

func TestWhatCannotBeUnderstoodExitsWithTwo(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"sreve"}, {"serve", "--no-such-flag"}, {"questionnaire"}, {"questionnaire", "lint"}, {"health", "--timeout", "soon"}} {
		r := cmi(t, "", args...)
		r.expect(t, exitUsage)
		r.sentence(t, "--help")
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	r := cmi(t, "", "version")
	r.expect(t, exitOK)
	says(t, r.out, "cmi ", "go1.")
}

func TestSettingsReference(t *testing.T) {
	t.Parallel()
	r := cmi(t, "", "settings", "reference")
	r.expect(t, exitOK)
	says(t, r.out, "grpc", "CMI_GRPC_ADDRESS")
}

func TestDemoCommand(t *testing.T) {
	t.Parallel()
	r := cmi(t, "", "demo", "--exit")
	r.expect(t, exitOK)
	says(t, r.out, "1,065", "At-Risk", "curl -s http://127.0.0.1:", "grpcurl -plaintext")
	r = cmi(t, "", "demo", "--exit", "--grpc-address", "0.0.0.0:0")
	r.expect(t, exitNo)
	says(t, r.err, "0.0.0.0:0", "keys")
}
