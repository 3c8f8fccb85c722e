package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// marked is an entry as it is kept once it was voided.
func marked(e store.Entry, when time.Time, reason string) store.Entry {
	e.Score = proto.Clone(e.Score).(*cmiv1.Score)
	e.Score.Void = &cmiv1.Void{VoidedAt: timestamppb.New(when), Reason: reason}
	return e
}

// void voids a response that must be there.
func void(t *testing.T, s store.Store, tenant, id string, when time.Time, reason string) *store.Kept {
	t.Helper()
	k, err := s.Void(t.Context(), tenant, id, when, reason)
	if err != nil {
		t.Fatalf("Void %q: %v", id, err)
	}
	return k
}

func voidOnce(t *testing.T, s store.Store) {
	e := entry("r-1")
	record(t, s, "acme", e, entry("r-2"))
	before := kept(t, s, "acme", "r-1").Cursor
	when := noon().Add(time.Hour)
	want := marked(e, when, "A test run. ✗")

	got := void(t, s, "acme", "r-1", when, "A test run. ✗")
	sameKept(t, got, want)
	if got.Cursor != before {
		t.Errorf("voiding moved the response from %v to %v", before, got.Cursor)
	}
	sameKept(t, void(t, s, "acme", "r-1", when.Add(time.Hour), "Another reason."), want)
	sameKept(t, void(t, s, "acme", "r-1", when.Add(-time.Hour), ""), want)
	sameKept(t, kept(t, s, "acme", "r-1"), want)
	sameKept(t, kept(t, s, "acme", "r-2"), entry("r-2"))

	if got := ids(list(t, s, "acme", store.ResponseFilter{}, 10)); len(got) != 1 || got[0] != "r-2" {
		t.Errorf("listed %q, want only what is not void", got)
	}
	page := list(t, s, "acme", store.ResponseFilter{IncludeVoid: true}, 10)
	if len(page) != 2 {
		t.Fatalf("with voided ones: %d are listed, want 2", len(page))
	}
	for _, k := range page {
		if k.Score.GetResponseId() == "r-1" {
			sameKept(t, k, want)
		}
	}
}

func voidConcurrently(t *testing.T, s store.Store) {
	e := entry("r-1")
	record(t, s, "acme", e)
	var answers [callers]*store.Kept
	together(callers, func(i int) {
		k, err := s.Void(t.Context(), "acme", "r-1", noon().Add(time.Duration(i)*time.Second), fmt.Sprintf("reason %d", i))
		if err != nil {
			t.Errorf("Void: %v", err)
			return
		}
		answers[i] = k
	})
	first := kept(t, s, "acme", "r-1")
	if first.Score.GetVoid() == nil {
		t.Fatal("it is not void")
	}
	for _, k := range answers {
		if k != nil {
			same(t, "score", k.Score, first.Score)
		}
	}
}

func voidMissing(t *testing.T, s store.Store) {
	record(t, s, "acme", entry("r-1"))
	for tenant, id := range map[string]string{"acme": "r-2", "globex": "r-1"} {
		if k, err := s.Void(t.Context(), tenant, id, noon(), "why"); !errors.Is(err, store.ErrNotFound) || k != nil {
			t.Errorf("%s of %s: got %v, %v; want ErrNotFound", id, tenant, k, err)
		}
	}
}

func voidReplay(t *testing.T, s store.Store) {
	e := entry("r-1")
	record(t, s, "acme", e)
	void(t, s, "acme", "r-1", noon(), "why")
	results, answered := outcomes(t, s, e, entry("r-1", saying("Something else.")))
	if results[0] != store.Replayed || results[1] != store.Conflict {
		t.Fatalf("got results %v; a voided id stays used", results)
	}
	same(t, "replayed score", answered[0].Score, marked(e, noon(), "why").Score)
}

func voidTimes(t *testing.T, s store.Store) {
	for i, when := range []time.Time{time.Unix(0, 0), time.Unix(-1, 1000), noon().In(time.FixedZone("", 3600))} {
		e := entry(fmt.Sprintf("r-%d", i))
		record(t, s, "acme", e)
		sameKept(t, void(t, s, "acme", e.Score.GetResponseId(), when, ""), marked(e, when, ""))
		sameKept(t, kept(t, s, "acme", e.Score.GetResponseId()), marked(e, when, ""))
	}
	record(t, s, "acme", entry("fine"))
	k := void(t, s, "acme", "fine", noon().Add(999*time.Nanosecond), "")
	same(t, "time cut to microseconds", k.Score.GetVoid().GetVoidedAt(), timestamppb.New(noon()))
}
