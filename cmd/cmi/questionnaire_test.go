package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

const (
	goodFile = "../../examples/airline/questionnaire.yaml"
	badFile  = `questionnaireId: no spaces
items:
  - itemId: trust
    pillar: PILLAR_ECI
    rating: {min: 5, max: 1}
`
	unreadableFile = `questionnaireId: typo
titel: A typo
`
)

func TestLintOfAGoodFile(t *testing.T) {
	t.Parallel()
	r := cmi(t, "", "questionnaire", "lint", goodFile)
	r.expect(t, exitOK)
	says(t, r.out, "No faults", "warning", "no-why")
	cmi(t, "", "questionnaire", "lint", "--strict", goodFile).expect(t, exitNo)
	shown := cmi(t, "", "questionnaire", "show", "builtin-new-online")
	shown.expect(t, exitOK)
	cmi(t, shown.out, "questionnaire", "lint", "--strict", "-").expect(t, exitOK)
	shown = cmi(t, "", "questionnaire", "show", "builtin-new-online", "--json")
	shown.expect(t, exitOK)
	cmi(t, shown.out, "questionnaire", "lint", "--strict", "-").expect(t, exitOK)
}

func TestLintOfABadFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "bad.yaml")
	if err := os.WriteFile(file, []byte(badFile), 0o600); err != nil {
		t.Fatal(err)
	}
	r := cmi(t, "", "questionnaire", "lint", file)
	r.expect(t, exitNo)
	says(t, r.out, "fault", "questionnaire_id", "items[0].rating.max", "cannot be published")
	if r.err != "" {
		t.Errorf("the table says it all, and stderr has %q", r.err)
	}
	r = cmi(t, badFile, "questionnaire", "lint", "--json", "-")
	r.expect(t, exitNo)
	var result struct {
		Faults []struct{ Path, Message string }
	}
	if err := json.Unmarshal([]byte(r.out), &result); err != nil || len(result.Faults) < 2 {
		t.Errorf("%d faults in\n%s\n%v", len(result.Faults), r.out, err)
	}
}

func TestLintOfWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	r := cmi(t, unreadableFile, "questionnaire", "lint", "-")
	r.expect(t, exitNo)
	says(t, r.out, "titel", "line 2")
	r = cmi(t, "", "questionnaire", "lint", filepath.Join(t.TempDir(), "none.yaml"))
	r.expect(t, exitNo)
	r.sentence(t, "none.yaml")
}

func TestShowAndListNameWhatIsBuiltIn(t *testing.T) {
	t.Parallel()
	r := cmi(t, "", "questionnaire", "list")
	r.expect(t, exitOK)
	says(t, r.out, "builtin-new-face-to-face", "builtin-inactive-mobile-app")
	r = cmi(t, "", "questionnaire", "show", "builtin-nothing")
	r.expect(t, exitNo)
	r.sentence(t, "cmi questionnaire list")
	r = cmi(t, "", "questionnaire", "show", "mine")
	r.expect(t, exitNo)
	r.sentence(t, "--server")
	r = cmi(t, "", "questionnaire", "show", "builtin-new-online", "--version", "99")
	r.expect(t, exitNo)
	r.sentence(t, "version 99")
}
