package questionnaire

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// FuzzRead holds that no file makes a panic or a hang, that what is read survives writing in both formats, and that JSON
// is read just as protobuf's own reader does, which is the contract, but for the bounds on keys that a file has.
func FuzzRead(f *testing.F) {
	files, err := filepath.Glob("builtin/*.yaml")
	if err != nil || len(files) == 0 {
		f.Fatalf("no built-in files: %v", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(false, data)
		q, err := Read(file, data)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(true, WriteJSON(q))
	}
	for _, text := range []string{"", "{}", "[", "a: &a [*a]", "<<: {}", "- - -", "? a\n: b", "a: |\n  b", "a: 'b", "%YAML 1.2\n---\n{}", "title: \"\\u00e9\"", "{a: {b: {c: [d]}}}"} {
		f.Add(false, []byte(text))
	}
	for _, text := range []string{`{"items":[{"weight":"NaN","translations":{"de":"x"}}]}`, `{"title":"\ud83d\ude00"}`, `{"version":1e0,"state":2}`, `{"items":null}`, `{"createdAt":"2026-11-01T00:00:00Z"}`} {
		f.Add(true, []byte(text))
	}
	f.Fuzz(func(t *testing.T, asJSON bool, data []byte) {
		name := "q.yaml"
		if asJSON {
			name = "q.json"
		}
		q, err := Read(name, data)
		if asJSON {
			comparePeer(t, data, q, err)
		}
		if err != nil {
			return
		}
		for name, written := range map[string][]byte{"w.yaml": WriteYAML(q), "w.json": WriteJSON(q)} {
			again, err := Read(name, written)
			if err != nil {
				t.Fatalf("what was written cannot be read: %v\n%s", err, written)
			}
			if !proto.Equal(again, q) {
				t.Fatalf("%s reads back otherwise:\n%s", name, written)
			}
		}
	})
}

// comparePeer holds Read against protobuf's own reader of JSON.
func comparePeer(t *testing.T, data []byte, q *cmiv1.Questionnaire, err error) {
	t.Helper()
	peer := &cmiv1.Questionnaire{}
	peerErr := protojson.Unmarshal(data, peer)
	switch {
	case err == nil && peerErr != nil:
		t.Fatalf("protobuf refuses what was read: %v", peerErr)
	case err != nil && peerErr == nil && !strings.Contains(err.Error(), "at most"):
		t.Fatalf("protobuf reads what was refused: %v", err)
	case err == nil && !proto.Equal(q, peer):
		t.Fatalf("read\n%v\nprotobuf reads\n%v", q, peer)
	}
}
