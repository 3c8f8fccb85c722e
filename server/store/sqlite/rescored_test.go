package sqlite

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"testing"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// rescoreAll keeps a score for each of some responses, which says whose it is.
func rescoreAll(ctx context.Context, s *Store, entries []store.Entry) (store.Operation, error) {
	if _, err := s.Record(ctx, "acme", entries); err != nil {
		return store.Operation{}, err
	}
	op, _, err := s.StartOperation(ctx, "acme", store.OperationStart{ID: "one", Kind: "test"})
	if err != nil {
		return op, err
	}
	if op, err = s.PlanOperation(ctx, op.Key, []store.Piece{{Units: len(entries)}}, 1); err != nil {
		return op, err
	}
	var all []store.Rescored
	for i, e := range entries {
		kept, err := s.Response(ctx, "acme", e.Score.GetResponseId())
		if err != nil {
			return op, err
		}
		all = append(all, store.Rescored{
			Place: kept.Cursor, Before: cmiv1.Bucket(i % 4), After: cmiv1.Bucket(i / 4 % 4),
			Score: []byte("anew of " + e.Score.GetCustomerId() + "."),
		})
	}
	return s.SavePiece(ctx, op.Key, 0, []byte("part"), all, 2)
}

// TestWhatWasScoredAgainIsErasedFromDisk looks for it in the files.
func TestWhatWasScoredAgainIsErasedFromDisk(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "cmi.db")
	s := openAt(t, path)
	var entries []store.Entry
	for i := range 200 {
		e := sample(fmt.Sprintf("r-%d", i))
		e.Score.CustomerId = []string{"ann", "bob"}[i%2]
		entries = append(entries, e)
	}
	op, err := rescoreAll(t.Context(), s, entries)
	if err != nil || op.Left != 0 || op.Done != 200 {
		t.Fatalf("got %+v, %v", op, err)
	}
	count := func(text string) (n int) {
		for _, content := range filesOf(t, path) {
			n += bytes.Count(content, []byte(text))
		}
		return n
	}
	if n := count("anew of ann."); n < 100 {
		t.Fatalf("%d scores of ann are in the files to begin with", n)
	}
	if _, err := s.EraseCustomer(t.Context(), "acme", "ann"); err != nil {
		t.Fatal(err)
	}
	if n := count("anew of ann."); n > 0 {
		t.Errorf("after the erasure, %d scores of ann are in the files", n)
	}
	if n := count("anew of bob."); n < 100 {
		t.Errorf("after the erasure of ann, %d scores of bob are in the files", n)
	}
	page, err := s.ListRescored(t.Context(), "acme", store.RescoredFilter{Operation: op.Key}, 1000)
	if err != nil || len(page) != 100 {
		t.Errorf("%d are listed, %v", len(page), err)
	}
}
