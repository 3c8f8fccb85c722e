package insight

import (
	"context"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring/transitions"
)

const (
	// freshDays is how many days a score tells a customer's bucket.
	freshDays = 365
	// usualSteps is how many steps a grid has whose beginning is not said, and mostSteps how many it may have.
	usualSteps, mostSteps = 12, 200
)

const day = int64(24 * time.Hour / time.Microsecond)

// Transitions counts how customers move between buckets.
func (i *Insight) Transitions(ctx context.Context, tenant string, r *cmiv1.GetTransitionsRequest) (*cmiv1.GetTransitionsResponse, error) {
	return answerOf[*cmiv1.GetTransitionsResponse](ctx, i, tenant, r)
}

type transitionsReport struct {
	in   *scope
	grid []int64 // in microseconds since 1970
}

func (i *Insight) transitions(ctx context.Context, tenant string, r *cmiv1.GetTransitionsRequest) (report, error) {
	s, err := i.scope(tenant, i.moment(), asks{filter: r.GetFilter(), asOf: r.GetAsOf()})
	if err != nil {
		return nil, err
	}
	t := &transitionsReport{in: s}
	if t.grid, err = gridOf(r, s); err != nil {
		return nil, err
	}
	if len(t.grid) > 0 {
		// The bucket where the grid begins was told before.
		s.from, s.before = t.grid[0]-freshDays*day, t.grid[len(t.grid)-1]
	}
	return t, i.exist(ctx, s, "filter")
}

// gridOf lists the points of the grid: where periods begin, up to the end.
func gridOf(r *cmiv1.GetTransitionsRequest, s *scope) ([]int64, error) {
	period := r.GetGrid()
	if period == cmiv1.Period_PERIOD_UNSPECIFIED {
		period = cmiv1.Period_PERIOD_MONTH
	}
	// What comes after as_of is not known, so the grid ends at as_of, or at the end that is asked for: at itself, not after it.
	end := s.asOf
	if to := r.GetFilter().GetTo(); to != nil && to.AsTime().Before(end) {
		end = to.AsTime()
	}
	last := beginning(period, end.UTC())
	first := later(period, last, -usualSteps)
	if r.GetFilter().GetFrom() != nil {
		from := r.GetFilter().GetFrom().AsTime()
		if first = beginning(period, from); first.Before(from.Truncate(time.Microsecond)) {
			first = later(period, first, 1)
		}
	}
	var grid []int64
	for at := first; !at.After(last); at = later(period, at, 1) {
		if len(grid) > mostSteps {
			return nil, invalid("filter.from", "the grid has more than %d steps from %s to %s; ask for a coarser grid or a shorter time",
				mostSteps, first.Format(time.DateOnly), last.Format(time.DateOnly))
		}
		grid = append(grid, at.UnixMicro())
	}
	return grid, nil
}

func (r *transitionsReport) scope() *scope { return r.in }

func (r *transitionsReport) begin() part {
	return &transitionsPart{of: r, Steps: make([]stepTally, max(0, len(r.grid)-1)), Series: make(map[string]bool)}
}

type transitionsPart struct {
	of     *transitionsReport
	Steps  []stepTally     `json:"steps"`
	Series map[string]bool `json:"series,omitempty"`
}

// stepTally counts moves in one step of the grid.
type stepTally struct {
	Moves   transitions.Matrix `json:"moves"`
	Entered int                `json:"entered,omitempty"`
	Expired int                `json:"expired,omitempty"`
}

func (p *transitionsPart) take(one *subject) error {
	if one.Profile == nil { // nobody knows what became of them
		return nil
	}
	next, last := 0, -1
	before := cmiv1.Bucket_BUCKET_UNSPECIFIED
	for k, at := range p.of.grid {
		for ; next < len(one.scores) && one.scores[next].At < at; next++ {
			if one.scores[next].Bucket != cmiv1.Bucket_BUCKET_UNSPECIFIED {
				last = next
				p.Series[one.scores[next].survey.scorer.Series()] = true
			}
		}
		now := cmiv1.Bucket_BUCKET_UNSPECIFIED
		if last >= 0 && one.scores[last].At >= at-freshDays*day {
			now = one.scores[last].Bucket
		}
		if k > 0 {
			p.Steps[k-1].add(before, now)
		}
		before = now
	}
	return nil
}

func (t *stepTally) add(before, now cmiv1.Bucket) {
	switch {
	case t.Moves.Add(before, now) || before == now:
	case before == cmiv1.Bucket_BUCKET_UNSPECIFIED:
		t.Entered++
	default:
		t.Expired++
	}
}

func (p *transitionsPart) merge(other part) error {
	from := other.(*transitionsPart)
	for series := range from.Series {
		p.Series[series] = true
	}
	for k := range p.Steps {
		p.Steps[k].Moves.Merge(&from.Steps[k].Moves)
		p.Steps[k].Entered += from.Steps[k].Entered
		p.Steps[k].Expired += from.Steps[k].Expired
	}
	return nil
}

func (r *transitionsReport) answer(_ context.Context, _ *library, sum part) (proto.Message, error) {
	p := sum.(*transitionsPart)
	said := &cmiv1.GetTransitionsResponse{AsOf: timestamppb.New(r.in.asOf), Notes: append(r.in.notes(),
		"No steady state is claimed: what was seen once need not go on.")}
	if len(r.grid) < 2 {
		said.Notes = append(said.Notes, "There is no step: the grid has fewer than two points in this time.")
	}
	if len(p.Series) > 1 {
		said.Notes = append(said.Notes, sentence("Buckets of %d series are mixed; a customer who changed series may seem to have moved. Ask for one series.", len(p.Series)))
	}
	var pooled transitions.Matrix
	for k := range p.Steps {
		t := &p.Steps[k]
		pooled.Merge(&t.Moves)
		said.Steps = append(said.Steps, &cmiv1.TransitionStep{
			From: micros(r.grid[k]), To: micros(r.grid[k+1]), Matrix: matrixOf(&t.Moves), Entered: count(t.Entered), Expired: count(t.Expired),
		})
	}
	said.Pooled = matrixOf(&pooled)
	return said, nil
}

// matrixOf puts moves into the form of the contract.
func matrixOf(m *transitions.Matrix) *cmiv1.TransitionMatrix {
	said := &cmiv1.TransitionMatrix{}
	buckets := []cmiv1.Bucket{cmiv1.Bucket_BUCKET_AT_RISK, cmiv1.Bucket_BUCKET_GROWTH, cmiv1.Bucket_BUCKET_ADVOCATE}
	for _, from := range buckets {
		row := &cmiv1.TransitionRow{From: from, N: count(m.N(from)), Flag: flag(m.N(from))}
		for _, to := range buckets {
			if m.N(from) < fewest {
				break
			}
			row.To = append(row.To, &cmiv1.BucketShare{Bucket: to, Count: count(m.Count(from, to)), Share: estimate(m.Share(from, to, level))})
		}
		said.Rows = append(said.Rows, row)
	}
	return said
}

func micros(at int64) *timestamppb.Timestamp { return timestamppb.New(time.UnixMicro(at).UTC()) }
