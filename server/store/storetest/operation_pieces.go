package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/customer-momentum/cmi/server/store"
)

func operationPlannedOnce(t *testing.T, s store.Store) {
	want := begin(t, s, "acme", ofID("op"))
	got := plan(t, s, want.Key, pieces(3, 0, 5), minute(1))
	want.State, want.Total, want.Left, want.ChangedAt = isRunning, 8, 3, minute(1)
	sameOperation(t, s, "planned", got, want)
	sameOperation(t, s, "planned again", plan(t, s, want.Key, pieces(1, 1, 1, 1), minute(2)), want)
	sameOperation(t, s, "planned again, as nothing", plan(t, s, want.Key, nil, minute(2)), want)
	for i := range 3 {
		if task, done, err := s.PieceTask(t.Context(), want.Key, i); string(task) != taskOf(i) || done || err != nil {
			t.Errorf("piece %d: got %q, %v, %v", i, task, done, err)
		}
	}
	for _, i := range []int{-1, 3, 1000} {
		if _, _, err := s.PieceTask(t.Context(), want.Key, i); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("piece %d: got %v, want ErrNotFound", i, err)
		}
	}

	empty := begin(t, s, "acme", ofID("empty"))
	empty.State, empty.ChangedAt = isRunning, minute(1)
	sameOperation(t, s, "without pieces", plan(t, s, empty.Key, nil, minute(1)), empty)

	over := begin(t, s, "acme", ofID("over"))
	over = end(t, s, over.Key, isCancelled, "", minute(1))
	sameOperation(t, s, "planned after it ended", plan(t, s, over.Key, pieces(1), minute(2)), over)
	sameInts(t, "missing pieces of one that ended", missing(t, s, over.Key, 10))
}

func piecesCounted(t *testing.T, s store.Store) {
	want := run(t, s, "acme", "op", 3, 0, 5)
	beside := run(t, s, "acme", "beside", 3, 0, 5)
	for i, step := range []struct{ piece, done int }{{2, 5}, {1, 5}, {0, 8}} {
		want.Done, want.Left, want.ChangedAt = step.done, 2-i, minute(2+i)
		got := save(t, s, want.Key, step.piece, fmt.Sprintf("part %d", step.piece), minute(2+i))
		sameOperation(t, s, fmt.Sprintf("piece %d saved", step.piece), got, want)
		if _, done, err := s.PieceTask(t.Context(), want.Key, step.piece); !done || err != nil {
			t.Errorf("piece %d: got %v, %v; want it done", step.piece, done, err)
		}
	}
	sameWords(t, "parts", partsOf(t, s, want.Key, -1, 10), "0: part 0", "1: part 1", "2: part 2")
	sameOperation(t, s, "the neighbour", beside, beside)
	sameInts(t, "missing pieces of the neighbour", missing(t, s, beside.Key, 10), 0, 1, 2)
}

// pieceSavedTwice: what counts is the first time.
func pieceSavedTwice(t *testing.T, s store.Store) {
	record(t, s, "acme", entry("r-1"), entry("r-2"))
	want := run(t, s, "acme", "op", 3, 4)
	want = save(t, s, want.Key, 1, "first", minute(2), anew(t, s, "acme", "r-1", 1, 2, "first"))
	got := save(t, s, want.Key, 1, "second", minute(3), anew(t, s, "acme", "r-1", 1, 3, "second"), anew(t, s, "acme", "r-2", 0, 0, "second"))
	sameOperation(t, s, "saved again", got, want)
	sameWords(t, "parts", partsOf(t, s, want.Key, -1, 10), "1: first")
	sameWords(t, "rescored", rescored(t, s, "acme", store.RescoredFilter{Operation: want.Key}, 10), "r-1 first")
	want = save(t, s, want.Key, 0, "other", minute(4))
	if want.Left != 0 || want.Done != 7 {
		t.Errorf("got %s, want all of it done", operationInWords(want))
	}
	sameOperation(t, s, "saved once more", save(t, s, want.Key, 1, "third", minute(5)), want)
}

// pieceSavedLate: a piece that comes to an operation that is not running has no effect.
func pieceSavedLate(t *testing.T, s store.Store) {
	record(t, s, "acme", entry("r-1"))
	for id, state := range map[string]func(key int64) store.Operation{
		"cancelled": func(key int64) store.Operation { return end(t, s, key, isCancelled, "by its client", minute(3)) },
		"failed":    func(key int64) store.Operation { return end(t, s, key, isFailed, "", minute(3)) },
		"succeeded": func(key int64) store.Operation { return end(t, s, key, isSucceeded, "", minute(3)) },
	} {
		op := run(t, s, "acme", id, 3, 4)
		save(t, s, op.Key, 0, "in time", minute(2))
		want := state(op.Key)
		got := save(t, s, op.Key, 1, "late", minute(4), anew(t, s, "acme", "r-1", 1, 2, "late"))
		sameOperation(t, s, id, got, want)
		sameWords(t, "parts", partsOf(t, s, op.Key, -1, 10), "0: in time")
		sameWords(t, "rescored", rescored(t, s, "acme", store.RescoredFilter{Operation: op.Key}, 10))
		if _, done, err := s.PieceTask(t.Context(), op.Key, 1); done || err != nil {
			t.Errorf("%s: the late piece: got %v, %v; want it not done", id, done, err)
		}
		for _, piece := range []int{-1, 2} {
			if _, err := s.SavePiece(t.Context(), op.Key, piece, nil, nil, minute(4)); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("%s: piece %d: got %v, want ErrNotFound", id, piece, err)
			}
		}
	}
	waiting := begin(t, s, "acme", ofID("waiting"))
	if _, err := s.SavePiece(t.Context(), waiting.Key, 0, nil, nil, minute(4)); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a piece of one that is not planned: got %v, want ErrNotFound", err)
	}
	sameOperation(t, s, "not planned", waiting, waiting)
}

// piecesListed: pages of what is missing and of what there is.
func piecesListed(t *testing.T, s store.Store) {
	key := run(t, s, "acme", "op", 1, 1, 1, 1, 1, 1, 1, 1).Key
	before := run(t, s, "acme", "other", 1, 1, 1).Key
	sameWords(t, "parts of one where nothing is done", partsOf(t, s, key, -1, 10))
	for _, piece := range []int{6, 0, 3, 4} {
		save(t, s, key, piece, fmt.Sprint("part ", piece), minute(2))
	}
	save(t, s, before, 1, "other", minute(2))
	left, have := []int{1, 2, 5, 7}, []string{"0: part 0", "3: part 3", "4: part 4", "6: part 6"}
	for limit := range 6 {
		n := min(limit, 4)
		sameInts(t, fmt.Sprintf("up to %d missing", limit), missing(t, s, key, limit), left[:n]...)
		sameWords(t, fmt.Sprintf("up to %d parts", limit), partsOf(t, s, key, -1, limit), have[:n]...)
	}
	for after, first := range map[int]int{-1: 0, 0: 1, 1: 1, 2: 1, 3: 2, 4: 3, 5: 3, 6: 4, 7: 4, 100: 4} {
		sameWords(t, fmt.Sprintf("parts after %d", after), partsOf(t, s, key, after, 10), have[first:]...)
	}
}

// piecesExact: tasks and parts come back as they were given, the empty ones among them, and what is empty is done all the
// same.
func piecesExact(t *testing.T, s store.Store) {
	bodies := [][]byte{nil, {}, {0}, bytes.Repeat([]byte{0, 0xff, '\''}, 500_000), []byte("é")}
	var all []store.Piece
	for _, b := range bodies {
		all = append(all, store.Piece{Task: b, Units: 400_000_000})
	}
	op := plan(t, s, begin(t, s, "acme", ofID("op")).Key, all, minute(1))
	for i, b := range bodies {
		if task, _, err := s.PieceTask(t.Context(), op.Key, i); err != nil || !bytes.Equal(task, b) {
			t.Errorf("task %d: got %d bytes, %v; want %d", i, len(task), err, len(b))
		}
		var err error
		if op, err = s.SavePiece(t.Context(), op.Key, i, b, nil, minute(2)); err != nil || op.Left != len(bodies)-1-i {
			t.Errorf("piece %d saved: got %s, %v", i, operationInWords(op), err)
		}
	}
	if op.Total != 2_000_000_000 || op.Done != op.Total {
		t.Errorf("%d units of %d are done, want 2,000,000,000", op.Done, op.Total)
	}
	parts, err := s.Parts(t.Context(), op.Key, -1, 10)
	if err != nil || len(parts) != len(bodies) {
		t.Fatalf("Parts: got %d, %v; want %d", len(parts), err, len(bodies))
	}
	for i, p := range parts {
		if p.Piece != i || !bytes.Equal(p.Body, bodies[i]) {
			t.Errorf("part %d: got %d bytes of piece %d", i, len(p.Body), p.Piece)
		}
	}
	sameInts(t, "missing", missing(t, s, op.Key, 10))
}

// piecesMany plans as many as there may be.
func piecesMany(t *testing.T, s store.Store) {
	const n = 5000
	op := plan(t, s, begin(t, s, "acme", ofID("op")).Key, pieces(slices.Repeat([]int{2}, n)...), minute(1))
	if op.Total != 2*n || op.Left != n {
		t.Fatalf("planned: got %s", operationInWords(op))
	}
	all := missing(t, s, op.Key, 2*n)
	if len(all) != n || all[0] != 0 || all[n-1] != n-1 || !slices.IsSorted(all) {
		t.Fatalf("%d pieces are missing, want %d in order", len(all), n)
	}
	for _, piece := range []int{n - 1, 0, n / 2} {
		op = save(t, s, op.Key, piece, taskOf(piece), minute(2))
	}
	if op.Done != 6 || op.Left != n-3 {
		t.Errorf("three saved: got %s", operationInWords(op))
	}
	sameInts(t, "the first that are missing", missing(t, s, op.Key, 2), 1, 2)
	sameWords(t, "parts", partsOf(t, s, op.Key, -1, n), "0: task 0", "2500: task 2500", "4999: task 4999")
}
