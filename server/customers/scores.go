package customers

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

const (
	// firstScores is how many scores are read at first, since the latest is often all that is wanted.
	firstScores = 16
	// moreScores is how many are read at a time after that.
	moreScores = 500
)

// eachScore visits the scores of a customer that were submitted up to a time and are not void, the latest first and those of
// the same microsecond in any order, until visit answers false.
func (c *Customers) eachScore(ctx context.Context, tenant, customerID string, upTo time.Time, visit func(*cmiv1.Score) bool) error {
	filter := store.ResponseFilter{
		CustomerID: customerID, Before: upTo.Add(time.Microsecond), ScoresOnly: true,
	}
	for limit := firstScores; ; limit = moreScores {
		kept, err := c.store.ListResponses(ctx, tenant, filter, limit)
		if err != nil {
			return fmt.Errorf("read the scores of a customer: %w", err)
		}
		for _, k := range kept {
			if !visit(k.Score) {
				return nil
			}
		}
		if len(kept) < limit {
			return nil
		}
		filter.After = &kept[len(kept)-1].Cursor
	}
}

// latestScore answers the last of the scores that fit, by time of submission, then by response id; nil where none does.
func (c *Customers) latestScore(ctx context.Context, tenant, customerID string, upTo time.Time, fits func(*cmiv1.Score) bool) (*cmiv1.Score, error) {
	var latest *cmiv1.Score
	err := c.eachScore(ctx, tenant, customerID, upTo, func(score *cmiv1.Score) bool {
		if latest != nil && submitted(score) < submitted(latest) {
			return false
		}
		if fits(score) && (latest == nil || inOrder(latest, score) < 0) {
			latest = score
		}
		return true
	})
	return latest, err
}

// submitted is in microseconds since 1970.
func submitted(score *cmiv1.Score) int64 { return score.GetSubmittedAt().AsTime().UnixMicro() }

// inOrder compares scores by time of submission, then by response id.
func inOrder(a, b *cmiv1.Score) int {
	return cmp.Or(cmp.Compare(submitted(a), submitted(b)), strings.Compare(a.GetResponseId(), b.GetResponseId()))
}
