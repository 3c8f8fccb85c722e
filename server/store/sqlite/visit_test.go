package sqlite

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

// rowOf reads the revision of a customer, and since when their standing is due.
func rowOf(t *testing.T, s *Store, customer string) (revision, due int64) {
	t.Helper()
	key := s.secret.Hash(form.OfCustomer, "acme", customer)
	if err := s.reader.db.QueryRowContext(t.Context(), "SELECT revision, due FROM customers WHERE key = ?", key[:]).Scan(&revision, &due); err != nil {
		t.Fatal(err)
	}
	return revision, due
}

func from(customer string, entries ...store.Entry) []store.Entry {
	for _, e := range entries {
		e.Response.CustomerId, e.Score.CustomerId = customer, customer
	}
	return entries
}

// TestCustomersAreCreatedInTheOrderInWhichTheyCame: hashes have an order of their own, which is not that of lists.
func TestCustomersAreCreatedInTheOrderInWhichTheyCame(t *testing.T) {
	t.Parallel()
	s := open(t)
	var want []string
	var deeds []*cmiv1.Interaction
	var entries []store.Entry
	for i := range 40 {
		entries = append(entries, from(fmt.Sprintf("a-%02d", i), sample(fmt.Sprintf("r-%d", i)))...)
		deeds = append(deeds, &cmiv1.Interaction{
			InteractionId: fmt.Sprintf("i-%d", i), CustomerId: fmt.Sprintf("b-%02d", i/2), Kind: "visit", OccurredAt: timestamppb.New(time.Unix(1, 0)),
		})
	}
	for i := range 40 {
		want = append(want, fmt.Sprintf("a-%02d", i))
	}
	for i := range 20 {
		want = append(want, fmt.Sprintf("b-%02d", i))
	}
	if _, err := s.Record(t.Context(), "acme", entries); err != nil {
		t.Fatal(err)
	}
	if _, err := s.RecordInteractions(t.Context(), "acme", append(deeds, deeds...), time.Unix(9, 0)); err != nil {
		t.Fatal(err)
	}
	page, err := s.ListCustomers(t.Context(), "acme", store.CustomerFilter{}, 100)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range page.Customers {
		got = append(got, c.Profile.GetCustomerId())
	}
	if !slices.Equal(got, want) {
		t.Errorf("listed %q, want %q", got, want)
	}
}

// TestCustomersKnowWhatWasRecorded counts revisions: one for each transaction in which something came in.
func TestCustomersKnowWhatWasRecorded(t *testing.T) {
	t.Parallel()
	s := open(t)
	deed := &cmiv1.Interaction{InteractionId: "i-1", CustomerId: "ann", Kind: "visit", OccurredAt: timestamppb.New(time.Unix(1, 0))}
	for i, step := range []struct {
		what     string
		do       func() error
		revision int64
	}{
		{"two responses in one call", func() error { return ignore(s.Record(t.Context(), "acme", from("ann", sample("r-1"), sample("r-2")))) }, 1},
		{"the same again", func() error { return ignore(s.Record(t.Context(), "acme", from("ann", sample("r-1"), sample("r-2")))) }, 1},
		{"a new one beside an old one", func() error { return ignore(s.Record(t.Context(), "acme", from("ann", sample("r-1"), sample("r-3")))) }, 2},
		{"an interaction", func() error {
			return ignore(s.RecordInteractions(t.Context(), "acme", []*cmiv1.Interaction{deed, deed}, time.Unix(9, 0)))
		}, 3},
		{"the same again", func() error {
			return ignore(s.RecordInteractions(t.Context(), "acme", []*cmiv1.Interaction{deed}, time.Unix(9, 0)))
		}, 3},
		{"a mark", func() error { return ignore(s.Void(t.Context(), "acme", "r-1", time.Unix(9, 0), "")) }, 4},
		{"the same again", func() error { return ignore(s.Void(t.Context(), "acme", "r-1", time.Unix(9, 0), "other")) }, 4},
		{"a profile", func() error { saveProfiles(t, s, &cmiv1.Customer{CustomerId: "ann"}); return nil }, 5},
		{"another customer", func() error { return ignore(s.Record(t.Context(), "acme", from("bob", sample("r-4")))) }, 5},
	} {
		inWriter(t, s, func(ctx context.Context, w *writer) error {
			_, err := w.conn.ExecContext(ctx, "UPDATE customers SET due = 7")
			return err
		})
		var before int64
		if i > 0 {
			before, _ = rowOf(t, s, "ann")
		}
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.what, err)
		}
		revision, due := rowOf(t, s, "ann")
		if revision != step.revision {
			t.Errorf("%s: revision %d, want %d", step.what, revision, step.revision)
		}
		if touched := due == math.MinInt64; touched != (revision != before) {
			t.Errorf("%s: due is %d, revision went from %d to %d", step.what, due, before, revision)
		}
	}
}

func ignore[T any](_ T, err error) error { return err }

// TestManyCustomersInOneTransaction has more of them than a statement takes, known ones, new ones and erased ones among them.
func TestManyCustomersInOneTransaction(t *testing.T) {
	t.Parallel()
	s := open(t)
	record := func(calls int) {
		var entries []store.Entry
		for i := range 200 {
			if i%3 < calls {
				entries = append(entries, from(fmt.Sprintf("c-%d", i), sample(fmt.Sprintf("r-%d-%d", calls, i)))...)
			}
		}
		if _, err := s.Record(t.Context(), "acme", entries); err != nil {
			t.Fatal(err)
		}
	}
	record(1) // every third
	for i := 0; i < 200; i += 9 {
		if _, err := s.EraseCustomer(t.Context(), "acme", fmt.Sprintf("c-%d", i)); err != nil {
			t.Fatal(err)
		}
	}
	record(3) // all
	for i := range 200 {
		want, points := int64(1), 1
		switch {
		case i%9 == 0:
			want = 3 // created, erased, started anew
		case i%3 == 0:
			want, points = 2, 2
		}
		facts := factsOf(t, s, fmt.Sprintf("c-%d", i))
		if facts == nil || facts.Revision != want || len(facts.Points) != points || facts.Profile.GetCustomerId() != fmt.Sprintf("c-%d", i) {
			t.Errorf("c-%d: got %+v, want revision %d and %d points", i, facts, want, points)
		}
	}
}

func TestKindsOfAnUndoneGroupAreForgotten(t *testing.T) {
	t.Parallel()
	s := open(t)
	deed := func(id, kind string) *cmiv1.Interaction {
		return &cmiv1.Interaction{InteractionId: id, CustomerId: "ann", Kind: kind, OccurredAt: timestamppb.New(time.Unix(1, 0))}
	}
	bad := newRequest()
	undone, err := newDeed(s.secret, "acme", deed("i-1", "visit"), time.Unix(9, 0))
	if err != nil {
		t.Fatal(err)
	}
	bad.deeds = append(bad.deeds, undone)
	bad.apply = func(context.Context, *writer) error { return errors.New("not this time") }
	if err := s.writer.submit(t.Context(), bad); err == nil {
		t.Fatal("the request did not fail")
	}
	did(t, s, deed("i-2", "call"), deed("i-3", "visit"))
	for _, kind := range []string{"call", "visit"} {
		page, err := s.ListInteractions(t.Context(), "acme", store.InteractionFilter{CustomerID: "ann", Kind: kind}, 10)
		if err != nil || len(page) != 1 || page[0].Interaction.GetKind() != kind {
			t.Errorf("%s: got %v, %v; want the one", kind, page, err)
		}
	}
}

// TestRecordingDoesNotRepeatAChange records between the reading and the saving of a profile, and saves another profile in
// between the first time.
func TestRecordingDoesNotRepeatAChange(t *testing.T) {
	t.Parallel()
	s := open(t)
	saveProfiles(t, s, &cmiv1.Customer{CustomerId: "ann"})
	runs := 0
	errs, err := s.ChangeCustomers(t.Context(), "acme", []string{"ann"}, func(_ int, have store.Profile) (*cmiv1.Customer, error) {
		runs++
		if _, err := s.Record(t.Context(), "acme", from("ann", sample(fmt.Sprintf("r-%d", runs)))); err != nil {
			t.Error(err)
		}
		if runs == 1 {
			saveProfiles(t, s, &cmiv1.Customer{CustomerId: "ann", AccountId: "first"})
		}
		have.Customer.Segments = map[string]string{"found": have.Customer.GetAccountId()}
		return have.Customer, nil
	})
	if err := errors.Join(append(errs, err)...); err != nil {
		t.Fatal(err)
	}
	if got := factsOf(t, s, "ann").Profile; runs != 2 || got.GetSegments()["found"] != "first" || got.GetAccountId() != "first" {
		t.Errorf("after %d runs: %v; want 2, the second on what was saved in between", runs, got)
	}
}

func TestDeedsThatLackWhatTheyAreFoundByAreRefused(t *testing.T) {
	t.Parallel()
	s := open(t)
	good := func() *cmiv1.Interaction {
		return &cmiv1.Interaction{InteractionId: "i-1", CustomerId: "ann", Kind: "visit", OccurredAt: timestamppb.New(time.Unix(1, 0))}
	}
	for name, spoil := range map[string]func(*cmiv1.Interaction){
		"no id":       func(i *cmiv1.Interaction) { i.InteractionId = "" },
		"no customer": func(i *cmiv1.Interaction) { i.CustomerId = "" },
		"no kind":     func(i *cmiv1.Interaction) { i.Kind = "" },
		"no time":     func(i *cmiv1.Interaction) { i.OccurredAt = nil },
		"no UTF-8":    func(i *cmiv1.Interaction) { i.Kind = "\xff" },
	} {
		bad := good()
		spoil(bad)
		_, err := s.RecordInteractions(t.Context(), "acme", []*cmiv1.Interaction{good(), bad}, time.Unix(9, 0))
		if err == nil || errors.Is(err, store.ErrUnavailable) {
			t.Errorf("%s: got %v, want an error that says that trying again is of no use", name, err)
		}
	}
	fine := func() *cmiv1.Outcome {
		return &cmiv1.Outcome{OutcomeId: "o-1", CustomerId: "ann", Kind: cmiv1.OutcomeKind_OUTCOME_RENEWED, OccurredAt: timestamppb.New(time.Unix(1, 0))}
	}
	for name, spoil := range map[string]func(*cmiv1.Outcome){
		"no id":       func(o *cmiv1.Outcome) { o.OutcomeId = "" },
		"no customer": func(o *cmiv1.Outcome) { o.CustomerId = "" },
		"no kind":     func(o *cmiv1.Outcome) { o.Kind = 0 },
		"no time":     func(o *cmiv1.Outcome) { o.OccurredAt = nil },
		"no UTF-8":    func(o *cmiv1.Outcome) { o.Currency = "\xff" },
	} {
		bad := fine()
		spoil(bad)
		_, err := s.RecordOutcomes(t.Context(), "acme", []*cmiv1.Outcome{fine(), bad}, time.Unix(9, 0))
		if err == nil || errors.Is(err, store.ErrUnavailable) {
			t.Errorf("an outcome, %s: got %v, want an error that says that trying again is of no use", name, err)
		}
	}
	if facts := factsOf(t, s, "ann"); facts != nil {
		t.Errorf("the good one beside a bad one was kept: %+v", facts)
	}
}
