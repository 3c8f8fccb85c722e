package scoring_test

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
)

// TestCases runs every case of testdata/*.test.
func TestCases(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.test")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".test"), func(t *testing.T) {
			t.Parallel()
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			c := &cases{t: t, file: file}
			for _, b := range blocks(string(content)) {
				c.run(b)
			}
			if c.count == 0 {
				t.Errorf("%s has no cases", file)
			}
		})
	}
}

// block is a command with the indented lines below it.
type block struct {
	line    int
	command string
	rest    string
	lines   []string
}

// blocks splits a file; comments run from "# " at the start of a line or after two blanks to the end of the line.
func blocks(content string) []block {
	var list []block
	for n, line := range strings.Split(content, "\n") {
		if k := strings.Index(line, "  # "); k >= 0 {
			line = line[:k]
		}
		line = strings.TrimRight(line, " ")
		switch {
		case line == "" || line[0] == '#':
		case line[0] == ' ':
			last := &list[len(list)-1]
			last.lines = append(last.lines, strings.TrimSpace(line))
		default:
			command, rest, _ := strings.Cut(line, " ")
			list = append(list, block{line: n + 1, command: command, rest: rest})
		}
	}
	return list
}

// cases runs the blocks of one file, one after the other.
type cases struct {
	t     *testing.T
	file  string
	at    block
	count int
	// earlier is the questionnaire before the present one.
	earlier, scorer *scoring.Scorer
	base            []byte
}

func (c *cases) errorf(format string, args ...any) {
	c.t.Helper()
	c.t.Errorf("%s:%d: %s", c.file, c.at.line, fmt.Sprintf(format, args...))
}

func (c *cases) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatalf("%s:%d: %v", c.file, c.at.line, err)
	}
}

func (c *cases) run(b block) {
	c.t.Helper()
	c.at = b
	switch b.command {
	case "questionnaire":
		q, err := readQuestionnaire(b.rest)
		c.must(err)
		for _, line := range b.lines {
			item, err := readItem(line)
			c.must(err)
			q.Items = append(q.Items, item)
		}
		c.earlier = c.scorer
		c.scorer, err = scoring.Compile(q)
		c.must(err)
	case "needs":
		c.count++
		c.needs()
	case "change":
		c.count++
		c.change()
	case "base":
		c.base = []byte(strings.Join(b.lines, "\n"))
	case "score":
		sent, err := readSent(b.rest)
		c.must(err)
		c.count++
		c.score(sent)
	case "faults":
		c.count++
		c.faults()
	default:
		c.must(fmt.Errorf("unknown command %q", b.command))
	}
}

// faults compiles the patched base and compares every fault.
func (c *cases) faults() {
	c.t.Helper()
	k := 0
	for k < len(c.at.lines) && (strings.HasPrefix(c.at.lines[k], "set ") || strings.HasPrefix(c.at.lines[k], "unset ")) {
		k++
	}
	document, err := patched(c.base, c.at.lines[:k])
	c.must(err)
	q := new(cmiv1.Questionnaire)
	c.must(protojson.Unmarshal(document, q))
	s, err := scoring.Compile(q)
	var got []string
	var faults *scoring.Faults
	if errors.As(err, &faults) {
		for _, f := range faults.Faults {
			got = append(got, f.Path+": "+f.Message)
		}
	}
	if (s == nil) != (err != nil) {
		c.errorf("scorer %v with error %v", s, err)
	}
	c.compareLines(got, c.at.lines[k:])
}

// compareLines compares sentences, one by one and in order; "none" stands for no sentences.
func (c *cases) compareLines(got, want []string) {
	c.t.Helper()
	if slices.Equal(want, []string{"none"}) {
		want = nil
	}
	if !slices.Equal(got, want) {
		c.errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// score explains the response and compares what the case states about the result.
func (c *cases) score(in sent) {
	c.t.Helper()
	got, plain, err := c.explain(in)
	var invalid *scoring.Invalid
	if errors.As(err, &invalid) {
		var lines []string
		for _, v := range invalid.Violations {
			lines = append(lines, "error "+v.Path+": "+v.Message)
		}
		c.compareLines(lines, c.at.lines)
		return
	}
	c.must(err)
	c.again(in, got, plain)
	if in.calibration != nil {
		c.scorer.Calibrate(got, in.calibration)
	}
	c.compare(got)
}

// explain explains and scores; both must agree on whether that is allowed.
func (c *cases) explain(in sent) (explained, plain *cmiv1.Score, err error) {
	c.t.Helper()
	explained, err = c.scorer.ExplainMeasured(in.response, in.measured)
	plain, plainErr := c.scorer.ScoreMeasured(in.response, in.measured)
	if (err == nil) != (plainErr == nil) {
		c.errorf("ExplainMeasured says %v, ScoreMeasured says %v", err, plainErr)
	}
	return explained, plain, err
}

// again scores in other ways that must come to the same: without the explanation, from the record, and without measures
// where there are none.
func (c *cases) again(in sent, got, plain *cmiv1.Score) {
	c.t.Helper()
	bare := proto.CloneOf(got)
	bare.Explanation = nil
	if !proto.Equal(bare, plain) {
		c.errorf("ExplainMeasured and ScoreMeasured differ:\n%v\n%v", got, plain)
	}
	if again, err := c.scorer.ExplainRecorded(in.response, plain); err != nil || !proto.Equal(again, got) {
		c.errorf("ExplainRecorded: %v, %v, recorded %v", err, again, got)
	}
	if in.measured != nil {
		return
	}
	if again, err := c.scorer.Explain(in.response); err != nil || !proto.Equal(again, got) {
		c.errorf("Explain: %v, %v, with no measures %v", err, again, got)
	}
	if again, err := c.scorer.Score(in.response); err != nil || !proto.Equal(again, plain) {
		c.errorf("Score: %v, %v, with no measures %v", err, again, plain)
	}
}

// compare compares what the case states about a score.
func (c *cases) compare(got *cmiv1.Score) {
	c.t.Helper()
	var contributions, measured []string
	facets := map[string][]string{}
	for _, line := range c.at.lines {
		fields := words(line)
		switch name, facet, isFacet := strings.Cut(fields[0], "."); {
		case cmiv1.ScoreStatus_value["SCORE_STATUS_"+fields[0]] != 0:
			c.status(got, fields)
		case fields[0] == "contribution":
			contributions = append(contributions, fields[1])
			c.contribution(got, fields)
		case fields[0] == "next":
			c.next(got, fields[1:])
		case fields[0] == "divergences":
			c.divergences(got, fields[1:])
		case fields[0] == "behaviour":
			c.behaviour("behaviour", got.Behaviour, fields[1:])
		case fields[0] == "item_behaviour":
			measured = append(measured, fields[1])
			c.itemBehaviour(got, fields)
		case fields[0] == "calibration":
			c.calibration(got, fields[1])
		case fields[0] == "interval":
			c.interval(got.Interval, fields[1:])
		case fields[0] == "buckets":
			c.buckets(got.BucketProbabilities, fields[1:])
		case fields[0] == "error":
			c.errorf("no error, want %s", line)
		case isFacet:
			facets[name] = append(facets[name], facet)
			c.facet(got, name, facet, fields[1:])
		default:
			c.pillar(got, name, fields[1:])
		}
	}
	c.complete(got, contributions, facets)
	c.completeMeasures(got, measured)
}

// complete checks that contributions and facets, where a case lists any, are all listed, and in this order.
func (c *cases) complete(got *cmiv1.Score, contributions []string, facets map[string][]string) {
	c.t.Helper()
	var ids []string
	for _, m := range got.GetExplanation().GetContributions() {
		ids = append(ids, m.ItemId)
	}
	if contributions != nil && !slices.Equal(ids, contributions) {
		c.errorf("contributions of %v, want %v", ids, contributions)
	}
	for p, m := range got.Pillars {
		if int(m.Pillar) != p+1 {
			c.errorf("pillar %v at position %d", m.Pillar, p)
		}
		var names []string
		for _, f := range m.Facets {
			names = append(names, f.Facet)
		}
		if want := facets[pillarName(m.Pillar)]; want != nil && !slices.Equal(names, want) {
			c.errorf("facets %v, want %v", names, want)
		}
	}
	if len(got.Pillars) != 3 {
		c.errorf("%d pillars", len(got.Pillars))
	}
}

func pillarName(p cmiv1.Pillar) string { return strings.TrimPrefix(p.String(), "PILLAR_") }

// status compares a line such as "SCORED cmi 200/3 display 66 GROWTH divergent".
func (c *cases) status(got *cmiv1.Score, fields []string) {
	c.t.Helper()
	if want := "SCORE_STATUS_" + fields[0]; got.Status.String() != want {
		c.errorf("status %v, want %s", got.Status, want)
	}
	divergent := slices.Contains(fields, "divergent")
	if got.Divergent != divergent {
		c.errorf("divergent %v, want %v", got.Divergent, divergent)
	}
	if fields[0] == "UNSCORED" {
		if got.Cmi != nil || got.DisplayScore != nil || got.Bucket != 0 || got.Explanation != nil {
			c.errorf("unscored, but %v", got)
		}
		return
	}
	c.number("cmi", got.Cmi, fields[2])
	if display := fmt.Sprint(got.GetDisplayScore()); got.DisplayScore == nil || display != fields[4] {
		c.errorf("display score %s, want %s", display, fields[4])
	}
	if want := "BUCKET_" + fields[5]; got.Bucket.String() != want {
		c.errorf("bucket %v, want %s", got.Bucket, want)
	}
}

// number compares to 1e-9; "missing" stands for an absent number.
func (c *cases) number(what string, got *float64, text string) {
	c.t.Helper()
	if text == "missing" {
		if got != nil {
			c.errorf("%s is %v, want none", what, *got)
		}
		return
	}
	want, err := value(text)
	c.must(err)
	if got == nil {
		c.errorf("%s is missing, want %v", what, want)
	} else if !(math.Abs(*got-want) <= 1e-9) {
		c.errorf("%s is %.17g, want %.17g", what, *got, want)
	}
}

// pillar compares a line such as "ECI 70 coverage 1", or to the last bit "ECI exactly 70".
func (c *cases) pillar(got *cmiv1.Score, name string, fields []string) {
	c.t.Helper()
	m := got.Pillars[cmiv1.Pillar_value["PILLAR_"+name]-1]
	if fields[0] == "exactly" {
		if want, err := value(fields[1]); err != nil || m.Score == nil || *m.Score != want {
			c.errorf("%s is %v, want exactly %s", name, m.GetScore(), fields[1])
		}
		return
	}
	c.number(name, m.Score, fields[0])
	c.number(name+" coverage", m.Coverage, fields[2])
}

// facet compares a line such as "ECI.trust 70 coverage 1".
func (c *cases) facet(got *cmiv1.Score, pillar, facet string, fields []string) {
	c.t.Helper()
	for _, m := range got.Pillars[cmiv1.Pillar_value["PILLAR_"+pillar]-1].Facets {
		if m.Facet == facet {
			c.number(facet, m.Score, fields[0])
			c.number(facet+" coverage", m.Coverage, fields[2])
			return
		}
	}
	c.errorf("no facet %s", facet)
}

// contribution compares a line such as "contribution nps score 70 share 1/3 brings 70/3 headroom 10".
func (c *cases) contribution(got *cmiv1.Score, fields []string) {
	c.t.Helper()
	for _, m := range got.GetExplanation().GetContributions() {
		if m.ItemId == fields[1] {
			c.number(m.ItemId+" score", m.Score, fields[3])
			c.number(m.ItemId+" share", m.Share, fields[5])
			c.number(m.ItemId+" contribution", m.Contribution, fields[7])
			c.number(m.ItemId+" headroom", m.Headroom, fields[9])
			return
		}
	}
	c.errorf("no contribution of %s", fields[1])
}

// next compares a line such as "next ADVOCATE points 10 items nps trust", or "next none".
func (c *cases) next(got *cmiv1.Score, fields []string) {
	c.t.Helper()
	m := got.GetExplanation().GetNextBucket()
	if fields[0] == "none" {
		if m != nil {
			c.errorf("next bucket %v, want none", m)
		}
		return
	}
	if m.GetBucket().String() != "BUCKET_"+fields[0] {
		c.errorf("next bucket %v, want %s", m.GetBucket(), fields[0])
	}
	c.number("points to the next bucket", m.Points, fields[2])
	if !slices.Equal(m.ItemIds, fields[4:]) {
		c.errorf("items to the next bucket %v, want %v", m.ItemIds, fields[4:])
	}
}

// divergences compares "divergences ECI>FII 40, BEI>FII 35" or "divergences none".
func (c *cases) divergences(got *cmiv1.Score, fields []string) {
	c.t.Helper()
	var list []string
	for _, d := range got.GetExplanation().GetDivergences() {
		list = append(list, fmt.Sprintf("%s>%s %v", pillarName(d.Higher), pillarName(d.Lower), d.GetPoints()))
	}
	if list == nil {
		list = []string{"none"}
	}
	if strings.Join(list, ", ") != strings.Join(fields, " ") {
		c.errorf("divergences %v, want %v", list, fields)
	}
}
