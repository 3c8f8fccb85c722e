package customers

import (
	"context"
	"fmt"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// Get answers a customer at a time: the profile, which has no history, with what is computed from what was recorded up to
// then.
func (c *Customers) Get(ctx context.Context, tenant string, request *cmiv1.GetCustomerRequest) (*cmiv1.GetCustomerResponse, error) {
	answer := &cmiv1.GetCustomerResponse{}
	want, err := parseReadMask(request.GetReadMask(), answer.ProtoReflect().Descriptor())
	if err != nil {
		return nil, err
	}
	at, err := c.asOf(request.GetAsOf())
	if err != nil {
		return nil, err
	}
	by := c.yardsticks(at)
	found, err := c.states(ctx, by, tenant, []string{request.GetCustomerId()})
	if err != nil {
		return nil, err
	}
	s := found[0]
	if s == nil {
		return nil, notFound(request.GetCustomerId())
	}
	if want.wants("key_weight") {
		group, err := c.peersOf(ctx, by, tenant, s, request)
		if err != nil {
			return nil, err
		}
		answer.KeyWeight = c.inFull(s, group)
	}
	if account := s.facts.Profile.GetAccountId(); account != "" && want.wants("account_key_weight") {
		if answer.AccountKeyWeight, err = c.accountWeight(ctx, by, tenant, account); err != nil {
			return nil, fmt.Errorf("weigh an account: %w", err)
		}
	}
	if s.course.Level != nil && want.wants("latest_score") {
		if answer.LatestScore, err = c.latestScore(ctx, tenant, request.GetCustomerId(), at, func(score *cmiv1.Score) bool {
			return score.Cmi != nil && score.GetSeries() == s.series
		}); err != nil {
			return nil, err
		}
	}
	answer.Customer = s.customer()
	want.prune(answer.ProtoReflect())
	return answer, nil
}

// peersOf answers the mean that the customer's score leans to; nil where there is none, or nothing to lean.
func (c *Customers) peersOf(ctx context.Context, by *yardsticks, tenant string, s *state, request *cmiv1.GetCustomerRequest) (*mean, error) {
	group, ok := peers(s, request.GetMeanBy())
	switch {
	case !ok || s.weight == nil:
		return nil, nil
	case request.GetAsOf() != nil && !request.GetPastMean():
		return nil, nil
	case request.GetAsOf() != nil:
		return c.meanThen(ctx, by, tenant, group)
	default:
		return c.meanNow(ctx, tenant, group)
	}
}
