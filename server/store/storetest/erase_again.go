package storetest

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/customer-momentum/cmi/server/store"
)

// eraseRemembers: what was erased is known when it is sent again, whatever it says now and whoever sends it, and does not
// bring the customer back.
func eraseRemembers(t *testing.T, s store.Store) {
	lived(t, s, "acme", "ann", 2)
	put(t, s, "acme", profile("bob"))
	erase(t, s, "acme", "ann")
	for range 2 {
		results, answered := outcomes(t, s, entry("ann-0", of("ann")), entry("ann-1", of("ann"), saying("other")), entry("ann-1", of("bob")), entry("ann-1", of("")))
		if !slices.Equal(results, []store.Result{store.Erased, store.Erased, store.Erased, store.Erased}) {
			t.Errorf("responses sent again: got results %v, want them erased", results)
		}
		for i, o := range answered {
			if o.Score != nil {
				t.Errorf("outcome %d carries a score", i)
			}
		}
		got := resultsOf(t, s, "acme", interaction("ann-0", by("ann")), interaction("ann-0", by("bob")), interaction("ann-last", by("ann"), doing("call")),
			interaction("new", by("ann")), interaction("new-too", by("ann")))
		if !slices.Equal(got, []store.Result{store.Erased, store.Erased, store.Erased, store.Erased, store.Erased}) {
			t.Errorf("interactions sent again: got results %v, want them erased", got)
		}
		if f := factsOf(t, s, "acme", "ann", everything()); f != nil {
			t.Fatalf("the customer is back: %s", factsInWords(f))
		}
	}
	if f := factsOf(t, s, "acme", "bob", everything()); len(f.Points)+len(f.Interactions) != 0 {
		t.Errorf("somebody else got them: %s", factsInWords(f))
	}
	// Nothing was kept of what was refused, so it is not used: it may still be somebody's.
	interact(t, s, "acme", interaction("new", by("bob")))
	// Another tenant knows nothing of all that.
	record(t, s, "globex", entry("ann-0", of("ann")))
	interact(t, s, "globex", interaction("ann-0", by("ann")))
}

// eraseAndIDsInUse: an id that somebody uses is a conflict when it is sent for a customer who was erased, whether both come
// in one call or in two.
func eraseAndIDsInUse(t *testing.T, s store.Store) {
	interact(t, s, "acme", interaction("i-1", by("erased")))
	erase(t, s, "acme", "erased")
	interact(t, s, "acme", interaction("i-2", by("ann")))
	got := resultsOf(t, s, "acme", interaction("i-2", by("erased")))
	got = append(got, resultsOf(t, s, "acme", interaction("i-3", by("ann")), interaction("i-3", by("erased")), interaction("i-3", by("ann")))...)
	if want := []store.Result{store.Conflict, store.Recorded, store.Conflict, store.Replayed}; !slices.Equal(got, want) {
		t.Errorf("got results %v, want %v", got, want)
	}
}

// eraseAnew: a new response starts the customer anew, and so does a profile, each with nothing of what was.
func eraseAnew(t *testing.T, s store.Store) {
	lived(t, s, "acme", "ann", 2)
	put(t, s, "acme", profile("bob"))
	before := revision(t, s, "acme", "ann")
	for round := range 3 {
		erase(t, s, "acme", "ann")
		id := fmt.Sprintf("anew-%d", round)
		if round < 2 {
			results, _ := outcomes(t, s, entry("ann-0", of("ann")), entry(id, of("ann"), at(after(round))), entry("ann-1", of("ann")))
			if !slices.Equal(results, []store.Result{store.Erased, store.Recorded, store.Erased}) {
				t.Fatalf("got results %v, want the new one alone recorded", results)
			}
			want := created("ann", noon().Add(time.Millisecond))
			if have := profileOf(t, s, "acme", "ann"); have.Erased {
				t.Error("started anew, the customer is still said to be erased")
			}
			same(t, "profile", profileOf(t, s, "acme", "ann").Customer, want)
		} else {
			put(t, s, "acme", profile("ann"))
			same(t, "profile", profileOf(t, s, "acme", "ann").Customer, profile("ann"))
		}
		f := factsOf(t, s, "acme", "ann", everything())
		if len(f.Interactions) != 0 || len(f.Points) != min(1, 2-round) {
			t.Fatalf("round %d: what was comes back: %s", round, factsInWords(f))
		}
		if f.Revision <= before {
			t.Errorf("the revision goes from %d to %d: a standing of before could pass for one of now", before, f.Revision)
		}
		before = f.Revision
		if got := due(t, s, never, 10); !slices.Contains(got, "acme/ann") {
			t.Errorf("%q are due, want ann among them", got)
		}
		listed := customers(t, s, "acme", store.CustomerFilter{}, 10)
		for _, c := range listed {
			if s := c.Standing; c.Profile.GetCustomerId() == "ann" && (s.CMI != nil || s.Lifecycle != 0 || s.Bucket != 0 || s.StableBucket != 0) {
				t.Errorf("the standing of before comes back: %s", listedInWords(c))
			}
		}
		if len(listed) != 2 {
			t.Errorf("%q are listed, want ann and bob", who(listed))
		}
		// Interactions are taken again, but for the ids that were erased.
		got := resultsOf(t, s, "acme", interaction(id, by("ann")), interaction("ann-0", by("ann")))
		if !slices.Equal(got, []store.Result{store.Recorded, store.Erased}) {
			t.Errorf("interactions: got results %v, want the new one recorded", got)
		}
		settle(t, s, standing(t, s, "acme", "ann", withCMI(float64(round))))
	}
	if got, want := erase(t, s, "acme", "ann"), (store.Erasure{Interactions: 1}); got != want {
		t.Errorf("erased for the last time: got %+v, want %+v", got, want)
	}
}

// eraseConcurrently erases while responses, interactions and profiles of the customer come in: afterwards each response and
// interaction is either there or erased, as it is answered when it is sent again.
func eraseConcurrently(t *testing.T, s store.Store) {
	var erased [callers]store.Erasure
	together(callers, func(i int) {
		id := fmt.Sprint(i)
		switch i % 4 {
		case 0:
			record(t, s, "acme", entry(id, of("ann")))
		case 1:
			resultsOf(t, s, "acme", interaction(id, by("ann")))
		case 2:
			put(t, s, "acme", profile("ann"))
		default:
			var err error
			if erased[i], err = s.EraseCustomer(t.Context(), "acme", "ann"); err != nil && !errors.Is(err, store.ErrNotFound) {
				t.Errorf("EraseCustomer: %v", err)
			}
		}
	})
	if t.Failed() {
		return
	}
	put(t, s, "acme", profile("ann")) // whoever was last
	gone := 0
	for i := 0; i < callers; i += 4 {
		id := fmt.Sprint(i)
		results, _ := outcomes(t, s, entry(id, of("ann")))
		_, err := s.Response(t.Context(), "acme", id)
		switch {
		case results[0] == store.Replayed && err == nil:
		case results[0] == store.Erased && errors.Is(err, store.ErrNotFound):
			gone++
		default:
			t.Errorf("response %s: got result %d, and %v", id, results[0], err)
		}
	}
	f := factsOf(t, s, "acme", "ann", everything())
	counted := 0
	for _, e := range erased {
		counted += e.Responses
	}
	if gone != counted || len(f.Points)+gone != callers/4 {
		t.Errorf("%d responses are gone, %d were counted, %d are there of %d", gone, counted, len(f.Points), callers/4)
	}
}
