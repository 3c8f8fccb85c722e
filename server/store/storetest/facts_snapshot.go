package storetest

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// factsOfOneMoment writes to one customer after the other, and each time a response, an interaction and a profile in turn:
// whoever reads all of them sees what a moment of that was, never one that ran ahead.
func factsOfOneMoment(t *testing.T, s store.Store) {
	ids := []string{"a", "b", "c", "d"}
	for _, id := range ids {
		put(t, s, "acme", counted(id, 0))
	}
	ctx, stop := context.WithCancel(t.Context())
	var writing sync.WaitGroup
	writing.Go(func() {
		for n := 1; ctx.Err() == nil && n <= 200; n++ {
			for _, id := range ids {
				name := fmt.Sprintf("%s-%d", id, n)
				record(t, s, "acme", entry(name, of(id)))
				interact(t, s, "acme", interaction(name, by(id)))
				put(t, s, "acme", counted(id, n))
			}
		}
	})
	// Asked for backwards, so that one who reads piece by piece meets the last ones first.
	backwards := []string{"d", "c", "b", "a"}
	for range 200 {
		all, err := s.Facts(t.Context(), "acme", backwards, everything())
		if err != nil {
			t.Errorf("Facts: %v", err)
			break
		}
		// In the order of writing, each number is that of the one before it or one less; the last is at most one behind the first.
		var course []int
		for i := range all {
			f := all[len(all)-1-i]
			course = append(course, len(f.Points), len(f.Interactions), int(f.Profile.GetSpend().GetAmount()))
		}
		for i := 1; i < len(course); i++ {
			if course[i] > course[i-1] || course[i] < course[0]-1 {
				t.Errorf("responses, interactions and profiles of %v count %v: that is not one moment", ids, course)
				break
			}
		}
	}
	stop()
	writing.Wait()
}

// counted is a profile that carries a number.
func counted(id string, n int) *cmiv1.Customer {
	return &cmiv1.Customer{CustomerId: id, Spend: &cmiv1.Spend{Amount: proto.Float64(float64(n))}}
}
