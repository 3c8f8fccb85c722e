package demo

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"os/exec"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/customer-momentum/cmi/examples/airline"
)

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }

// recorded records the survey in a running service, and answers the report and the commands.
func recorded(t *testing.T, running *service) (*Report, []Command) {
	t.Helper()
	survey, err := airline.Questionnaire()
	if err != nil {
		t.Fatal(err)
	}
	responses, err := airline.Responses()
	if err != nil {
		t.Fatal(err)
	}
	report, err := record(t.Context(), running, survey, responses, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	all, err := commands(running.addresses, survey, sample(report, responses))
	if err != nil {
		t.Fatal(err)
	}
	return report, all
}

// TestCurlCommandsWork pastes the printed curl commands into a shell while the service runs.
func TestCurlCommandsWork(t *testing.T) {
	t.Parallel()
	for _, tool := range []string{"sh", "curl"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("the printed commands need %s, which is not here", tool)
		}
	}
	_, all := recorded(t, startDemo(t))
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
			if err != nil || answer["code"] != nil || answer["error"] != nil {
				t.Fatalf("%s\nanswered %v (%v)", c.Shell, answer, err)
			}
			answers++
		}
		if answers == 0 {
			t.Errorf("%s\nanswered nothing", c.Shell)
		}
	}
	if ran != 3 {
		t.Errorf("%d curl commands are printed, want 3", ran)
	}
}

// TestGrpcurlCommandsAreWellFormed calls what the printed grpcurl command names, with the message that it sends.
func TestGrpcurlCommandsAreWellFormed(t *testing.T) {
	t.Parallel()
	running := startDemo(t)
	_, all := recorded(t, running)
	shell := all[len(all)-1].Shell
	if strings.Count(shell, running.addresses.GRPC) != 2 {
		t.Errorf("the commands do not name the port: %s", shell)
	}
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
