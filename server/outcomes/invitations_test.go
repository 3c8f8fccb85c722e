package outcomes_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// invitation is a good one, over a month.
func invitation() *cmiv1.Invitations {
	return &cmiv1.Invitations{
		From: timestamppb.New(noon()), To: timestamppb.New(noon().AddDate(0, 1, 0)), QuestionnaireId: "q",
		Channel: cmiv1.Channel_CHANNEL_ONLINE, Count: 7,
	}
}

func TestInvitationsThatAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	bad := &timestamppb.Timestamp{Nanos: -1}
	for _, test := range []struct {
		field, says string
		spoil       func(*cmiv1.Invitations)
	}{
		{"from", "say from when to when", func(i *cmiv1.Invitations) { i.From = nil }},
		{"to", "say from when to when", func(i *cmiv1.Invitations) { i.To = nil }},
		{"from", "not a time between", func(i *cmiv1.Invitations) { i.From = bad }},
		{"to", "not a time between", func(i *cmiv1.Invitations) { i.To = bad }},
		{"to", "is not after from", func(i *cmiv1.Invitations) { i.From, i.To = i.To, i.From }},
		{"to", "is not after from", func(i *cmiv1.Invitations) { i.To = timestamppb.New(noon().Add(100)) }}, // in the same microsecond
		{"questionnaire_id", `"" is not an id`, func(i *cmiv1.Invitations) { i.QuestionnaireId = "" }},
		{"questionnaire_id", `"a b" is not an id`, func(i *cmiv1.Invitations) { i.QuestionnaireId = "a b" }},
		{"channel", "CHANNEL_UNSPECIFIED is not allowed", func(i *cmiv1.Invitations) { i.Channel = 0 }},
		{"channel", "77 is not allowed", func(i *cmiv1.Invitations) { i.Channel = 77 }},
		{"count", "-1 is not a count", func(i *cmiv1.Invitations) { i.Count = -1 }},
	} {
		spoilt := invitation()
		test.spoil(spoilt)
		_, err := w.RecordInvitations(t.Context(), tenant, &cmiv1.RecordInvitationsRequest{Invitations: []*cmiv1.Invitations{invitation(), spoilt}})
		refused(t, test.says, err, cmiv1.ErrorReason_INVALID_REQUEST, "invitations[1]."+test.field)
		if !strings.Contains(fmt.Sprint(err), test.says) {
			t.Errorf("%v does not say %q", err, test.says)
		}
	}
	_, err := w.RecordInvitations(t.Context(), tenant, &cmiv1.RecordInvitationsRequest{Invitations: []*cmiv1.Invitations{nil, {Count: -1}}})
	refused(t, "all that is wrong with all", err, cmiv1.ErrorReason_INVALID_REQUEST,
		"invitations[0].from", "invitations[0].to", "invitations[0].questionnaire_id", "invitations[0].channel",
		"invitations[1].from", "invitations[1].to", "invitations[1].questionnaire_id", "invitations[1].channel", "invitations[1].count")
	if kept, err := w.kept.InvitationsWithin(t.Context(), tenant, time.Time{}, time.Time{}, 10); err != nil || len(kept) != 0 {
		t.Errorf("%v are kept beside refused ones, %v", kept, err)
	}
}

func TestInvitationsReplace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	more, most, none := invitation(), invitation(), invitation()
	more.Count, most.Count, none.Count = 8, math.MaxInt32, 0
	more.From.Nanos += 99 // within the same microsecond
	for i, test := range []struct {
		given   []*cmiv1.Invitations
		changed int32
		want    int32
	}{
		{[]*cmiv1.Invitations{invitation()}, 1, 7},
		{[]*cmiv1.Invitations{invitation()}, 0, 7},
		{[]*cmiv1.Invitations{invitation(), more}, 1, 8},
		{[]*cmiv1.Invitations{most}, 1, math.MaxInt32},
		{[]*cmiv1.Invitations{none}, 1, 0},
		{[]*cmiv1.Invitations{none}, 0, 0},
	} {
		answer, err := w.RecordInvitations(t.Context(), tenant, &cmiv1.RecordInvitationsRequest{Invitations: test.given})
		if err != nil || answer.GetChanged() != test.changed {
			t.Errorf("step %d: %v, %v; want %d changed", i, answer, err, test.changed)
		}
		kept, err := w.kept.InvitationsWithin(t.Context(), tenant, time.Time{}, time.Time{}, 10)
		if err != nil {
			t.Fatal(err)
		}
		want := invitation()
		want.From.Nanos, want.To.Nanos, want.Count = 123_456_000, 123_456_000, test.want
		if test.want == 0 && len(kept) == 0 || test.want > 0 && len(kept) == 1 && proto.Equal(kept[0], want) {
			continue
		}
		t.Errorf("step %d: kept %v, want %v", i, kept, want)
	}
}
