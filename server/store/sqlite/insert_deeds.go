package sqlite

import (
	"bytes"
	"context"
	"slices"

	"github.com/customer-momentum/cmi/server/store"
)

// insertDeeds writes into a journal in order and says of each what became of it. Whose they are is looked up first: nothing
// is written of a customer who was erased.
func (w *writer) insertDeeds(ctx context.Context, j *journal, deeds []*deed) error {
	if len(deeds) == 0 {
		return nil
	}
	visits := make([]*visit, len(deeds))
	for i, d := range deeds {
		visits[i] = d.customer
	}
	visits = distinct(visits)
	if err := w.recognise(ctx, visits); err != nil {
		return err
	}
	var open, refused []*deed
	for _, d := range deeds {
		d.seq = j.next
		j.next++
		if find(visits, d.customer).erased {
			refused = append(refused, d)
		} else {
			open = append(open, d)
		}
	}
	if err := each(j.insert, open, func(s wide, piece []*deed) error { return j.insertTogether(ctx, s, piece) }); err != nil {
		return err
	}
	if err := j.refuseErased(ctx, refused); err != nil {
		return err
	}
	who := whoDid(open, visits)
	if !j.contact {
		who = slices.DeleteFunc(who, func(v *visit) bool { return v.seq != 0 })
	}
	return w.welcome(ctx, who)
}

// find answers the one of distinct visits that is of the same customer; it is among them.
func find(visits []*visit, of *visit) *visit {
	i, _ := slices.BinarySearchFunc(visits, of, func(v, of *visit) int { return bytes.Compare(v.key[:], of.key[:]) })
	return visits[i]
}

// whoDid answers those of distinct visits something of whom came in.
func whoDid(deeds []*deed, visits []*visit) []*visit {
	var who []*visit
	for _, d := range deeds {
		if d.result == store.Recorded {
			who = append(who, find(visits, d.customer))
		}
	}
	return distinct(who)
}
