package gateway_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/api/annotations"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

func statusOf(p *spb.Status) *status.Status { return status.FromProto(p) }

func methodOf(fullMethod string) (protoreflect.MethodDescriptor, error) {
	name := protoreflect.FullName(strings.ReplaceAll(strings.TrimPrefix(fullMethod, "/"), "/", "."))
	d, err := protoregistry.GlobalFiles.FindDescriptorByName(name)
	if err != nil {
		return nil, err
	}
	return d.(protoreflect.MethodDescriptor), nil
}

func newMessage(d protoreflect.MessageDescriptor) (proto.Message, error) {
	t, err := protoregistry.GlobalTypes.FindMessageByName(d.FullName())
	if err != nil {
		return nil, err
	}
	return t.New().Interface(), nil
}

// binding is one method and path that the contract promises.
type binding struct{ method, path, rpc string }

// bindings lists every one of them, from the descriptors of every service of the package.
func bindings(t *testing.T) []binding {
	t.Helper()
	var all []binding
	protoregistry.GlobalFiles.RangeFilesByPackage("cmi.v1", func(file protoreflect.FileDescriptor) bool {
		for i := range file.Services().Len() {
			methods := file.Services().Get(i).Methods()
			for j := range methods.Len() {
				all = append(all, bindingsOf(t, methods.Get(j))...)
			}
		}
		return true
	})
	if len(all) < 16 {
		t.Fatalf("only %d bindings in the descriptors", len(all))
	}
	return all
}

func bindingsOf(t *testing.T, m protoreflect.MethodDescriptor) []binding {
	t.Helper()
	rule := proto.GetExtension(m.Options(), annotations.E_Http).(*annotations.HttpRule)
	if rule == nil {
		return nil
	}
	rpc := fmt.Sprintf("/%s/%s", m.Parent().FullName(), m.Name())
	var all []binding
	for _, r := range append([]*annotations.HttpRule{rule}, rule.GetAdditionalBindings()...) {
		for method, path := range map[string]string{
			http.MethodGet: r.GetGet(), http.MethodPost: r.GetPost(), http.MethodPut: r.GetPut(),
			http.MethodPatch: r.GetPatch(), http.MethodDelete: r.GetDelete(),
		} {
			if path != "" {
				all = append(all, binding{method, path, rpc})
			}
		}
	}
	return all
}

// TestEveryPathReachesItsMethod also proves that no route swallows the path of another, whatever the id looks like.
func TestEveryPathReachesItsMethod(t *testing.T) {
	t.Parallel()
	s := &services{}
	at := start(t, s, nil)
	c := client(t, "HTTP/1.1")
	ids := []string{"r1", "a.b_c-d", "builtin-new-online", "publish", "1", "explain.void", strings.Repeat("x", 128), "batch", "v1"}
	for _, b := range bindings(t) {
		for _, id := range ids {
			for _, escaped := range []string{id, escapeAll(id)} {
				path, field := fill(b.path, escaped)
				if field == "" && escaped != ids[0] {
					continue
				}
				body := ""
				headers := []string{}
				if b.method != http.MethodGet && b.method != http.MethodDelete {
					body = "{}"
				}
				if b.rpc == cmiv1.ScoringService_StreamScores_FullMethodName {
					headers = append(headers, "Content-Type", "application/x-ndjson")
				}
				answer := at.do(t, c, b.method, path, body, headers...)
				if answer.code != http.StatusOK {
					t.Errorf("%s %s: %d %s", b.method, path, answer.code, answer.body)
					continue
				}
				call := s.last(t)
				if call.method != b.rpc {
					t.Errorf("%s %s reached %s, not %s", b.method, path, call.method, b.rpc)
				}
				if field != "" && pathValue(call.request, field) != id {
					t.Errorf("%s %s: %s is %q", b.method, path, field, pathValue(call.request, field))
				}
			}
		}
	}
}

// fill puts an id in the place of the variable, and answers the field that it fills.
func fill(template, id string) (path, field string) {
	open, end := strings.IndexByte(template, '{'), strings.IndexByte(template, '}')
	if open < 0 {
		return template, ""
	}
	return template[:open] + id + template[end+1:], template[open+1 : end]
}

// escapeAll writes every character as its escape, which nobody does and everybody must understand.
func escapeAll(id string) string {
	var b strings.Builder
	for _, c := range []byte(id) {
		fmt.Fprintf(&b, "%%%02X", c)
	}
	return b.String()
}

func pathValue(m proto.Message, path string) string {
	at := m.ProtoReflect()
	for {
		name, rest, more := strings.Cut(path, ".")
		field := at.Descriptor().Fields().ByName(protoreflect.Name(name))
		if !more {
			return at.Get(field).String()
		}
		at, path = at.Get(field).Message(), rest
	}
}

func TestUnknownPathsAndMethods(t *testing.T) {
	t.Parallel()
	s := &services{}
	at := start(t, s, nil)
	for _, tc := range []struct {
		method, path string
		code         int
		allow        string
	}{
		{"GET", "/v1/nothing", 404, ""},
		{"GET", "/v1/scores/", 404, ""},
		{"GET", "/v1//scores", 404, ""},
		{"GET", "//v1/scores", 404, ""},
		{"GET", "/v1/scores/a/b", 404, ""},
		{"GET", "/v1/scores/a%2Fb", 404, ""},
		{"GET", "/v1/scores/r1:explian", 404, ""},
		{"GET", "/v1/scores/:explain", 404, ""},
		{"GET", "/v1/scores/r1:", 404, ""},
		{"GET", "/v1/scores/a:b:explain", 404, ""},
		{"POST", "/v1/questionnaires/q:publsh", 404, ""},
		{"GET", "/v2/scores", 404, ""},
		{"GET", "/V1/scores", 404, ""},
		{"PATCH", "/v1/scores", 405, "GET, POST"},
		{"DELETE", "/v1/scores/r1", 405, "GET"},
		{"HEAD", "/v1/scores/r1", 405, "GET"},
		{"OPTIONS", "/v1/scores", 405, "GET, POST"},
		{"GET", "/v1/scores:batch", 405, "POST"},
		{"GET", "/v1/scores:stream", 405, "POST"},
		{"POST", "/v1/questionnaires/q", 405, "GET, PATCH"},
		{"BREW", "/v1/scores", 405, "GET, POST"},
		{"POST", "/healthz", 405, "GET, HEAD"},
	} {
		t.Run(tc.method+" "+tc.path, func(t *testing.T) {
			t.Parallel()
			answer := at.do(t, client(t, "HTTP/1.1"), tc.method, tc.path, "")
			if answer.code != tc.code || answer.header.Get("Allow") != tc.allow {
				t.Errorf("%d, Allow %q: %s", answer.code, answer.header.Get("Allow"), answer.body)
			}
			if tc.method == http.MethodHead {
				return
			}
			if answer.reason(t) != "UNKNOWN_METHOD" || !strings.Contains(answer.body, `"code":5`) && !strings.Contains(answer.body, `"code": 5`) {
				t.Error(answer.body)
			}
			if answer.header.Get("Content-Type") != "application/json" || answer.header.Get("X-Request-Id") == "" {
				t.Error(answer.header)
			}
		})
	}
	if s.count() > 0 {
		t.Error("something was called")
	}
}
