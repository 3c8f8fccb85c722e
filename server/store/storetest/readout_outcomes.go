package storetest

import (
	"fmt"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

func (r *reader) outcomes() {
	for _, customer := range append(worldCustomers(), "") {
		f := store.OutcomeFilter{CustomerID: customer}
		if r.random.IntN(3) == 0 {
			f.Kind, f.From, f.Before = cmiv1.OutcomeKind(r.random.IntN(4)), after(r.random.IntN(8)), after(r.random.IntN(8))
		}
		list, err := r.pagesOfOutcomes(f, 1+r.random.IntN(4))
		r.say(err, inWordsByPlace(list), "ListOutcomes(%+v)", f)
	}
}

func (r *reader) pagesOfOutcomes(f store.OutcomeFilter, limit int) ([]place, error) {
	var list []place
	for {
		page, err := r.s.ListOutcomes(r.ctx, r.tenant, f, limit)
		if err != nil {
			return nil, err
		}
		if f.After != nil && len(page) > 0 && falling(*f.After, page[0].Cursor) >= 0 {
			return nil, fmt.Errorf("a page starts at %v, not behind its cursor %v", page[0].Cursor, *f.After)
		}
		for i, kept := range page {
			list = append(list, place{kept.Cursor, text(kept.Outcome)})
			f.After = &page[i].Cursor
		}
		if len(page) < limit {
			return list, nil
		}
	}
}

func (r *reader) invitations() {
	for _, bounds := range [][2]time.Time{{}, {after(r.random.IntN(3)), after(3 + r.random.IntN(3))}} {
		limit := 1 + r.random.IntN(10)
		all, err := r.s.InvitationsWithin(r.ctx, r.tenant, bounds[0], bounds[1], limit)
		r.say(err, invitationsInWords(all), "InvitationsWithin(%v), at most %d", bounds, limit)
	}
}
