package insight

import (
	"context"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// usualHorizon is how many months are looked ahead where nothing else is asked for.
const usualHorizon = 12

// Revenue says what revenue to expect.
func (i *Insight) Revenue(ctx context.Context, tenant string, r *cmiv1.ForecastRevenueRequest) (*cmiv1.ForecastRevenueResponse, error) {
	return answerOf[*cmiv1.ForecastRevenueResponse](ctx, i, tenant, r)
}

type revenueReport struct {
	in     *scope
	months int32
	// grid are the months over which it is looked how many stayed, in microseconds since 1970.
	grid []int64
}

func (i *Insight) revenue(ctx context.Context, tenant string, r *cmiv1.ForecastRevenueRequest) (report, error) {
	s, err := i.scope(tenant, i.moment(), asks{filter: r.GetFilter(), asOf: r.GetAsOf()})
	if err != nil {
		return nil, err
	}
	f := &revenueReport{in: s, months: usualHorizon}
	if r.HorizonMonths != nil {
		f.months = r.GetHorizonMonths()
	}
	if f.grid, err = monthsOf(r.GetFilter(), s); err != nil {
		return nil, err
	}
	// Who stood where is told by scores of up to a year before, and where they stand now by those up to as_of.
	s.from, s.before, s.outcomes = f.grid[0]-freshDays*day, s.asOf.UnixMicro()+1, true
	return f, i.exist(ctx, s, "filter")
}

// monthsOf lists the points between which customers are seen to stay or leave: steps of a month back from the end, at the same time
// of day.
func monthsOf(filter *cmiv1.ReportFilter, s *scope) ([]int64, error) {
	end := s.asOf
	if to := filter.GetTo(); to != nil && to.AsTime().Before(end) {
		end = to.AsTime().Truncate(time.Microsecond)
	}
	steps := usualSteps
	if filter.GetFrom() != nil {
		from := filter.GetFrom().AsTime()
		for steps = 0; !monthsBefore(end, steps+1).Before(from); steps++ {
			if steps == mostSteps {
				return nil, invalid("filter.from", "more than %d months before %s; ask for a shorter time", mostSteps, end.Format(time.DateOnly))
			}
		}
		if steps == 0 {
			return nil, invalid("filter.from", "less than a month before %s; nobody can be seen to stay for a month", end.Format(timeForm))
		}
	}
	grid := make([]int64, 0, steps+1)
	for n := steps; n >= 0; n-- {
		grid = append(grid, monthsBefore(end, n).UnixMicro())
	}
	return grid, nil
}

// monthsBefore is so many months before a time; in a month that lacks the day, its last one.
func monthsBefore(at time.Time, n int) time.Time {
	first := time.Date(at.Year(), at.Month()-time.Month(n), 1, at.Hour(), at.Minute(), at.Second(), at.Nanosecond(), time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(at.Day(), last)-1)
}

func (r *revenueReport) scope() *scope { return r.in }

func (r *revenueReport) begin() part { return &revenuePart{of: r} }

type revenuePart struct {
	of      *revenueReport
	Buckets [3]revenueTally `json:"buckets"`
}

type revenueTally struct {
	Customers int              `json:"customers,omitempty"`
	Seen      int              `json:"seen,omitempty"`
	Left      int              `json:"left,omitempty"`
	Spend     map[string]spent `json:"spend,omitempty"` // by currency
}

// spent is what customers spend in a month.
type spent struct {
	Customers int     `json:"customers"`
	Monthly   float64 `json:"monthly"`
}

func (p *revenuePart) take(one *subject) error {
	if one.Profile == nil {
		return nil
	}
	gone := departures(one)
	for k, from := range p.of.grid[:len(p.of.grid)-1] {
		to := p.of.grid[k+1]
		bucket, since := bucketAt(one.scores, from)
		if bucket == cmiv1.Bucket_BUCKET_UNSPECIFIED || between(gone, since, from) {
			continue
		}
		t := &p.Buckets[bucket-1]
		t.Seen++
		if between(gone, from, to) {
			t.Left++
		}
	}
	now := p.of.in.asOf.UnixMicro()
	bucket, since := bucketAt(one.scores, now+1)
	if bucket == cmiv1.Bucket_BUCKET_UNSPECIFIED || between(gone, since, now) {
		return nil
	}
	t := &p.Buckets[bucket-1]
	t.Customers++
	if spend := one.Profile.GetSpend(); spend != nil && spend.Amount != nil {
		if t.Spend == nil {
			t.Spend = make(map[string]spent)
		}
		s := t.Spend[spend.GetCurrency()]
		s.Customers++
		s.Monthly += spend.GetAmount() / monthsIn(spend.GetPeriod())
		t.Spend[spend.GetCurrency()] = s
	}
	return nil
}

// departures are when a customer left: each churn, and the end that the profile has.
func departures(one *subject) []int64 {
	var gone []int64
	for _, what := range one.Outcomes {
		if what.GetKind() == cmiv1.OutcomeKind_OUTCOME_CHURNED {
			gone = append(gone, what.GetOccurredAt().AsTime().UnixMicro())
		}
	}
	if closed := one.Profile.GetClosedAt(); closed != nil {
		gone = append(gone, closed.AsTime().UnixMicro())
	}
	return gone
}

// between tells whether any of some times lies after one time and not after another. Who left and answers later is back.
func between(times []int64, after, upTo int64) bool {
	for _, at := range times {
		if at > after && at <= upTo {
			return true
		}
	}
	return false
}

// bucketAt is the bucket by the last score before a time that has one and is no older than a year, and when that was.
func bucketAt(scores []observed, at int64) (bucket cmiv1.Bucket, since int64) {
	for k := range scores {
		if scores[k].At >= at {
			break
		}
		if scores[k].Bucket != cmiv1.Bucket_BUCKET_UNSPECIFIED {
			bucket, since = scores[k].Bucket, scores[k].At
		}
	}
	if since < at-freshDays*day {
		return cmiv1.Bucket_BUCKET_UNSPECIFIED, 0
	}
	return bucket, since
}

// monthsIn is how many months a period of spending has.
func monthsIn(period cmiv1.SpendPeriod) float64 {
	switch period {
	case cmiv1.SpendPeriod_SPEND_PERIOD_QUARTER:
		return 3
	case cmiv1.SpendPeriod_SPEND_PERIOD_YEAR:
		return 12
	default:
		return 1
	}
}

func (p *revenuePart) merge(other part) error {
	from := other.(*revenuePart)
	for k := range p.Buckets {
		to, add := &p.Buckets[k], &from.Buckets[k]
		to.Customers += add.Customers
		to.Seen += add.Seen
		to.Left += add.Left
		for currency, s := range add.Spend {
			if to.Spend == nil {
				to.Spend = make(map[string]spent)
			}
			sum := to.Spend[currency]
			sum.Customers += s.Customers
			sum.Monthly += s.Monthly
			to.Spend[currency] = sum
		}
	}
	return nil
}
