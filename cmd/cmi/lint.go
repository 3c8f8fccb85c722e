package main

import (
	"fmt"
	"strings"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

type lintCommand struct {
	File   string `arg:"" help:"The file, YAML or JSON; - is stdin."`
	JSON   bool   `name:"json" help:"Print JSON, as LintQuestionnaire answers it."`
	Strict bool   `help:"Exit with 1 on warnings and errors too, not only on faults."`
}

func (lintCommand) Help() string {
	return `Lists faults, which keep a questionnaire from being published and scored, and findings, which a survey methodologist
would raise and which block nothing. Every fault is listed at once, each with its path. Exits with 1 when there are
faults, with --strict also when there are warnings or errors.

  cmi questionnaire lint airline.yaml
  cmi questionnaire show builtin-new-online | cmi questionnaire lint --strict -`
}

func (l *lintCommand) Run(s streams) error {
	result, err := lint(l.File, s.in)
	if err != nil {
		return err
	}
	if l.JSON {
		if err := writeJSON(s.out, result); err != nil {
			return err
		}
	} else {
		fmt.Fprint(s.out, lintReport(result))
	}
	if len(result.GetFaults()) > 0 || l.Strict && count(result, cmiv1.Severity_SEVERITY_WARNING)+count(result, cmiv1.Severity_SEVERITY_ERROR) > 0 {
		return answeredNo{}
	}
	return nil
}

// lintReport is a result for people: a table, the worst first, and what it comes to.
func lintReport(result *cmiv1.LintQuestionnaireResponse) string {
	var rows [][]string
	for _, f := range result.GetFaults() {
		rows = append(rows, []string{"fault", whole(f.GetPath()), "-", f.GetMessage()})
	}
	for _, severity := range []cmiv1.Severity{cmiv1.Severity_SEVERITY_ERROR, cmiv1.Severity_SEVERITY_WARNING, cmiv1.Severity_SEVERITY_INFO} {
		for _, f := range result.GetFindings() {
			if f.GetSeverity() == severity {
				rows = append(rows, []string{severityWord(severity), whole(f.GetPath()), f.GetRule(), f.GetMessage()})
			}
		}
	}
	text := ""
	if len(rows) > 0 {
		text = table([]string{"SEVERITY", "PATH", "RULE", "WHAT AND WHAT TO DO"}, rows) + "\n"
	}
	return text + verdict(result) + "\n"
}

// verdict says in one sentence what a result comes to.
func verdict(result *cmiv1.LintQuestionnaireResponse) string {
	var parts []string
	for _, severity := range []cmiv1.Severity{cmiv1.Severity_SEVERITY_ERROR, cmiv1.Severity_SEVERITY_WARNING, cmiv1.Severity_SEVERITY_INFO} {
		if n := count(result, severity); n > 0 {
			parts = append(parts, plural(n, severityWord(severity)))
		}
	}
	findings := "no findings"
	if len(parts) > 0 {
		findings = strings.Join(parts, ", ")
	}
	if n := len(result.GetFaults()); n > 0 {
		return fmt.Sprintf("%s: this cannot be published or scored. Beside that: %s.", plural(n, "fault"), findings)
	}
	return fmt.Sprintf("No faults: this can be published and scored. Beside that: %s.", findings)
}

func count(result *cmiv1.LintQuestionnaireResponse, severity cmiv1.Severity) int {
	n := 0
	for _, f := range result.GetFindings() {
		if f.GetSeverity() == severity {
			n++
		}
	}
	return n
}

// whole says what an empty path stands for.
func whole(path string) string {
	if path == "" {
		return "(whole)"
	}
	return path
}

func severityWord(severity cmiv1.Severity) string {
	return strings.ToLower(strings.TrimPrefix(severity.String(), "SEVERITY_"))
}

func plural(n int, word string) string {
	if n == 1 || word == "info" {
		return fmt.Sprintf("%d %s", n, word)
	}
	return fmt.Sprintf("%d %ss", n, word)
}
