package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/customer-momentum/cmi/server/catalog"
	"github.com/customer-momentum/cmi/server/questionnaire"
)

// example is a block of a page that is marked to be tried.
type example struct{ kind, text string }

func examples(t *testing.T, page string) []example {
	t.Helper()
	data, err := os.ReadFile("../../" + page)
	if err != nil {
		t.Fatal(err)
	}
	var all []example
	for _, m := range regexp.MustCompile("(?ms)^<!-- try: (\\w+) -->\n```\\w+\n(.*?)^```$").FindAllStringSubmatch(string(data), -1) {
		all = append(all, example{m[1], m[2]})
	}
	if marks := strings.Count(string(data), "<!-- try:"); marks != len(all) || marks == 0 {
		t.Fatalf("%s marks %d examples, of which %d can be read", page, marks, len(all))
	}
	return all
}

// TestPages tries every marked example of the pages for users, in order, against one running service each.
func TestPages(t *testing.T) {
	t.Parallel()
	for _, page := range []string{"README.md", "docs/customers.md", "docs/recompute.md"} {
		t.Run(page, func(t *testing.T) {
			t.Parallel()
			tryPage(t, page)
		})
	}
}

func tryPage(t *testing.T, page string) {
	s := serve(t)
	folder := t.TempDir()
	at := strings.NewReplacer("127.0.0.1:9090", s.GRPC, "127.0.0.1:8080", s.HTTP)
	for _, e := range examples(t, page) {
		text := at.Replace(e.text)
		t.Run(e.kind, func(t *testing.T) {
			switch e.kind {
			case "curl":
				tryCurl(t, text)
			case "cli":
				tryCLI(t, folder, text)
			case "grpcurl":
				tryGRPCURL(t, s.GRPC, text)
			case "go":
				tryGo(t, text)
			case "questionnaire":
				tryQuestionnaire(t, text)
			default:
				t.Errorf("nobody knows how to try %q", e.kind)
			}
		})
	}
}

// shell runs lines in sh and answers what they print.
func shell(t *testing.T, folder, text string, tools ...string) string {
	t.Helper()
	for _, tool := range append(tools, "sh") {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("the example needs %s, which is not here", tool)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, "sh", "-e", "-c", text)
	var out, said bytes.Buffer
	c.Dir, c.Stdout, c.Stderr = folder, &out, &said
	c.Env = append(os.Environ(), asCommand+"=1")
	if err := c.Run(); err != nil {
		t.Fatalf("%s\n%v: %s%s", text, err, out.String(), said.String())
	}
	return out.String()
}

// tryCurl takes any answer in JSON that is not an error.
func tryCurl(t *testing.T, text string) {
	decoder, answers := json.NewDecoder(strings.NewReader(shell(t, t.TempDir(), text, "curl"))), 0
	for {
		var answer map[string]any
		err := decoder.Decode(&answer)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil || answer["code"] != nil || answer["error"] != nil {
			t.Fatalf("%s\nanswered %v (%v)", text, answer, err)
		}
		answers++
	}
	if answers == 0 {
		t.Errorf("%s\nanswered nothing", text)
	}
}

func tryCLI(t *testing.T, folder, text string) {
	if !strings.Contains(text, "go run ./cmd/cmi ") {
		t.Fatalf("the example does not run cmi: %s", text)
	}
	out := shell(t, folder, strings.ReplaceAll(text, "go run ./cmd/cmi ", "'"+os.Args[0]+"' "))
	if out == "" {
		t.Errorf("%s\nprinted nothing", text)
	}
}

// tryGRPCURL makes the call that the example makes, without the time that building grpcurl takes.
func tryGRPCURL(t *testing.T, address, text string) {
	m := regexp.MustCompile(`(?s)^go tool -modfile=tools/go.mod grpcurl -plaintext -d '(.*)' (\S+) (\S+)/(\S+)\n$`).FindStringSubmatch(text)
	if m == nil || m[2] != address {
		t.Fatalf("the example is not of the form known here: %s", text)
	}
	found, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(m[3] + "." + m[4]))
	if err != nil {
		t.Fatal(err)
	}
	rpc := found.(protoreflect.MethodDescriptor)
	in, out := dynamicpb.NewMessage(rpc.Input()), dynamicpb.NewMessage(rpc.Output())
	if err := protojson.Unmarshal([]byte(m[1]), in); err != nil {
		t.Fatal(err)
	}
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.Invoke(t.Context(), "/"+m[3]+"/"+m[4], in, out); err != nil {
		t.Error(err)
	}
}

// tryGo compiles and runs the program of the example.
func tryGo(t *testing.T, text string) {
	file := filepath.Join(t.TempDir(), "main.go")
	write(t, file, text)
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	says(t, shell(t, root, "go run '"+file+"'", "go"), "BUCKET_AT_RISK")
}

func tryQuestionnaire(t *testing.T, text string) {
	q, err := questionnaire.Read("README.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if found := catalog.Lint(q); len(found.GetFaults()) > 0 {
		t.Errorf("the example has faults: %v", found.GetFaults())
	}
}
