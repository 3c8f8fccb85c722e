package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const threeResponses = `{"responseId": "r1", "answers": [
  {"itemId": "trust", "number": 8}, {"itemId": "doubts", "number": 2},
  {"itemId": "recency", "choice": "week"}, {"itemId": "frequency", "number": 4},
  {"itemId": "continue", "number": 8}, {"itemId": "recommend", "number": 8}
]}
{"responseId": "r2", "answers": [{"itemId": "trust", "number": 11}]}
{"responseId": "r3", "answers": []}
`

func TestScorePrintsALineAScore(t *testing.T) {
	t.Parallel()
	r := cmi(t, threeResponses, "score", "-q", "builtin-active-online")
	r.expect(t, exitNo)
	says(t, r.err, "response 2 is refused", `"trust"`, "11", "1 of 3 responses refused")
	lines := strings.Split(strings.TrimSpace(r.out), "\n")
	if len(lines) != 2 {
		t.Fatalf("%d lines, want one for each of the two that can be scored:\n%s", len(lines), r.out)
	}
	var first, second struct {
		ResponseID, Status, Bucket string
		CMI                        *float64
	}
	if err := json.Unmarshal([]byte(lines[0]), &first); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(lines[1]), &second); err != nil {
		t.Fatal(err)
	}
	// ECI (80 + 80) / 2, BEI (100 + 100) / 2, FII (80 + 80) / 2.
	if first.ResponseID != "r1" || first.CMI == nil || *first.CMI != 86.666666667 || first.Bucket != "BUCKET_ADVOCATE" {
		t.Errorf("the first score is %s", lines[0])
	}
	if second.ResponseID != "r3" || second.CMI != nil || second.Status != "SCORE_STATUS_UNSCORED" {
		t.Errorf("the second score is %s", lines[1])
	}
}

func TestScoreReadsFilesAndExplains(t *testing.T) {
	t.Parallel()
	shown := cmi(t, "", "questionnaire", "show", "builtin-active-online")
	folder := t.TempDir()
	questionnaire, responses := filepath.Join(folder, "mine.yaml"), filepath.Join(folder, "responses.json")
	write(t, questionnaire, shown.out)
	first, _, _ := strings.Cut(threeResponses, `{"responseId": "r2"`)
	write(t, responses, first)
	r := cmi(t, "", "score", "-q", questionnaire, "--explain", responses)
	r.expect(t, exitOK)
	says(t, r.out, `"contributions"`, `"headroom"`)
	r = cmi(t, shown.out, "score", "-q", "-", responses)
	r.expect(t, exitOK)
}

func TestScoreSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	bad := filepath.Join(t.TempDir(), "bad.yaml")
	write(t, bad, badFile)
	for _, c := range []struct {
		stdin string
		args  []string
		says  string
	}{
		{"{}", []string{"-q", bad}, "cmi questionnaire lint"},
		{"{}", []string{"-q", "builtin-nothing"}, "cmi questionnaire list"},
		{"{}", []string{"-q", "-"}, "cannot both be stdin"},
		{"{}", []string{"-q", "builtin-new-online", "no-such-file"}, "no-such-file"},
		{"", []string{"-q", "builtin-new-online"}, "no response"},
		{`{"answers": [`, []string{"-q", "builtin-new-online"}, "response 1"},
	} {
		r := cmi(t, c.stdin, append([]string{"score"}, c.args...)...)
		r.expect(t, exitNo)
		r.sentence(t, c.says)
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
