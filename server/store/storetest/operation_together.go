package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// savers is how many work on one operation at the same time.
const savers = 16

// piecesSavedTogether has all save the same pieces, each in an order of its own: each is counted once, and a part and what was
// scored again with it are of the same saver.
func piecesSavedTogether(t *testing.T, s store.Store) {
	names := many(t, s, "acme", 24)
	units := []int{5, 1, 0, 9, 2, 2, 30, 1}
	op := run(t, s, "acme", "op", units...)
	var given [8][savers][]store.Rescored
	for piece := range given {
		for saver := range savers {
			for _, name := range names[3*piece : 3*piece+3] {
				given[piece][saver] = append(given[piece][saver], anew(t, s, "acme", name, 1, saver%4, fmt.Sprint(saver)))
			}
		}
	}
	together(savers, func(saver int) {
		for i := range units {
			piece := (i*[]int{1, 3, 5, 7}[saver%4] + saver) % len(units)
			got, err := s.SavePiece(t.Context(), op.Key, piece, []byte(fmt.Sprint(saver)), given[piece][saver], minute(2))
			if err != nil {
				t.Errorf("SavePiece: %v", err)
				return
			}
			if _, done, err := s.PieceTask(t.Context(), op.Key, piece); !done || err != nil || got.Left >= len(units) {
				t.Errorf("a piece that was saved: got %v, %v, with %d left", done, err, got.Left)
			}
		}
	})
	op.Done, op.Left, op.ChangedAt = 50, 0, minute(2)
	sameOperation(t, s, "saved", byKey(t, s, op.Key), op)
	parts := partsOf(t, s, op.Key, -1, 100)
	var want []string
	for i, name := range names {
		_, saver, _ := strings.Cut(parts[i/3], ": ")
		want = append(want, name+" "+saver)
	}
	sameNames(t, "scored again", rescored(t, s, "acme", store.RescoredFilter{Operation: op.Key}, 100), want...)
}

// operationEndsTogether: some save pieces, some end the operation, each in its own way. It ends in one way, which all are
// told, and what is counted as done is what there is.
func operationEndsTogether(t *testing.T, s store.Store) {
	for round := range 5 {
		op := run(t, s, "acme", fmt.Sprint("op ", round), 1, 2, 4, 8, 16, 32, 64, 128)
		var told [savers]store.Operation
		together(savers, func(i int) {
			var err error
			if i%2 == 0 {
				_, err = s.SavePiece(t.Context(), op.Key, i/2, []byte("part"), nil, minute(2))
			} else {
				told[i], err = s.EndOperation(t.Context(), op.Key, []cmiv1.OperationState{isCancelled, isFailed}[i/2%2], []byte(fmt.Sprint(i)), minute(i))
			}
			if err != nil {
				t.Errorf("caller %d: %v", i, err)
			}
		})
		last := byKey(t, s, op.Key)
		for i := 1; i < savers; i += 2 {
			if operationInWords(told[i]) != operationInWords(last) {
				t.Errorf("caller %d was told\n%s, it is\n%s", i, operationInWords(told[i]), operationInWords(last))
			}
		}
		done, left := 0, missing(t, s, op.Key, 100)
		for piece := range 8 {
			if !slices.Contains(left, piece) {
				done += 1 << piece
			}
		}
		if last.Done != done || last.Left != len(left) || len(partsOf(t, s, op.Key, -1, 100)) != 8-len(left) {
			t.Errorf("%s; want %d done, %d left", operationInWords(last), done, len(left))
		}
	}
}

// operationPlannedTogether: of many plans one is kept, whole.
func operationPlannedTogether(t *testing.T, s store.Store) {
	for round := range 5 {
		op := begin(t, s, "acme", ofID(fmt.Sprint("op ", round)))
		var told [savers]store.Operation
		together(savers, func(i int) {
			mine := slices.Repeat([]store.Piece{{Task: []byte(fmt.Sprint(i)), Units: 100 + i}}, i+1)
			var err error
			if told[i], err = s.PlanOperation(t.Context(), op.Key, mine, minute(i)); err != nil {
				t.Errorf("PlanOperation: %v", err)
			}
		})
		got := byKey(t, s, op.Key)
		who := got.Left - 1
		if got.Total != (100+who)*(who+1) || got.ChangedAt != minute(who) || len(missing(t, s, op.Key, 100)) != who+1 {
			t.Errorf("got %s: no plan of those that were given", operationInWords(got))
		}
		for i := range told {
			if operationInWords(told[i]) != operationInWords(got) {
				t.Errorf("caller %d was told %s, it is %s", i, operationInWords(told[i]), operationInWords(got))
			}
		}
		for piece := range who + 1 {
			if task, _, err := s.PieceTask(t.Context(), op.Key, piece); string(task) != fmt.Sprint(who) || err != nil {
				t.Errorf("piece %d of the plan of %d is %q, %v", piece, who, task, err)
			}
		}
	}
}

// piecesSavedWhileErased: whoever is erased while pieces are saved is in no list afterwards, and the others all are.
func piecesSavedWhileErased(t *testing.T, s store.Store) {
	const each = 6
	var entries []store.Entry
	for i := range savers * each {
		entries = append(entries, entry(fmt.Sprintf("r-%02d", i), of(fmt.Sprint("customer ", i%8))))
	}
	record(t, s, "acme", entries...)
	op := run(t, s, "acme", "op", slices.Repeat([]int{each}, savers)...)
	var given [savers][]store.Rescored
	var want []string
	for i, e := range entries {
		id := e.Score.GetResponseId()
		given[i/each] = append(given[i/each], anew(t, s, "acme", id, 1, i%4, "score"))
		if i%8 >= 4 {
			want = append(want, id+" score")
		}
	}
	together(savers+4, func(i int) {
		var err error
		if i < savers {
			_, err = s.SavePiece(t.Context(), op.Key, i, []byte("part"), given[i], minute(2))
		} else {
			_, err = s.EraseCustomer(t.Context(), "acme", fmt.Sprint("customer ", i-savers))
		}
		if err != nil {
			t.Errorf("caller %d: %v", i, err)
		}
	})
	if got := byKey(t, s, op.Key); got.Done != savers*each || got.Left != 0 {
		t.Errorf("got %s, want all of it done", operationInWords(got))
	}
	sameNames(t, "scored again", rescored(t, s, "acme", store.RescoredFilter{Operation: op.Key}, 1000), want...)
	for i := range 4 {
		if _, err := s.EraseCustomer(t.Context(), "acme", fmt.Sprint("customer ", i)); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("erased again: %v", err)
		}
	}
}
