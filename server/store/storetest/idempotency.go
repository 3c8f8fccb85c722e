package storetest

import (
	"fmt"
	"sync"
	"testing"

	"github.com/customer-momentum/cmi/server/store"
)

// callers is how many call at the same time.
const callers = 64

// together runs f in goroutines that start at once, and waits for all of them.
func together(n int, f func(i int)) {
	var ready, done sync.WaitGroup
	ready.Add(n)
	for i := range n {
		done.Go(func() {
			ready.Done()
			ready.Wait()
			f(i)
		})
	}
	done.Wait()
}

func sameContentConcurrently(t *testing.T, s store.Store) {
	for round := range 5 {
		id := fmt.Sprintf("race-%d", round)
		var answers [callers]store.Outcome
		together(callers, func(i int) {
			// Each scored it for itself; only one of these scores is ever told to anyone.
			outcomes, err := s.Record(t.Context(), "acme", []store.Entry{entry(id, scoring(float64(i)))})
			if err != nil {
				t.Errorf("Record: %v", err)
				return
			}
			answers[i] = outcomes[0]
		})
		winner := -1
		for i, o := range answers {
			if o.Result != store.Recorded {
				continue
			}
			if winner >= 0 {
				t.Fatalf("both %d and %d were recorded", winner, i)
			}
			winner = i
		}
		if winner < 0 {
			t.Fatal("nobody was recorded")
		}
		recorded := entry(id, scoring(float64(winner)))
		sameKept(t, kept(t, s, "acme", id), recorded)
		for i, o := range answers {
			if i == winner {
				continue
			}
			if o.Result != store.Replayed {
				t.Fatalf("caller %d: got result %d, want a replay", i, o.Result)
			}
			same(t, "replayed score", o.Score, recorded.Score)
		}
	}
}

func otherContentConcurrently(t *testing.T, s store.Store) {
	const contents = 8
	says := func(i int) store.Entry {
		return entry("race", saying(fmt.Sprintf("opinion %d", i%contents)), scoring(float64(i)))
	}
	var results [callers]store.Result
	together(callers, func(i int) {
		outcomes, err := s.Record(t.Context(), "acme", []store.Entry{says(i)})
		if err != nil {
			t.Errorf("Record: %v", err)
			return
		}
		results[i] = outcomes[0].Result
	})
	count := map[store.Result]int{}
	winner := -1
	for i, r := range results {
		count[r]++
		if r == store.Recorded {
			winner = i
		}
	}
	const each = callers / contents
	if count[store.Recorded] != 1 || count[store.Replayed] != each-1 || count[store.Conflict] != callers-each {
		t.Fatalf("got %d recorded, %d replayed, %d conflicts; want 1, %d and %d", count[store.Recorded],
			count[store.Replayed], count[store.Conflict], each-1, callers-each)
	}
	for i, r := range results {
		if (r == store.Conflict) != (i%contents != winner%contents) {
			t.Errorf("caller %d said opinion %d, opinion %d was recorded, and the result is %d", i, i%contents, winner%contents, r)
		}
	}
	sameKept(t, kept(t, s, "acme", "race"), says(winner))
}

// overlappingBatches has callers send windows that overlap by half or more, as clients do that lost their connection: each id
// is recorded by exactly one. Few rows may be written in another way than many.
func overlappingBatches(t *testing.T, s store.Store) {
	for _, batch := range []int{200, 600} {
		overlapping(t, s, fmt.Sprintf("tenant-%d", batch), batch)
	}
}

func overlapping(t *testing.T, s store.Store, tenant string, batch int) {
	t.Helper()
	const step = 100
	all := thousand("overlap")
	var mu sync.Mutex
	recorded := map[string]int{}
	together(16, func(i int) {
		from := (i % ((len(all) - batch) / step)) * step
		window := all[from : from+batch]
		outcomes, err := s.Record(t.Context(), tenant, window)
		if err != nil {
			t.Errorf("Record: %v", err)
			return
		}
		mu.Lock()
		defer mu.Unlock()
		for j, o := range outcomes {
			id := window[j].Score.GetResponseId()
			switch o.Result {
			case store.Recorded:
				recorded[id]++
			case store.Replayed:
				recorded[id] += 0
			default:
				t.Errorf("%s: got result %d", id, o.Result)
			}
		}
	})
	for id, n := range recorded {
		if n != 1 {
			t.Errorf("%s was recorded %d times, want once", id, n)
		}
	}
	if page := list(t, s, tenant, store.ResponseFilter{}, 2000); len(page) != len(recorded) {
		t.Errorf("%d responses are listed, want %d", len(page), len(recorded))
	}
}
