package customers

import (
	"context"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring/keyweight"
)

// inFull answers the key weight with the scores that take it into account; nil where there is none.
func (c *Customers) inFull(s *state, peers *mean) *cmiv1.KeyWeight {
	if s.weight == nil {
		return nil
	}
	full := &cmiv1.KeyWeight{
		Weight: new(s.weight.Weight), Tenure: new(s.weight.Tenure), Frequency: new(s.weight.Frequency), Rate: new(s.weight.Rate),
		FirstSeenAt: timestamppb.New(time.UnixMicro(*s.life.FirstSeen).UTC()),
		Score:       s.course.Level, Constants: c.constants.String(),
	}
	if full.Score != nil {
		full.WeightedScore = new(s.weight.Weight * *full.Score)
	}
	if peers != nil {
		full.Mean, full.MeanCustomers = new(peers.cmi), new(int32(peers.n))
		if full.Score != nil {
			full.ShrunkScore = new(keyweight.Shrink(s.weight.Weight, *full.Score, peers.cmi))
		}
	}
	return full
}

// accountWeight answers the key weight of all people of an account together: of the earliest time that one of them was first
// seen, and the sum of their rates, summed in the order in which the service came to know them. nil where it is not known of
// any since when they are customers.
func (c *Customers) accountWeight(ctx context.Context, by *yardsticks, tenant, accountID string) (*float64, error) {
	var first *int64
	rate := 0.0
	err := c.everyone(ctx, tenant, accountID, func(page []string) error {
		all, err := c.store.Facts(ctx, tenant, page, by.at)
		if err != nil {
			return err
		}
		for _, facts := range all {
			if facts == nil {
				continue
			}
			s := c.unscored(by.at, facts)
			if s.weight == nil {
				continue
			}
			rate += s.weight.Rate
			if first == nil || *s.life.FirstSeen < *first {
				first = s.life.FirstSeen
			}
		}
		return nil
	})
	if err != nil || first == nil {
		return nil, err
	}
	return new(c.constants.Account(*first, by.at.UnixMicro(), rate).Weight), nil
}
