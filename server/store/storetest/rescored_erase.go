package storetest

import (
	"fmt"
	"testing"

	"github.com/customer-momentum/cmi/server/store"
)

// waysToList are all ways to ask for what an operation scored again.
func waysToList(operation int64) []store.RescoredFilter {
	return []store.RescoredFilter{
		{Operation: operation}, {Operation: operation, Moves: []store.Move{move(1, 2), move(2, 1)}},
		{Operation: operation, Customer: "ann"}, {Operation: operation, Customer: "ann", Moves: []store.Move{move(1, 2), move(2, 1)}},
	}
}

// rescoredErased: an erasure takes what was scored again of the customer out of every operation, whether it runs or has ended,
// and nothing of anyone else.
func rescoredErased(t *testing.T, s store.Store) {
	var keys []int64
	for _, tenant := range []string{"acme", "globex"} {
		record(t, s, tenant, entry("a-1", of("ann")), entry("b-1", of("bob")), entry("none", of("")), entry("a-2", of("ann")))
		for _, id := range []string{"runs", "ended"} {
			op := run(t, s, tenant, id, 4, 1)
			save(t, s, op.Key, 0, "part", minute(2), anew(t, s, tenant, "a-1", 1, 2, id), anew(t, s, tenant, "b-1", 1, 2, id),
				anew(t, s, tenant, "none", 2, 1, id), anew(t, s, tenant, "a-2", 2, 1, id))
			if id == "ended" {
				end(t, s, op.Key, isSucceeded, "", minute(3))
			}
			keys = append(keys, op.Key)
		}
	}
	runs := byKey(t, s, keys[0])
	erase(t, s, "acme", "ann")
	sameOperation(t, s, "the operation", runs, runs)
	record(t, s, "acme", entry("a-3", of("ann"))) // starts anew, with what was not scored again
	for i, id := range []string{"runs", "ended"} {
		all := waysToList(keys[i])
		for _, f := range all[:2] {
			sameWords(t, fmt.Sprintf("%s, %+v", id, f), rescored(t, s, "acme", f, 10), "b-1 "+id, "none "+id)
			f.After = &listRescored(t, s, "acme", f, 1)[0].Cursor
			sameWords(t, fmt.Sprintf("%s, the second page of %+v", id, f), rescored(t, s, "acme", f, 10), "none "+id)
		}
		for _, f := range all[2:] {
			sameWords(t, fmt.Sprintf("%s, %+v", id, f), rescored(t, s, "acme", f, 10))
		}
		other := waysToList(keys[2+i])
		sameWords(t, "of the namesake of another tenant", rescored(t, s, "globex", other[2], 10), "a-1 "+id, "a-2 "+id)
		sameWords(t, "of another tenant", rescored(t, s, "globex", other[0], 10), "a-1 "+id, "b-1 "+id, "none "+id, "a-2 "+id)
	}
	erase(t, s, "acme", "ann")
	sameWords(t, "erased once more", rescored(t, s, "acme", store.RescoredFilter{Operation: keys[0]}, 10), "b-1 runs", "none runs")
}

// rescoredErasedMeanwhile: who was erased between the scoring and the saving is left out, and the piece is done all the same.
func rescoredErasedMeanwhile(t *testing.T, s store.Store) {
	record(t, s, "acme", entry("a-1", of("ann")), entry("b-1", of("bob")), entry("a-2", of("ann")))
	op := run(t, s, "acme", "op", 3, 2)
	given := []store.Rescored{anew(t, s, "acme", "a-1", 1, 2, "given"), anew(t, s, "acme", "b-1", 1, 2, "given"), anew(t, s, "acme", "a-2", 2, 1, "given")}
	erase(t, s, "acme", "ann")
	put(t, s, "acme", profile("ann"))
	op.Done, op.Left, op.ChangedAt = 3, 1, minute(2)
	sameOperation(t, s, "saved", save(t, s, op.Key, 0, "part", minute(2), given...), op)
	op.Done, op.Left, op.ChangedAt = 5, 0, minute(3)
	sameOperation(t, s, "saved with erased ones alone", save(t, s, op.Key, 1, "part", minute(3), given[0], given[2]), op)
	for i, f := range waysToList(op.Key) {
		var want []string
		if i < 2 {
			want = []string{"b-1 given"}
		}
		sameWords(t, fmt.Sprintf("%+v", f), rescored(t, s, "acme", f, 10), want...)
	}
}

// rescoredVoid: a void mark shows in the recorded score, whether it was set before or after.
func rescoredVoid(t *testing.T, s store.Store) {
	one, two, three := entry("r-1", of("ann")), entry("r-2", of("ann")), entry("r-3", of("ann"))
	record(t, s, "acme", one, two, three)
	op := run(t, s, "acme", "op", 3)
	given := []store.Rescored{anew(t, s, "acme", "r-1", 1, 2, "given"), anew(t, s, "acme", "r-2", 1, 2, "given"), anew(t, s, "acme", "r-3", 1, 2, "given")}
	void(t, s, "acme", "r-1", noon(), "before")
	save(t, s, op.Key, 0, "part", minute(2), given...)
	void(t, s, "acme", "r-3", after(1), "after")
	want := []store.Entry{marked(one, noon(), "before"), two, marked(three, after(1), "after")}
	for _, f := range waysToList(op.Key) {
		page := listRescored(t, s, "acme", f, 10)
		if len(page) != len(want) {
			t.Fatalf("%+v lists %d, want %d", f, len(page), len(want))
		}
		for i, r := range page {
			same(t, "recorded score", r.Recorded, want[i].Score)
		}
	}
}
