package form

import (
	"errors"
	"testing"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// TestHistoriesThatDoNotComeTogether: rows that a plan mixed up, or lost, are no report.
func TestHistoriesThatDoNotComeTogether(t *testing.T) {
	t.Parallel()
	digest := EncodeDigest(&cmiv1.Score{})
	h := NewHistories(store.CustomerSlice{}, store.HistoryAsk{}, nil)
	for i, key := range []int64{1, 1, 2, 1} {
		err := h.Score(key, int64(i), 0, 0, digest)
		if (err != nil) != (i == 3) || err != nil && !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("row %d of customer %d: got %v", i, key, err)
		}
	}
	h = NewHistories(store.CustomerSlice{}, store.HistoryAsk{}, nil)
	if err := h.Score(1, 1, 0, 0, nil); err != nil {
		t.Fatal(err)
	}
	if all, err := h.All(); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("without its score: got %v, %v", all, err)
	}
	if err := h.Digest(1, nil); err != nil {
		t.Fatal(err)
	}
	if all, err := h.All(); err != nil || len(all) != 1 || len(all[0].Scores) != 1 {
		t.Errorf("with its score: got %v, %v", all, err)
	}
}

// TestHistoriesAreOrdered, in whatever order a customer's rows come.
func TestHistoriesAreOrdered(t *testing.T) {
	t.Parallel()
	h := NewHistories(store.CustomerSlice{}, store.HistoryAsk{}, nil)
	for _, row := range [][3]int64{{7, 2, 5}, {7, 1, 5}, {7, 3, 4}, {3, 4, 1}} {
		if err := h.Score(row[0], row[1], row[2], 0, EncodeDigest(&cmiv1.Score{})); err != nil {
			t.Fatal(err)
		}
	}
	all, err := h.All()
	if err != nil || len(all) != 2 || all[0].Key != 3 || all[1].Key != 7 {
		t.Fatalf("got %v, %v", all, err)
	}
	for i, want := range []int64{3, 1, 2} {
		if got := all[1].Scores[i].Place; got != want {
			t.Errorf("score %d is at place %d, want %d", i, got, want)
		}
	}
}
