package storetest

import (
	"math"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

func invitationsKept(t *testing.T, s store.Store) {
	long := invited("text Zürich 東京 ' \" ; -- %", 0, 1, math.MaxInt32)
	long.From, long.To = timestamppb.New(time.Date(1, 1, 1, 0, 0, 0, 1000, time.UTC)), timestamppb.New(time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC))
	elsewhere := invited("a", 0, 5, 3)
	elsewhere.Channel = cmiv1.Channel_CHANNEL_FACE_TO_FACE
	all := []*cmiv1.Invitations{
		long, invited("b", 0, 5, 1), invited("a", 2, 5, 4), invited("a", 0, 5, 2), elsewhere, invited("a", 0, 6, 5), invited("B", 0, 5, 6),
	}
	if got := invite(t, s, "acme", all...); got != len(all) {
		t.Errorf("%d changed anything, want %d", got, len(all))
	}
	if got := invite(t, s, "acme", all...); got != 0 {
		t.Errorf("sent again: %d changed anything", got)
	}
	slices.SortFunc(all, func(a, b *cmiv1.Invitations) int { return periodOf(a).compare(periodOf(b)) })
	if got, want := invitations(t, s, "acme", time.Time{}, time.Time{}, 100), invitationsInWords(all); got != want {
		t.Errorf("kept %s, want %s", got, want)
	}
	if got, want := invitations(t, s, "acme", time.Time{}, time.Time{}, 3), invitationsInWords(all[:3]); got != want {
		t.Errorf("at most 3: got %s, want %s", got, want)
	}
	if got := invitations(t, s, "acme", time.Time{}, time.Time{}, 0); got != "" {
		t.Errorf("at most 0: got %s", got)
	}
	if got := invitations(t, s, "globex", time.Time{}, time.Time{}, 100); got != "" {
		t.Errorf("another tenant has %s", got)
	}
	if got := invite(t, s, "acme"); got != 0 {
		t.Errorf("of nothing: %d changed anything", got)
	}
}

func invitationsReplaced(t *testing.T, s store.Store) {
	for _, step := range []struct {
		given   []*cmiv1.Invitations
		changed int
		want    []*cmiv1.Invitations
	}{
		{[]*cmiv1.Invitations{invited("a", 0, 5, 0)}, 0, nil},
		{[]*cmiv1.Invitations{invited("a", 0, 5, 1), invited("b", 0, 5, 2)}, 2, []*cmiv1.Invitations{invited("a", 0, 5, 1), invited("b", 0, 5, 2)}},
		{[]*cmiv1.Invitations{invited("a", 0, 5, 9), invited("b", 0, 5, 2)}, 1, []*cmiv1.Invitations{invited("a", 0, 5, 9), invited("b", 0, 5, 2)}},
		{[]*cmiv1.Invitations{invited("a", 0, 5, 8), invited("b", 0, 5, 0), invited("a", 0, 5, 9)}, 1, []*cmiv1.Invitations{invited("a", 0, 5, 9)}},
		{[]*cmiv1.Invitations{invited("c", 0, 5, 8), invited("c", 0, 5, 7)}, 1, []*cmiv1.Invitations{invited("a", 0, 5, 9), invited("c", 0, 5, 7)}},
		{[]*cmiv1.Invitations{invited("d", 0, 5, 8), invited("d", 0, 5, 0)}, 0, []*cmiv1.Invitations{invited("a", 0, 5, 9), invited("c", 0, 5, 7)}},
		{[]*cmiv1.Invitations{invited("a", 0, 5, 0), invited("c", 0, 5, 0)}, 2, nil},
	} {
		if got := invite(t, s, "acme", step.given...); got != step.changed {
			t.Errorf("%s: %d changed anything, want %d", invitationsInWords(step.given), got, step.changed)
		}
		if got, want := invitations(t, s, "acme", time.Time{}, time.Time{}, 100), invitationsInWords(step.want); got != want {
			t.Errorf("%s: kept %s, want %s", invitationsInWords(step.given), got, want)
		}
	}
}

func invitationsBounded(t *testing.T, s store.Store) {
	invite(t, s, "acme", invited("a", 0, 4, 1), invited("a", 2, 4, 2), invited("a", 2, 8, 3), invited("a", 4, 8, 4))
	for _, c := range []struct {
		from, to time.Time
		want     []int32
	}{
		{after(0), after(8), []int32{1, 2, 3, 4}},
		{after(1), time.Time{}, []int32{2, 3, 4}},
		{after(2).In(time.FixedZone("", -7200)), after(4), []int32{2}},
		{after(2).Add(time.Nanosecond), time.Time{}, []int32{4}},
		{time.Time{}, after(4), []int32{1, 2}},
		{time.Time{}, after(4).Add(-time.Nanosecond), nil},
		{time.Time{}, after(8).Add(-time.Nanosecond), []int32{1, 2}},
		{after(8), after(0), nil},
	} {
		all, err := s.InvitationsWithin(t.Context(), "acme", c.from, c.to, 100)
		if err != nil {
			t.Fatalf("InvitationsWithin: %v", err)
		}
		var got []int32
		for _, i := range all {
			got = append(got, i.GetCount())
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("from %v to %v: got %v, want %v", c.from, c.to, got, c.want)
		}
	}
}

// invitationsTogether has callers record all of the same periods at the same time: those of one caller stand.
func invitationsTogether(t *testing.T, s store.Store) {
	const periods = 30
	together(callers, func(caller int) {
		var all []*cmiv1.Invitations
		for i := range periods {
			all = append(all, invited("a", (i+caller)%periods, 100, int32(caller)))
		}
		if _, err := s.RecordInvitations(t.Context(), "acme", all); err != nil {
			t.Errorf("RecordInvitations: %v", err)
		}
	})
	all, err := s.InvitationsWithin(t.Context(), "acme", time.Time{}, time.Time{}, 100)
	if err != nil {
		t.Fatalf("InvitationsWithin: %v", err)
	}
	if len(all) != 0 && len(all) != periods {
		t.Fatalf("%d periods are kept, want all or none", len(all))
	}
	for _, i := range all {
		if i.GetCount() != all[0].GetCount() {
			t.Errorf("%d and %d are kept: of two callers", all[0].GetCount(), i.GetCount())
		}
	}
}

// invitationMessages: given ones may be changed, and are not.
func invitationMessages(t *testing.T, s store.Store) {
	given := invited("a", 0, 5, 1)
	invite(t, s, "acme", given)
	same(t, "given invitations", given, invited("a", 0, 5, 1))
	given.QuestionnaireId, given.Count = "scribbled", 7
	given.From.Seconds++
	if got, want := invitations(t, s, "acme", time.Time{}, time.Time{}, 10), invitationsInWords([]*cmiv1.Invitations{invited("a", 0, 5, 1)}); got != want {
		t.Errorf("kept %s, want %s", got, want)
	}
}
