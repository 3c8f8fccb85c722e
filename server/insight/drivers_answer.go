package insight

import (
	"context"
	"errors"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring/drivers"
)

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
