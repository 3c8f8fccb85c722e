package settings_test

import (
	"flag"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"go.uber.org/goleak"

	"github.com/customer-momentum/cmi/server/settings"
)

func TestMain(m *testing.M) {
	flag.Bool("update", false, "write docs/settings.md anew")
	flag.Parse()
	goleak.VerifyTestMain(m)
}

func write(t *testing.T, text string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "cmi.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTheDefaultsAreValid(t *testing.T) {
	t.Parallel()
	parsed, err := settings.Parse(nil)
	if err != nil {
		t.Fatal(err)
	}
	made := settings.Settings{}.WithDefaults()
	for _, s := range []settings.Settings{parsed, made} {
		if err := s.Validate(); err != nil {
			t.Error(err)
		}
		if s.GRPCAddress != "127.0.0.1:9090" || s.HTTPAddress != "127.0.0.1:8080" || s.Store != "sqlite:cmi.db" ||
			s.MaxDeadline != 30*time.Second || s.StreamIdleTimeout != 5*time.Minute || s.ShutdownTimeout != 20*time.Second ||
			s.MaxMessageBytes != 16<<20 || s.StreamPipelineDepth != 8 || s.StreamSpoolBytes != 64<<20 ||
			s.LogLevel != "info" || s.LogFormat != "text" || s.LogCalls || s.TrustNetwork {
			t.Errorf("%+v", s)
		}
	}
	kept := settings.Settings{GRPCAddress: "127.0.0.1:0", MaxMessageBytes: 1 << 20}.WithDefaults()
	if kept.GRPCAddress != "127.0.0.1:0" || kept.MaxMessageBytes != 1<<20 {
		t.Errorf("WithDefaults changed what was chosen: %+v", kept)
	}
}

func TestLevel(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]slog.Level{"debug": slog.LevelDebug, "warn": slog.LevelWarn, "error": slog.LevelError, "": slog.LevelInfo} {
		if got := (settings.Settings{LogLevel: text}).Level(); got != want {
			t.Errorf("%q is %s", text, got)
		}
	}
}

const whole = `
# A comment.
grpc-address: 0.0.0.0:9191
max-deadline: 10s
max-message-bytes: 1048576
log-calls: true
cors-origins: [https://a.example, "https://b.example"]
allowed-hosts:
  - cmi.example
keys:
  - id: 0123
    sha256: 0000000000000000000000000000000000000000000000000000000000000012
    tenant: acme
    scopes: [score, read]
    not_after: 2027-12-31T23:59:59Z
`

func TestTheFile(t *testing.T) {
	t.Parallel()
	s, err := settings.Parse([]string{"--config", write(t, whole)})
	if err != nil {
		t.Fatal(err)
	}
	if s.GRPCAddress != "0.0.0.0:9191" || s.MaxDeadline != 10*time.Second || s.MaxMessageBytes != 1<<20 || !s.LogCalls {
		t.Errorf("%+v", s)
	}
	if strings.Join(s.CORSOrigins, " ") != "https://a.example https://b.example" || strings.Join(s.AllowedHosts, " ") != "cmi.example" {
		t.Errorf("lists %q, %q", s.CORSOrigins, s.AllowedHosts)
	}
	if len(s.Keys) != 1 {
		t.Fatalf("keys %v", s.Keys)
	}
	k := s.Keys[0]
	if k.ID != "0123" || len(k.SHA256) != 64 || k.Tenant != "acme" || len(k.Scopes) != 2 ||
		!k.NotAfter.Equal(time.Date(2027, 12, 31, 23, 59, 59, 0, time.UTC)) {
		t.Errorf("key %+v", k)
	}
	for _, empty := range []string{"", "# nothing\n", "{}"} {
		if _, err := settings.Parse([]string{"--config", write(t, empty)}); err != nil {
			t.Errorf("%q: %v", empty, err)
		}
	}
}

// TestTheFileNamesEveryProblem with file, line and key, and repeats no value of a key.
func TestTheFileNamesEveryProblem(t *testing.T) {
	t.Parallel()
	path := write(t, `grcp-address: x
max-deadline: soon
max-message-bytes: many
log-calls: perhaps
log-level: loud
cors-origins: https://a.example
allowed-hosts: [[a]]
config: other.yaml
store: {a: b}
http-address:
keys:
  - id: k
    secret: HUNTER2
    sha256: [HUNTER2]
    not_after: HUNTER2
    scopes: read
  - HUNTER2
`)
	_, err := settings.Parse([]string{"--config", path})
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{
		":1: grcp-address: there is no such setting",
		`:2: max-deadline: "soon" is not a duration`,
		`:3: max-message-bytes: "many" is not a whole number`,
		`:4: log-calls: "perhaps" is neither true nor false`,
		`:5: log-level: "loud" is not one of debug, info, warn, error`,
		":6: cors-origins: it takes a list",
		":7: allowed-hosts: it takes a list of texts",
		":8: config: ",
		": store: it takes one value",
		": http-address: it takes one value",
		":13: keys[0].secret: ",
		":14: keys[0].sha256: ",
		":15: keys[0].not_after: ",
		":16: keys[0].scopes: ",
		":17: keys[1]: ",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not among\n%v", want, err)
		}
	}
	for line := range strings.Lines(err.Error()) {
		if !strings.Contains(line, path) {
			t.Errorf("%q does not name the file", line)
		}
	}
	if strings.Contains(err.Error(), "HUNTER2") {
		t.Errorf("a value of a key is repeated in\n%v", err)
	}
}

func TestFilesThatAreNone(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"a list": "- a\n", "a text": "hello\n", "two documents": "store: sqlite:a\n---\nstore: sqlite:b\n",
		"a key twice": "store: sqlite:a\nstore: sqlite:b\n", "not YAML": "a: [b\n", "an alias": "store: &a sqlite:a\naddress-file: *a\n",
		"keys as a text": "keys: abc\n",
	} {
		if _, err := settings.Parse([]string{"--config", write(t, text)}); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
	if _, err := settings.Parse([]string{"--config", filepath.Join(t.TempDir(), "none.yaml")}); err == nil {
		t.Error("a file that is not there was accepted")
	}
}

// TestPrecedence sets environment variables, so it does not run in parallel.
func TestPrecedence(t *testing.T) {
	path := write(t, "grpc-address: file:1\nhttp-address: file:2\nstore: sqlite:file\ncors-origins: [https://file.example]\n")
	t.Setenv("CMI_CONFIG", path)
	t.Setenv("CMI_HTTP_ADDRESS", "env:2")
	t.Setenv("CMI_STORE", "sqlite:env")
	t.Setenv("CMI_CORS_ORIGINS", "https://env.example,https://env2.example")
	s, err := settings.Parse([]string{"--store", "sqlite:flag"})
	if err != nil {
		t.Fatal(err)
	}
	if s.GRPCAddress != "file:1" || s.HTTPAddress != "env:2" || s.Store != "sqlite:flag" || len(s.CORSOrigins) != 2 || s.LogLevel != "info" {
		t.Errorf("%+v", s)
	}
	t.Setenv("CMI_MAX_DEADLINE", "soon")
	if _, err := settings.Parse(nil); err == nil || !strings.Contains(err.Error(), "CMI_MAX_DEADLINE") {
		t.Errorf("%v does not name the variable", err)
	}
}

func TestKeysAreNotForTheCommandLine(t *testing.T) {
	t.Parallel()
	if _, err := settings.Parse([]string{"--keys", "a.b"}); err == nil || !strings.Contains(err.Error(), "settings file only") {
		t.Error(err)
	}
}

func TestValidateNamesEveryProblem(t *testing.T) {
	t.Parallel()
	s := settings.Settings{
		GRPCAddress: "nowhere", HTTPAddress: "127.0.0.1:99999", Store: "cmi.db", TLSCertFile: "a.crt",
		AllowedHosts: []string{"https://a"}, CORSOrigins: []string{"*", "a.example", "https://a.example/"},
		MaxDeadline: -1, StreamPipelineDepth: -1, MaxMessageBytes: 1, StreamSpoolBytes: 1, LogLevel: "loud",
	}.WithDefaults()
	err := s.Validate()
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{
		"grpc-address: ", "http-address: ", "store: ", "tls-key-file: ", "allowed-hosts: ", "cors-origins: '*'",
		`cors-origins: "a.example"`, `cors-origins: "https://a.example/"`, "max-deadline: ", "stream-pipeline-depth: ",
		"max-message-bytes: ", "stream-spool-bytes: ", "log-level: ",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not among\n%v", want, err)
		}
	}
	_, err = settings.Parse([]string{"--config", write(t, "keys:\n  - id: k\n    tenant: a b\n")})
	if err == nil || !strings.Contains(err.Error(), "keys[0]: tenant") || !strings.Contains(err.Error(), "keys[0]: scopes") {
		t.Errorf("bad keys: %v", err)
	}
}

// TestACommandOnlyEmbeds them: flags, file and validation come along.
func TestACommandOnlyEmbeds(t *testing.T) {
	t.Parallel()
	var line struct {
		Serve struct {
			settings.Settings
		} `cmd:""`
		Other struct{} `cmd:""`
	}
	parser, err := kong.New(&line, kong.Name("cmi"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse([]string{"serve", "--config", write(t, whole), "--store", "sqlite:flag"}); err != nil {
		t.Fatal(err)
	}
	if line.Serve.MaxDeadline != 10*time.Second || line.Serve.Store != "sqlite:flag" || len(line.Serve.Keys) != 1 {
		t.Errorf("%+v", line.Serve)
	}
	if _, err := parser.Parse([]string{"serve", "--max-deadline", "0s"}); err == nil || !strings.Contains(err.Error(), "max-deadline: 0s is not above 0") {
		t.Errorf("no validation: %v", err)
	}
	if _, err := parser.Parse([]string{"other"}); err != nil {
		t.Error(err)
	}
}

func TestReference(t *testing.T) {
	t.Parallel()
	const page = "../../docs/settings.md"
	want := settings.Reference()
	if f := flag.Lookup("update"); f.Value.String() == "true" {
		if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("docs/settings.md is stale: run `make docs`")
	}
	for _, has := range []string{"`--grpc-address`", "`CMI_GRPC_ADDRESS`", "`127.0.0.1:9090`", "`keys` (file only)"} {
		if !strings.Contains(want, has) {
			t.Errorf("the page lacks %s", has)
		}
	}
}
