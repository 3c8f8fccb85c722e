package insight

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring/drivers"
	"github.com/customer-momentum/cmi/scoring/uncertainty"
)

// What is drawn from where nothing else is asked for.
const (
	usualSamples = 1000
	usualSeed    = 1
)

type driversReport struct {
	in         *scope
	target     *cmiv1.DriverTarget
	predictors []*cmiv1.DriverPredictor
	// items are those of the predictors, and at last the target where it is one.
	items   []string
	method  drivers.Method
	samples int
	seed    uint64
	level   float64
	each    int // how many respondents a predictor needs
}

func (i *Insight) drivers(ctx context.Context, tenant string, r *cmiv1.AnalyzeDriversRequest) (report, error) {
	s, err := i.scope(tenant, i.moment(), asks{filter: r.GetFilter(), asOf: r.GetAsOf(), unit: r.GetUnit()})
	if err != nil {
		return nil, err
	}
	d := &driversReport{
		in: s, target: r.GetTarget(), predictors: r.GetPredictors(), method: drivers.Method(r.GetMethod()),
		samples: usualSamples, seed: usualSeed, level: level, each: drivers.PerPredictor,
	}
	if r.MinPerPredictor != nil {
		d.each = int(r.GetMinPerPredictor())
	}
	if b := r.GetBootstrap(); b != nil {
		if b.Samples != nil {
			d.samples = int(b.GetSamples())
		}
		if b.Seed != nil {
			d.seed = uint64(uint32(b.GetSeed()))
		}
		if b.Level != nil {
			d.level = b.GetLevel()
		}
	}
	for _, p := range d.predictors {
		d.items = append(append(d.items, p.GetItemIds()...), p.GetLessItemIds()...)
	}
	if id := d.target.GetItemId(); id != "" {
		d.items = append(d.items, id)
	}
	if err := d.check(); err != nil {
		return nil, err
	}
	s.outcomes = d.target.GetOutcome() != nil
	s.answers = func(one *subject) []int { return s.each(one, d.has) }
	return d, i.exist(ctx, s, "filter")
}

// check refuses predictors that cannot be.
func (r *driversReport) check() error {
	if r.method == drivers.LMG && len(r.predictors) > drivers.MostLMG {
		return invalid("method", "DRIVER_METHOD_LMG takes up to %d predictors, and there are %d; DRIVER_METHOD_JOHNSON takes more",
			drivers.MostLMG, len(r.predictors))
	}
	for k, p := range r.predictors {
		at := sentence("predictors[%d]", k)
		for _, id := range p.GetLessItemIds() {
			if slices.Contains(p.GetItemIds(), id) {
				return invalid(at+".less_item_ids", "%q is one of the items that it would be taken off", id)
			}
		}
		if target := r.target.GetItemId(); target != "" && (slices.Contains(p.GetItemIds(), target) || slices.Contains(p.GetLessItemIds(), target)) {
			return invalid(at, "%q is the target; it explains itself", target)
		}
		if slices.ContainsFunc(r.predictors[:k], func(other *cmiv1.DriverPredictor) bool {
			return slices.Equal(p.GetItemIds(), other.GetItemIds()) && slices.Equal(p.GetLessItemIds(), other.GetLessItemIds())
		}) {
			return invalid(at, "%s is given twice", nameOf(p))
		}
	}
	return nil
}

// has tells whether a score may have the target and every predictor.
func (r *driversReport) has(o *observed) bool {
	_, ok := r.positions(o.survey)
	if outcome := r.target.GetOutcome(); outcome != nil {
		return ok && o.At+int64(outcome.GetWindowDays())*day <= r.in.asOf.UnixMicro()
	}
	return ok
}

// nameOf says what a predictor is called.
func nameOf(p *cmiv1.DriverPredictor) string {
	if p.GetName() != "" {
		return sentence("%q", p.GetName())
	}
	name := strings.Join(p.GetItemIds(), "+")
	if len(p.GetLessItemIds()) > 0 {
		name += ":" + strings.Join(p.GetLessItemIds(), "+")
	}
	return sentence("%q", name)
}

// positions are where the items stand in a survey: those of each predictor, then those that are taken off it, and at last that of the
// target where it is an item.
func (r *driversReport) positions(in *survey) ([]int, bool) {
	var all []int
	for _, id := range r.items {
		k, ok := in.position(id)
		if !ok {
			return nil, false
		}
		all = append(all, k)
	}
	return all, true
}

func (r *driversReport) scope() *scope { return r.in }

func (r *driversReport) begin() part {
	return &driversPart{
		of: r, Moments: drivers.NewMoments(len(r.predictors)),
		Performance: make([]uncertainty.Sample, len(r.predictors)), Missing: make([]int, len(r.predictors)),
	}
}

type driversPart struct {
	of          *driversReport
	Moments     *drivers.Moments     `json:"moments"`
	Performance []uncertainty.Sample `json:"performance"`
	Missing     []int                `json:"missing"`
	Asked       int                  `json:"asked"`
	Drawn       rows                 `json:"drawn"`
	// row and scores are working memory.
	row, scores []float64
}

func (p *driversPart) take(one *subject) error {
	for _, k := range p.of.in.answers(one) {
		o := &one.scores[k]
		if o.kept == nil {
			continue
		}
		p.Asked++
		target, err := p.read(one, o)
		if err != nil {
			return err
		}
		if !p.Moments.Add(p.row, target) {
			continue
		}
		for k, x := range p.row {
			p.Performance[k].Add(x, 1)
		}
		if p.of.samples > 0 {
			p.Drawn.offer(o.kept.Score.GetResponseId(), p.of.in.expected, p.row, target)
		}
	}
	return nil
}

// read reads the predictors into the row, and answers the target; NaN is missing.
func (p *driversPart) read(one *subject, o *observed) (target float64, err error) {
	places, _ := p.of.positions(o.survey)
	if p.scores, err = o.survey.scorer.Readings(o.kept.Response, o.kept.Score, places, p.scores); err != nil {
		return 0, err
	}
	p.row = p.row[:0]
	scores := p.scores
	for k, predictor := range p.of.predictors {
		var x, less float64
		x, scores = meanOf(scores, len(predictor.GetItemIds()))
		less, scores = meanOf(scores, len(predictor.GetLessItemIds()))
		if x -= less; math.IsNaN(x) {
			p.Missing[k]++
		}
		p.row = append(p.row, x)
	}
	switch target := p.of.target.GetTarget().(type) {
	case *cmiv1.DriverTarget_Pillar:
		return o.Pillars[target.Pillar-1], nil
	case *cmiv1.DriverTarget_ItemId:
		return p.scores[len(p.scores)-1], nil
	case *cmiv1.DriverTarget_Outcome:
		return came(one, o, target.Outcome), nil
	default:
		return o.CMI, nil
	}
}

// meanOf is the mean of the first scores, 0 of none, and the others.
func meanOf(scores []float64, n int) (mean float64, others []float64) {
	for _, score := range scores[:n] {
		mean += score
	}
	if n > 1 {
		mean /= float64(n)
	}
	return mean, scores[n:]
}

// came is 100 where an outcome came within its time after a response, else 0; missing of somebody who is not known.
func came(one *subject, o *observed, outcome *cmiv1.OutcomeTarget) float64 {
	if one.Profile == nil {
		return math.NaN()
	}
	for _, what := range one.Outcomes {
		if what.GetKind() == outcome.GetKind() && within(o.At, what, outcome.GetWindowDays()) {
			return 100
		}
	}
	return 0
}

// within tells whether an outcome came after a time, and not more than some days after it.
func within(at int64, what *cmiv1.Outcome, days int32) bool {
	after := what.GetOccurredAt().AsTime().UnixMicro() - at
	return after > 0 && after <= int64(days)*day
}

func (p *driversPart) merge(other part) error {
	from := other.(*driversPart)
	p.Asked += from.Asked
	for k := range p.Missing {
		p.Missing[k] += from.Missing[k]
		p.Performance[k].Merge(from.Performance[k])
	}
	p.Drawn.merge(from.Drawn)
	return p.Moments.Merge(from.Moments)
}

func (r *driversReport) answer(ctx context.Context, books *library, sum part) (proto.Message, error) {
	analysis, err := r.analysis(ctx, books, sum.(*driversPart))
	if err != nil {
		return nil, err
	}
	return &cmiv1.AnalyzeDriversResponse{Result: &cmiv1.AnalyzeDriversResponse_Analysis{Analysis: analysis}}, nil
}

func (r *driversReport) analysis(ctx context.Context, books *library, p *driversPart) (*cmiv1.DriverAnalysis, error) {
	n := p.Moments.N()
	said := &cmiv1.DriverAnalysis{
		AsOf: timestamppb.New(r.in.asOf), N: count(n), Dropped: count(p.Asked - n), Flag: flag(n), Notes: r.in.notes(),
	}
	for k, predictor := range r.predictors {
		d := &cmiv1.Driver{Predictor: predictor, Missing: count(p.Missing[k])}
		if n >= fewest {
			d.Performance = mean(&p.Performance[k])
		}
		said.Drivers = append(said.Drivers, d)
	}
	if p.Asked == 0 {
		if err := r.known(ctx, books); err != nil {
			return nil, err
		}
		said.Notes = append(said.Notes, "Nobody was asked about the target and all predictors at once.")
		return said, nil
	}
	said.Notes = append(said.Notes, "Shares tell what goes along with the target, not what causes it.")
	analysis, err := p.Moments.AnalyzeFrom(r.method, r.each)
	if unsaid, ok := errors.AsType[*drivers.Unsaid](err); ok {
		said.Notes = append(said.Notes, r.why(unsaid))
		return said, nil
	}
	if err != nil {
		return nil, err
	}
	return said, r.fill(ctx, p, analysis, said)
}

// known refuses items that none of the questionnaires has which are asked for.
func (r *driversReport) known(ctx context.Context, books *library) error {
	for k, p := range r.predictors {
		for field, ids := range [][]string{p.GetItemIds(), p.GetLessItemIds()} {
			for n, id := range ids {
				at := sentence("predictors[%d].%s[%d]", k, [...]string{"item_ids", "less_item_ids"}[field], n)
				if err := r.in.hasItem(ctx, books, at, id); err != nil {
					return err
				}
			}
		}
	}
	if id := r.target.GetItemId(); id != "" {
		return r.in.hasItem(ctx, books, "target.item_id", id)
	}
	return nil
}

// fill puts a model into the form of the contract.
func (r *driversReport) fill(ctx context.Context, p *driversPart, a *drivers.Analysis, said *cmiv1.DriverAnalysis) error {
	said.Method = cmiv1.DriverMethod(a.Method)
	said.RSquared = &cmiv1.Estimate{Value: new(a.R2)}
	for k, s := range a.Shares {
		said.Drivers[k].Share = &cmiv1.Estimate{Value: new(s.Share)}
		said.Drivers[k].Correlation = new(s.Correlation)
	}
	r.prioritize(p, said)
	if usual := drivers.Needed(len(r.predictors), drivers.PerPredictor); a.N < usual {
		said.Notes = append(said.Notes, sentence("%d respondents are few for %d predictors: usually %d are asked for. Much of the shares may be chance.",
			a.N, len(r.predictors), usual))
	}
	if r.target.GetItemId() == "" && r.target.GetOutcome() == nil {
		said.Notes = append(said.Notes, "Predictors that are part of the target go along with it by their making; read their shares as what they bring.")
	}
	if r.samples == 0 {
		return nil
	}
	table := p.Drawn.table(len(r.predictors), drawnRows(len(r.predictors), r.samples))
	shares, whole, ok, err := a.SampledIntervals(ctx, table, a.N, r.samples, r.seed, r.level)
	if err != nil {
		return err
	}
	if !ok {
		said.Notes = append(said.Notes, "There are no intervals: of most samples no model could be made.")
		return nil
	}
	said.RSquared = estimate(whole, true)
	for k := range shares {
		said.Drivers[k].Share = estimate(shares[k], true)
	}
	if len(table.Target) < a.N {
		said.Notes = append(said.Notes, sentence("Intervals rest on %d respondents drawn from all %d, and are scaled to them.", len(table.Target), a.N))
	}
	return nil
}

// prioritize sets importance against performance. Gaps and scores have no common middle.
func (r *driversReport) prioritize(p *driversPart, said *cmiv1.DriverAnalysis) {
	gaps, important, good := 0, 0.0, 0.0
	for k, d := range said.Drivers {
		if len(r.predictors[k].GetLessItemIds()) > 0 {
			gaps++
		}
		important += d.GetShare().GetValue() / float64(len(said.Drivers))
		good += d.GetPerformance().GetValue() / float64(len(said.Drivers))
	}
	said.ImportanceCut = &important
	if gaps > 0 && gaps < len(said.Drivers) {
		said.Notes = append(said.Notes, "There are no priorities: gaps and scores have no common middle; ask for one of the two.")
		return
	}
	said.PerformanceCut = &good
	for _, d := range said.Drivers {
		d.Priority = priority(drivers.Place(d.GetShare().GetValue(), d.GetPerformance().GetValue(), important, good))
	}
}

func priority(q drivers.Quadrant) cmiv1.Priority {
	switch q {
	case drivers.KeepUp:
		return cmiv1.Priority_PRIORITY_KEEP_UP
	case drivers.ConcentrateHere:
		return cmiv1.Priority_PRIORITY_CONCENTRATE
	case drivers.PossibleOverkill:
		return cmiv1.Priority_PRIORITY_OVERKILL
	default:
		return cmiv1.Priority_PRIORITY_LOW
	}
}

// why says why there is no model.
func (r *driversReport) why(u *drivers.Unsaid) string {
	switch u.Reason {
	case drivers.TooFew:
		return sentence("Nothing can be said: %d respondents have the target and all predictors, and %d are needed.", u.N, drivers.Needed(len(r.predictors), r.each))
	case drivers.TargetConstant:
		return "Nothing can be said: the target is the same for everybody."
	case drivers.PredictorConstant:
		return sentence("Nothing can be said: %s is the same for everybody; leave it out.", nameOf(r.predictors[u.Predictor]))
	case drivers.Collinear:
		return sentence("Nothing can be said: %s is a combination of predictors before it; leave it out.", nameOf(r.predictors[u.Predictor]))
	default:
		return sentence("Nothing can be said: %s.", u)
	}
}
