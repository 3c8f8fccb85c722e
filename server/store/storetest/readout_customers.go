package storetest

import (
	"fmt"
	"math"
	"slices"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

func (r *reader) profiles() {
	ids := worldCustomers()
	words := make([]string, len(ids))
	_, err := r.s.ChangeCustomers(r.ctx, r.tenant, ids, func(i int, have store.Profile) (*cmiv1.Customer, error) {
		words[i] = fmt.Sprintf("\n    %s erased=%t", text(have.Customer), have.Erased)
		return nil, nil
	})
	r.say(err, fmt.Sprint(words), "ChangeCustomers%v", ids)
}

func (r *reader) facts() {
	ids := append(worldCustomers(), "", "nobody")
	for _, upTo := range []time.Time{after(-1), after(r.random.IntN(8)), everything()} {
		all, err := r.s.Facts(r.ctx, r.tenant, ids, upTo)
		if err == nil && len(all) != len(ids) {
			err = fmt.Errorf("%d answers", len(all))
		}
		words := ""
		for i, f := range all {
			words += fmt.Sprintf("\n    %q: %s", ids[i], factsInWords(f))
			if f != nil {
				r.out.revisions[ids[i]] = f.Revision
			}
		}
		r.say(err, words, "Facts(%q) up to %v", ids, upTo)
	}
}

// factsInWords leaves out the revision, which is a number of the store's own.
func factsInWords(f *store.Facts) string {
	if f == nil {
		return "nil"
	}
	return fmt.Sprintf("%s points %v interactions %v next %d", text(f.Profile), f.Points, f.Interactions, f.Next)
}

func (r *reader) doings() {
	asks := []store.Ask{
		{CustomerID: "ann", Kinds: []string{"visit"}, After: math.MinInt64, UpTo: math.MaxInt64},
		{CustomerID: "nobody", Kinds: []string{"visit", "none"}, After: math.MinInt64, UpTo: math.MaxInt64},
	}
	for range 4 {
		kinds := worldKinds()
		r.random.Shuffle(len(kinds), func(i, j int) { kinds[i], kinds[j] = kinds[j], kinds[i] })
		asks = append(asks, store.Ask{
			CustomerID: some(r.random, worldCustomers()), Kinds: kinds[:1+r.random.IntN(len(kinds))],
			After: after(r.random.IntN(9) - 1).UnixMicro(), UpTo: after(r.random.IntN(9) - 1).UnixMicro(),
		})
	}
	doings, err := r.s.Doings(r.ctx, r.tenant, asks)
	if err == nil && len(doings) != len(asks) {
		err = fmt.Errorf("%d answers", len(doings))
	}
	words := ""
	for i, d := range doings {
		words += fmt.Sprintf("\n    %+v: %s", asks[i], doingsInWords(d))
	}
	r.say(err, words, "Doings")
}

func doingsInWords(d store.Doings) string {
	if !slices.IsSortedFunc(d.Events, func(a, b store.Doing) int { return int(a.At - b.At) }) {
		return fmt.Sprintf("out of order: %v", d.Events)
	}
	events := slices.SortedFunc(slices.Values(d.Events), inTime)
	seen, first := "never", "never"
	if d.FirstSeen != nil {
		seen = fmt.Sprint(*d.FirstSeen)
	}
	if d.FirstInteraction != nil {
		first = fmt.Sprint(*d.FirstInteraction)
	}
	return fmt.Sprintf("first seen %s, first interaction %s, events %v, recorded %t", seen, first, events, d.Recorded)
}
