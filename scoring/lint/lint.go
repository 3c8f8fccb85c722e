// Package lint reads a questionnaire as a survey methodologist would and says what could be better: what is not covered,
// what readers will stumble over, what the scales cannot tell. Findings never block anything; what keeps a questionnaire
// from being compiled is a fault, and scoring.Compile names those.
package lint

import (
	"sort"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// Questionnaire answers what could be better about q: first what concerns the whole, then item by item, in the order of
// the rules. The same questionnaire always gives the same findings. A questionnaire with faults is read as far as it goes.
//
// The rules on wording know English. They read the prompts that are English, and translations whose language tag is en
// or starts with en-; the other rules hold for every language.
func Questionnaire(q *cmiv1.Questionnaire) []*cmiv1.Finding {
	r := read(q)
	type placed struct {
		item    int
		finding *cmiv1.Finding
	}
	var all []placed
	for _, rule := range rules() {
		rule.check(r, func(at place, message string) {
			all = append(all, placed{at.item, &cmiv1.Finding{
				Rule: rule.ID, Severity: rule.Severity, Path: at.path, Message: message,
			}})
		})
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].item < all[j].item })
	findings := make([]*cmiv1.Finding, 0, len(all))
	for _, p := range all {
		findings = append(findings, p.finding)
	}
	return findings
}

// place is where a finding stands: the position of the item, or -1 for the whole, and the path.
type place struct {
	item int
	path string
}

// whole is the place of a finding about the questionnaire itself.
func whole(path string) place { return place{-1, path} }

// report takes one finding of a rule.
type report func(at place, message string)
