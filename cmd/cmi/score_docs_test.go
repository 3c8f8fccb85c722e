package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/customer-momentum/cmi/cmd/cmi/tables"
	"github.com/customer-momentum/cmi/scoring"
	"github.com/customer-momentum/cmi/server/questionnaire"
)

// TestFilesPage runs the examples of the page on files, and holds what it says they print to what they print.
func TestFilesPage(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/files.md")
	if err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	at := strings.NewReplacer("go run ./cmd/cmi ", "'"+os.Args[0]+"' ", "examples/airline/", root+"/examples/airline/")
	var printed, said []string
	for _, e := range examples(t, "docs/files.md") {
		c := exec.CommandContext(t.Context(), "sh", "-e", "-c", at.Replace(e.text))
		var out, faults bytes.Buffer
		c.Dir, c.Stdout, c.Stderr = folder, &out, &faults
		c.Env = append(os.Environ(), asCommand+"=1")
		if err := c.Run(); err != nil {
			t.Fatalf("%s\n%v: %s", e.text, err, faults.String())
		}
		if out.Len() == 0 {
			t.Errorf("%s\nprinted nothing", e.text)
		}
		printed, said = append(printed, out.String()), append(said, faults.String())
	}
	blocks := regexp.MustCompile("(?ms)^```text\n(.*?)^```$").FindAllStringSubmatch(string(page), -1)
	if len(printed) != 2 || len(blocks) != 2 {
		t.Fatalf("the page has %d examples and %d blocks of what they print", len(printed), len(blocks))
	}
	if printed[0] != blocks[0][1] {
		t.Errorf("the page says\n%sit prints\n%s", blocks[0][1], printed[0])
	}
	says(t, said[0], blocks[1][1], "not used: 57 columns")
	if strings.Count(printed[1], "\n") != 2 {
		t.Errorf("two responses print\n%s", printed[1])
	}
}

// TestMappingOfThePage reads the mapping that the page shows, for items as it names them.
func TestMappingOfThePage(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/files.md")
	if err != nil {
		t.Fatal(err)
	}
	_, mapping, _ := strings.Cut(string(page), "```yaml\n")
	mapping, _, _ = strings.Cut(mapping, "```")
	var items strings.Builder
	for id, pillar := range map[string]string{"trust": "ECI", "usage": "BEI", "satisfaction": "FII", "card": "BEI"} {
		items.WriteString("  - {itemId: " + id + ", prompt: How?, pillar: PILLAR_" + pillar + ", rating: {min: 0, max: 10}}\n")
	}
	q, err := questionnaire.Read("q.yaml", []byte("questionnaireId: q\nseries: q\ntitle: Q\nchannels: [CHANNEL_ONLINE]\nitems:\n"+items.String()))
	if err != nil {
		t.Fatal(err)
	}
	scorer, err := scoring.Compile(q)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tables.ReadMapping("map.yaml", []byte(mapping), scorer); err != nil {
		t.Errorf("%v\n%s", err, mapping)
	}
}
