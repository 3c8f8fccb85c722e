package scoring_test

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// sent is what a case scores: a response, what was measured for each need, and the calibration in force.
type sent struct {
	response    *cmiv1.Response
	measured    []*cmiv1.Behaviour // nil: nothing was
	calibration *cmiv1.Calibration // nil: none
}

// readSent reads the line after the word score: a response, and words such as @1.rate=3 (what was measured for the first need),
// @needs=2 (for so many needs something could have been measured), @sem=7.5 and @calibration=cal-1.
func readSent(line string) (sent, error) {
	var in sent
	var rest []string
	for _, field := range words(line) {
		key, text, _ := strings.Cut(strings.TrimPrefix(field, "@"), "=")
		position, measure, measured := strings.Cut(key, ".")
		var err error
		switch {
		case field[0] != '@':
			rest = append(rest, field)
		case measured:
			err = in.readMeasure(position, measure, text)
		case key == "needs":
			err = in.readNeeds(text)
		case key == "sem" || key == "calibration":
			err = in.readCalibration(key, text)
		default:
			rest = append(rest, field)
		}
		if err != nil {
			return in, fmt.Errorf("%s: %w", field, err)
		}
	}
	var err error
	in.response, err = readFields(rest)
	return in, err
}

// readNeeds makes room for the measures of so many needs.
func (in *sent) readNeeds(text string) error {
	n, err := strconv.Atoi(text)
	for len(in.measured) < n {
		in.measured = append(in.measured, nil)
	}
	return err
}

// readMeasure sets a measure of the need at a position, counted from 1.
func (in *sent) readMeasure(position, measure, text string) error {
	if err := in.readNeeds(position); err != nil {
		return err
	}
	n, err := strconv.Atoi(position)
	if err != nil {
		return err
	}
	if in.measured[n-1] == nil {
		in.measured[n-1] = new(cmiv1.Behaviour)
	}
	b := in.measured[n-1]
	ok, err := settings{"rate": &b.Rate, "diversity": &b.Diversity, "days_since": &b.DaysSince}.set(measure, text)
	if !ok && measure != "none" {
		return fmt.Errorf("unknown measure %q", measure)
	}
	return err
}

// readCalibration sets the id of the calibration, or its standard error.
func (in *sent) readCalibration(key, text string) error {
	if in.calibration == nil {
		in.calibration = new(cmiv1.Calibration)
	}
	if key == "calibration" {
		in.calibration.CalibrationId = text
		return nil
	}
	_, err := settings{"sem": &in.calibration.Sem}.set(key, text)
	return err
}

// needs compares lines such as "f,r kinds login,purchase window 180 half_life 90".
func (c *cases) needs() {
	c.t.Helper()
	var got []string
	for _, n := range c.scorer.BehaviourNeeds() {
		got = append(got, fmt.Sprintf("%s kinds %s window %v half_life %v",
			strings.Join(n.Items, ","), strings.Join(n.Kinds, ","), n.WindowDays, n.HalfLifeDays))
	}
	c.compareLines(got, c.at.lines)
}

// behaviour compares words such as "rate 30/7 diversity 0.5 days_since missing", or "none".
func (c *cases) behaviour(what string, got *cmiv1.Behaviour, fields []string) {
	c.t.Helper()
	if (got == nil) != (fields[0] == "none") {
		c.errorf("%s is %v, want %v", what, got, fields)
	}
	if got == nil {
		return
	}
	for k := 0; k+1 < len(fields); k += 2 {
		measure := map[string]*float64{"rate": got.Rate, "diversity": got.Diversity, "days_since": got.DaysSince}[fields[k]]
		c.number(what+" "+fields[k], measure, fields[k+1])
	}
}

// itemBehaviour compares a line such as "item_behaviour f rate 30/7 diversity 0.5 days_since missing".
func (c *cases) itemBehaviour(got *cmiv1.Score, fields []string) {
	c.t.Helper()
	for _, m := range got.ItemBehaviours {
		if m.ItemId == fields[1] {
			c.behaviour("behaviour of "+m.ItemId, m.Behaviour, fields[2:])
			return
		}
	}
	if fields[1] != "none" {
		c.errorf("no behaviour of %s", fields[1])
	}
}

// completeMeasures checks that the items that were measured, where a case lists any, are all listed, and in this order.
func (c *cases) completeMeasures(got *cmiv1.Score, want []string) {
	c.t.Helper()
	var ids []string
	for _, m := range got.ItemBehaviours {
		ids = append(ids, m.ItemId)
	}
	if want == nil {
		return
	}
	if slices.Equal(want, []string{"none"}) {
		want = nil
	}
	if !slices.Equal(ids, want) {
		c.errorf("behaviour of items %v, want %v", ids, want)
	}
}

// calibration compares the id that a score carries; "none" stands for an empty one.
func (c *cases) calibration(got *cmiv1.Score, want string) {
	c.t.Helper()
	if want == "none" {
		want = ""
	}
	if got.CalibrationId != want {
		c.errorf("calibration %q, want %q", got.CalibrationId, want)
	}
}

// interval compares words such as "50.3 79.7", or "none".
func (c *cases) interval(got *cmiv1.Interval, fields []string) {
	c.t.Helper()
	if (got == nil) != (fields[0] == "none") {
		c.errorf("interval %v, want %v", got, fields)
	}
	if got != nil {
		c.number("low", got.Low, fields[0])
		c.number("high", got.High, fields[1])
	}
}

// buckets compares the probabilities of At-Risk, Growth Opportunity and Advocate, to 1e-12, or "none".
func (c *cases) buckets(got *cmiv1.BucketProbabilities, fields []string) {
	c.t.Helper()
	if (got == nil) != (fields[0] == "none") {
		c.errorf("probabilities %v, want %v", got, fields)
	}
	if got == nil {
		return
	}
	for k, p := range []*float64{got.AtRisk, got.Growth, got.Advocate} {
		want, err := value(fields[k])
		c.must(err)
		if p == nil || !(math.Abs(*p-want) <= 1e-12) {
			c.errorf("probabilities %v, want %v", got, fields)
		}
	}
}
