package scoring_test

import (
	"errors"
	"slices"
	"strings"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
)

// change explains the change from one response to another, and compares what the case states about it. "change across" scores
// the earlier response by the questionnaire before the present one.
func (c *cases) change() {
	c.t.Helper()
	var ends [2]scoring.Answered
	scorers := [2]*scoring.Scorer{c.scorer, c.scorer}
	if c.at.rest == "across" {
		scorers[0] = c.earlier
	}
	for k, word := range []string{"from", "to"} {
		line, ok := strings.CutPrefix(c.at.lines[k], word)
		if !ok {
			c.errorf("%q, want a line that begins with %s", c.at.lines[k], word)
			return
		}
		in, err := readSent(line)
		c.must(err)
		score, err := scorers[k].ScoreMeasured(in.response, in.measured)
		c.must(err)
		ends[k] = scoring.Answered{Scorer: scorers[k], Response: in.response, Score: score}
	}
	got, err := scoring.ExplainChange(ends[0], ends[1])
	var not *scoring.NotComparable
	if errors.As(err, &not) {
		c.compareLines([]string{"error " + not.Error()}, c.at.lines[2:])
		return
	}
	c.must(err)
	if got.From != ends[0].Score || got.To != ends[1].Score {
		c.errorf("the change does not carry its scores")
	}
	c.compareChange(got)
}

// compareChange compares every line about a change. What is not stated is not there.
func (c *cases) compareChange(got *cmiv1.Change) {
	c.t.Helper()
	stated := map[string]string{"version": "missing", "coverage_before": "missing", "coverage_after": "missing", "delta": "missing"}
	var items, merged []string
	for _, line := range c.at.lines[2:] {
		fields := words(line)
		switch fields[0] {
		case "item":
			items = append(items, fields[1])
			c.itemChange(got, fields)
		case "merged":
			merged = fields[1:]
		default:
			if stated[fields[0]] != "missing" {
				c.errorf("%q is not about a change", line)
			}
			stated[fields[0]] = fields[1]
		}
	}
	c.number("delta", got.Delta, stated["delta"])
	c.number("version", got.Version, stated["version"])
	c.number("coverage before", got.CoverageBefore, stated["coverage_before"])
	c.number("coverage after", got.CoverageAfter, stated["coverage_after"])
	var gotItems, gotMerged []string
	for _, m := range got.Items {
		gotItems = append(gotItems, m.ItemId)
	}
	for _, step := range got.Merged {
		gotMerged = append(gotMerged, strings.ToLower(strings.TrimPrefix(step.String(), "CHANGE_STEP_")))
	}
	if !slices.Equal(gotItems, items) {
		c.errorf("items %v, want %v", gotItems, items)
	}
	if !slices.Equal(gotMerged, merged) {
		c.errorf("merged %v, want %v", gotMerged, merged)
	}
}

// itemChange compares a line such as "item nps FII.recommend before 60 after 80 brings 20/3".
func (c *cases) itemChange(got *cmiv1.Change, fields []string) {
	c.t.Helper()
	for _, m := range got.Items {
		if m.ItemId != fields[1] {
			continue
		}
		where := pillarName(m.Pillar)
		if m.Facet != "" {
			where += "." + m.Facet
		}
		if where != fields[2] {
			c.errorf("%s in %s, want %s", m.ItemId, where, fields[2])
		}
		c.number(m.ItemId+" before", m.ScoreBefore, fields[4])
		c.number(m.ItemId+" after", m.ScoreAfter, fields[6])
		c.number(m.ItemId+" brings", m.Change, fields[8])
		return
	}
	c.errorf("no change of %s", fields[1])
}
