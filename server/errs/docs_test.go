package errs_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/customer-momentum/cmi/server/errs"
)

// TestDocsAreFresh compares docs/errors.md with what the table says; with -update it writes the page anew.
func TestDocsAreFresh(t *testing.T) {
	t.Parallel()
	const page = "../../docs/errors.md"
	want := errs.Markdown()
	if f := flag.Lookup("update"); f != nil && f.Value.String() == "true" {
		if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("docs/errors.md is stale: run `go test ./server/errs -run Docs -update`")
	}
}

func TestEveryRowTellsTheClientWhatToDo(t *testing.T) {
	t.Parallel()
	for _, r := range errs.Table() {
		for what, text := range map[string]string{"means": r.Means, "do": r.Do} {
			if len(text) < 20 && text != "A fault of the service." || !strings.HasSuffix(strings.TrimSuffix(text, ")."), ".") && !strings.HasSuffix(text, ").") {
				t.Errorf("%s: %q does not %s in a sentence", r.Reason, text, what)
			}
			if strings.Contains(text, "|") || strings.Contains(text, "\n") {
				t.Errorf("%s: %q breaks the table", r.Reason, text)
			}
		}
	}
}
