package storetest

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	"github.com/customer-momentum/cmi/server/store"
)

// modelRescored holds on to the response, so that one that was erased is known as such.
type modelRescored struct {
	move     store.Move
	score    []byte
	response *modelResponse
}

// stillThere leaves out what was erased.
func (t *modelTenant) stillThere(all []store.Rescored) []modelRescored {
	var there []modelRescored
	for _, r := range all {
		for _, response := range t.responses {
			if response.cursor() == r.Place {
				there = append(there, modelRescored{store.Move{Before: r.Before, After: r.After}, bytes.Clone(r.Score), response})
			}
		}
	}
	return there
}

func (m *model) ListRescored(ctx context.Context, tenant string, f store.RescoredFilter, limit int) ([]store.ListedRescored, error) {
	return asked(ctx, m, func() ([]store.ListedRescored, error) {
		o := m.inSight(f.Operation)
		if o == nil || o.kept.Tenant != tenant {
			return nil, store.ErrNotFound
		}
		var all []store.ListedRescored
		for _, p := range o.pieces {
			for _, r := range p.rescored {
				customer := r.response.score.GetCustomerId()
				if m.tenant(tenant).responses[r.response.score.GetResponseId()] != r.response ||
					f.Customer != "" && f.Customer != customer || len(f.Moves) > 0 && !slices.Contains(f.Moves, r.move) {
					continue
				}
				listed := r.listed(f.Customer != "")
				if f.After == nil || rising(*f.After, listed.Cursor) < 0 {
					all = append(all, listed)
				}
			}
		}
		slices.SortFunc(all, func(a, b store.ListedRescored) int { return rising(a.Cursor, b.Cursor) })
		return all[:min(limit, len(all))], nil
	})
}

func (r modelRescored) listed(ofCustomer bool) store.ListedRescored {
	at := store.RescoredCursor{Place: r.response.seq}
	if !ofCustomer {
		at.Move = int64(16*r.move.Before) + int64(r.move.After)
	}
	return store.ListedRescored{Recorded: copied(r.response.score), Score: bytes.Clone(r.score), Cursor: at}
}

// rising is the order of ListRescored.
func rising(a, b store.RescoredCursor) int {
	return cmp.Or(cmp.Compare(a.Move, b.Move), cmp.Compare(a.Place, b.Place))
}
