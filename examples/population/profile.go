package population

import (
	"strconv"

	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// Profile makes who the customer of a number is, as [Plan.Customer] does.
func (p Plan) Profile(i int) *cmiv1.Customer {
	there, r := p.presence(i), p.chance(i, forProfile)
	tier := pick(r, 0.55, 0.3, 0.15)
	profile := &cmiv1.Customer{
		CustomerId: p.id(i),
		Segments: map[string]string{
			"country": []string{"ch", "de", "at", "fr", "it"}[pick(r, 0.3, 0.3, 0.15, 0.15, 0.1)],
			"plan":    []string{"basic", "plus", "gold"}[tier],
		},
		FirstSeenAt: timestamppb.New(there.seen),
	}
	// Seven in ten belong to an account, with up to three neighbours.
	if r.Float64() < 0.7 {
		profile.AccountId = numbered("s"+strconv.FormatUint(p.Seed, 10), "-a", i/4, 7)
	}
	if r.Float64() < 0.8 {
		profile.Spend = &cmiv1.Spend{
			Amount: new([]float64{10, 25, 60}[tier]), Currency: "EUR", Period: cmiv1.SpendPeriod_SPEND_PERIOD_MONTH,
		}
	}
	if there.closed {
		profile.ClosedAt = timestamppb.New(there.gone)
	}
	return profile
}
