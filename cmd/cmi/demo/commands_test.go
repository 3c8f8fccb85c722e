package demo

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/customer-momentum/cmi/examples/airline"
)

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }

// recorded records the survey in a running service, and answers the report.
func recorded(t *testing.T, running *service, now time.Time) (*Report, *simulation) {
	t.Helper()
	survey, err := airline.Questionnaire()
	if err != nil {
		t.Fatal(err)
	}
	responses, err := dated(now)
	if err != nil {
		t.Fatal(err)
	}
	report, err := record(t.Context(), running, survey, responses, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	return report, simulate(survey, responses, now)
}

// told does all that a demo does before it prints the commands, and answers those.
func told(t *testing.T, running *service) []Command {
	t.Helper()
	report, simulated := recorded(t, running, Options{}.now())
	momentum, err := follow(t.Context(), running, simulated, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	said, err := tellSurvey(t.Context(), running, simulated, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	all, err := commands(running.addresses, simulated.survey, sample(report, simulated.surveyed))
	if err != nil {
		t.Fatal(err)
	}
	all = append(all, momentumCommands(running.addresses, momentum)...)
	return append(all, reportCommands(running.addresses, said)...)
}

// TestCommandsWork tries the printed commands while the service runs.
func TestCommandsWork(t *testing.T) {
	t.Parallel()
	running := startDemo(t, nil)
	all := told(t, running)
	t.Run("curl", func(t *testing.T) { pasteCurl(t, all) })
	t.Run("cmi report", func(t *testing.T) { pasteReports(t, running, all) })
	t.Run("grpcurl", func(t *testing.T) { callGRPC(t, running, all) })
}

// pasteCurl pastes the curl commands into a shell.
func pasteCurl(t *testing.T, all []Command) {
	for _, tool := range []string{"sh", "curl"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("the printed commands need %s, which is not here", tool)
		}
	}
	ran := 0
	for _, c := range all {
		if !strings.Contains(c.Shell, "curl -s") {
			continue
		}
		ran++
		var out, said bytes.Buffer
		shell := exec.CommandContext(t.Context(), "sh", "-c", c.Shell)
		shell.Stdout, shell.Stderr = &out, &said
		if err := shell.Run(); err != nil {
			t.Errorf("%s\n%v: %s", c.Shell, err, said.String())
			continue
		}
		decoder, answers := json.NewDecoder(&out), 0
		for {
			var answer map[string]any
			err := decoder.Decode(&answer)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil || len(answer) == 0 || answer["code"] != nil || answer["error"] != nil {
				t.Fatalf("%s\nanswered %v (%v)", c.Shell, answer, err)
			}
			answers++
		}
		if answers == 0 {
			t.Errorf("%s\nanswered nothing", c.Shell)
		}
	}
	if ran != 8 {
		t.Errorf("%d curl commands are printed, want 8", ran)
	}
}

// pasteReports pastes the commands of this program into a shell, built once rather than by each.
func pasteReports(t *testing.T, running *service, all []Command) {
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("the printed commands need sh, which is not here")
	}
	folder := t.TempDir()
	program := filepath.Join(folder, "cmi")
	if said, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "..").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	ran := 0
	for _, c := range all {
		calls := strings.Count(c.Shell, cmi+" ")
		if calls == 0 {
			continue
		}
		ran += calls
		if strings.Count(c.Shell, running.addresses.GRPC) != calls {
			t.Errorf("the commands do not name the port: %s", c.Shell)
		}
		shell := exec.CommandContext(t.Context(), "sh", "-ec", strings.ReplaceAll(c.Shell, cmi, program))
		shell.Dir = folder
		if out, err := shell.CombinedOutput(); err != nil || len(out) == 0 && !strings.Contains(c.Shell, "--out") {
			t.Errorf("%s\n%v: %s", c.Shell, err, out)
		}
	}
	if page, err := os.ReadFile(filepath.Join(folder, "flyers.html")); err != nil || !bytes.Contains(page, []byte("heavy")) {
		t.Errorf("the page is %.100s (%v)", page, err)
	}
	if ran != 6 {
		t.Errorf("%d reports are printed, want 6", ran)
	}
}

// callGRPC calls what the grpcurl commands name, with the messages that they send.
func callGRPC(t *testing.T, running *service, all []Command) {
	ran := 0
	for _, c := range all {
		if !strings.Contains(c.Shell, grpcurl) {
			continue
		}
		ran++
		if calls := strings.Count(c.Shell, grpcurl); strings.Count(c.Shell, running.addresses.GRPC) != calls {
			t.Errorf("the commands do not name the port: %s", c.Shell)
		}
		invoke(t, running, c.Shell)
	}
	if ran != 2 {
		t.Errorf("%d grpcurl commands are printed, want 2", ran)
	}
}

// invoke makes the call of a grpcurl command.
func invoke(t *testing.T, running *service, shell string) {
	t.Helper()
	_, rest, _ := strings.Cut(shell, "-d '")
	body, rest, _ := strings.Cut(rest, "'")
	words := strings.Fields(rest)
	service, method, _ := strings.Cut(words[len(words)-1], "/")
	found, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(service + "." + method))
	if err != nil {
		t.Fatal(err)
	}
	rpc := found.(protoreflect.MethodDescriptor)
	in, out := dynamicpb.NewMessage(rpc.Input()), dynamicpb.NewMessage(rpc.Output())
	if err := protojson.Unmarshal([]byte(body), in); err != nil {
		t.Fatal(err)
	}
	if err := running.conn.Invoke(t.Context(), "/"+service+"/"+method, in, out); err != nil {
		t.Error(err)
	}
}

func TestLinesKeepEveryPieceWithinTheWidth(t *testing.T) {
	t.Parallel()
	pieces := make([]string, 30)
	for i := range pieces {
		pieces[i] = strings.Repeat("x", 1+i)
	}
	all := lines(pieces, 4)
	for _, line := range all {
		if len(line)+4 > width {
			t.Errorf("%d characters are too wide", len(line)+4)
		}
	}
	if got := strings.Split(strings.ReplaceAll(strings.Join(all, " "), " ", ""), ","); len(got) != len(pieces) {
		t.Errorf("%d pieces came out, want %d", len(got), len(pieces))
	}
}
