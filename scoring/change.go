package scoring

import (
	"fmt"
	"math"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// Answered is a recorded response with its score, and the version of the questionnaire that scored it.
type Answered struct {
	Scorer   *Scorer
	Response *cmiv1.Response
	Score    *cmiv1.Score
}

// NotComparable is the error of [ExplainChange] for a score that has no CMI: there is nothing to compare.
type NotComparable struct {
	// ResponseID is the response that could not be scored.
	ResponseID string
}

// Error names the response.
func (e *NotComparable) Error() string {
	return fmt.Sprintf("the score of response %s has no CMI, so there is nothing to compare", quoted(e.ResponseID))
}

// ExplainChange says why the score of to differs from the earlier one of from, step by step along one path:
//
//  1. version: from the earlier version on the earlier answers to the later version on them. An answer that the later version
//     cannot read (of an unknown item, of another kind, off its scale) is lost on this step, and so are measures of
//     behaviour that the later version takes of other kinds of interaction or over another time;
//  2. coverage before: to the common items only, those answered (or measured) both times;
//  3. items: to the later answers to the common items; what each brings to the CMI after, minus before;
//  4. coverage after: to all of the later answers.
//
// The parts add up to the difference, to 1e-9. Restricted to the common items, an item that was not applicable both times stays
// out of the base, and all others count as skipped. A step to something that cannot be scored is merged with the next one:
// merged lists the steps that stand together in the last of them. A PARTIAL score on the way is taken as it is.
//
// The messages from and to of the change are those that were given, not copies. That both are of one customer and one series, and
// the reliable change index, are the caller's affair. The error is a [*NotComparable] when one of the two has no CMI, and an [*Invalid] or another one when a response
// does not come to its recorded score.
func ExplainChange(from, to Answered) (*cmiv1.Change, error) {
	before, err := from.again()
	if err != nil {
		return nil, err
	}
	after, err := to.again()
	if err != nil {
		return nil, err
	}
	carried := to.Scorer.rate(to.Scorer.carry(from))
	commonBefore, commonAfter := to.Scorer.restrict(carried, after)

	w := walk{level: before.cmi}
	m := &cmiv1.Change{From: from.Score, To: to.Score, Delta: proto.Float64(after.cmi - before.cmi)}
	m.Version = w.step(cmiv1.ChangeStep_CHANGE_STEP_VERSION, carried)
	m.CoverageBefore = w.step(cmiv1.ChangeStep_CHANGE_STEP_COVERAGE_BEFORE, commonBefore)
	// Both restrictions rest on the same items, so that both have a CMI or neither has one.
	if w.step(cmiv1.ChangeStep_CHANGE_STEP_ITEMS, commonAfter) != nil {
		m.Items = to.Scorer.itemChanges(commonBefore, commonAfter)
	}
	m.CoverageAfter = w.step(cmiv1.ChangeStep_CHANGE_STEP_COVERAGE_AFTER, after)
	m.Merged = w.merged
	return m, nil
}

// again scores the response again, by the measures of behaviour that its recorded score carries, and holds it against that.
func (a Answered) again() (*rated, error) {
	if a.Scorer == nil || a.Score == nil {
		return nil, fmt.Errorf("scoring: a change needs two scores, each with its scorer")
	}
	if a.Score.Cmi == nil {
		return nil, &NotComparable{ResponseID: a.Score.ResponseId}
	}
	on := newSheet(len(a.Scorer.items))
	if err := a.Scorer.fill(a.Response, a.Scorer.recordedMeasures(a.Score), on); err != nil {
		return nil, err
	}
	r := a.Scorer.rate(on)
	if !r.scored() || !(math.Abs(r.cmi-*a.Score.Cmi) <= 1e-9) {
		return nil, fmt.Errorf("scoring: response %s does not come to its recorded CMI of %s", quoted(a.Score.ResponseId), number(*a.Score.Cmi))
	}
	return r, nil
}

// itemChanges lists what each common item brings more or less, in the questionnaire's order. Of both restrictions the same
// items are used.
func (s *Scorer) itemChanges(before, after *rated) []*cmiv1.ItemChange {
	then, now := s.contributions(before.sheet, &before.evaluation), s.contributions(after.sheet, &after.evaluation)
	list := make([]*cmiv1.ItemChange, len(now))
	for k, m := range now {
		list[k] = &cmiv1.ItemChange{
			ItemId: m.ItemId, Pillar: m.Pillar, Facet: m.Facet, ScoreBefore: then[k].Score, ScoreAfter: m.Score,
			Change: proto.Float64(*m.Contribution - *then[k].Contribution),
		}
	}
	return list
}
