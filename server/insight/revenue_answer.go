package insight

import (
	"context"
	"math"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring/uncertainty"
)

func (r *revenueReport) answer(_ context.Context, _ *library, sum part) (proto.Message, error) {
	p := sum.(*revenuePart)
	said := &cmiv1.ForecastRevenueResponse{
		AsOf: timestamppb.New(r.in.asOf), HorizonMonths: r.months, Notes: r.in.notes(),
		Assumptions: []string{
			sentence("Customers stay from month to month at the rate that was seen from %s to %s, each month the same.",
				time.UnixMicro(r.grid[0]).UTC().Format(time.DateOnly), time.UnixMicro(r.grid[len(r.grid)-1]).UTC().Format(time.DateOnly)),
			"Who leaves spends nothing from then on, and nobody comes back or is won anew.",
			"Customers spend what their profiles say, and stay in the bucket where they are.",
			"Amounts are neither converted nor discounted.",
		},
	}
	totals := make(map[string]*cmiv1.ExpectedRevenue)
	for k := range p.Buckets {
		b := r.bucket(cmiv1.Bucket(k+1), &p.Buckets[k], said)
		said.Buckets = append(said.Buckets, b)
		for _, revenue := range b.GetRevenue() {
			addRevenue(totals, revenue)
		}
	}
	for _, currency := range inOrder(totals) {
		said.Total = append(said.Total, totals[currency])
	}
	return said, nil
}

func (r *revenueReport) bucket(name cmiv1.Bucket, t *revenueTally, said *cmiv1.ForecastRevenueResponse) *cmiv1.BucketForecast {
	b := &cmiv1.BucketForecast{Bucket: name, Customers: count(t.Customers), Flag: flag(t.Customers)}
	if t.Customers < fewest {
		if t.Customers > 0 {
			said.Notes = append(said.Notes, sentence("%s is left out of all sums: it has below %d customers.", spoken(name), fewest))
		}
		return b
	}
	b.MonthsSeen, b.MonthsLeft = count(t.Seen), count(t.Left)
	retention, ok := uncertainty.Share(float64(t.Seen-t.Left), float64(t.Seen), level)
	ok = ok && t.Seen >= few
	if ok {
		b.MonthlyRetention = estimate(retention, true)
	} else {
		said.Notes = append(said.Notes, sentence("Nothing is expected of %s: customers were seen in it for %d months, and %d are needed.", spoken(name), t.Seen, few))
	}
	known := 0
	for _, currency := range inOrder(t.Spend) {
		s := t.Spend[currency]
		known += s.Customers
		revenue := &cmiv1.ExpectedRevenue{Currency: currency, Customers: count(s.Customers)}
		if s.Customers >= fewest {
			revenue.MonthlySpend = new(s.Monthly)
			if ok {
				revenue.Expected = &cmiv1.Estimate{
					Value: new(s.Monthly * r.stay(retention.Value)), Low: new(s.Monthly * r.stay(retention.Low)),
					High: new(s.Monthly * r.stay(retention.High)), Level: new(retention.Level),
				}
			}
		}
		b.Revenue = append(b.Revenue, revenue)
	}
	if known < t.Customers {
		said.Notes = append(said.Notes, sentence("Of %d of %d customers of %s it is not known what they spend; they are expected to bring nothing.",
			t.Customers-known, t.Customers, spoken(name)))
	}
	return b
}

// stay is how many months a customer is expected to stay within the horizon, of those that are whole: the sum of the powers of the
// monthly retention, from the first on.
func (r *revenueReport) stay(retention float64) float64 {
	sum := 0.0
	for month := 1; month <= int(r.months); month++ {
		sum += math.Pow(retention, float64(month))
	}
	return sum
}

// addRevenue adds what to expect of one bucket to the sum of its currency.
func addRevenue(totals map[string]*cmiv1.ExpectedRevenue, one *cmiv1.ExpectedRevenue) {
	sum := totals[one.GetCurrency()]
	if sum == nil {
		sum = &cmiv1.ExpectedRevenue{Currency: one.GetCurrency()}
		totals[one.GetCurrency()] = sum
	}
	sum.Customers += one.GetCustomers()
	if one.MonthlySpend != nil {
		sum.MonthlySpend = new(sum.GetMonthlySpend() + one.GetMonthlySpend())
	}
	if e := one.GetExpected(); e != nil {
		sum.Expected = &cmiv1.Estimate{
			Value: new(sum.GetExpected().GetValue() + e.GetValue()), Low: new(sum.GetExpected().GetLow() + e.GetLow()),
			High: new(sum.GetExpected().GetHigh() + e.GetHigh()), Level: e.Level,
		}
	}
}
