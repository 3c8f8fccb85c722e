package storetest

import (
	"crypto/sha256"
	"fmt"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// noon is when the responses of the suite begin.
func noon() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 123_456_000, time.UTC) }

// entry makes an ordinary one; with changes what the test is about. The content follows from the messages.
func entry(id string, with ...func(*store.Entry)) store.Entry {
	e := store.Entry{
		Response: &cmiv1.Response{
			ResponseId:  id,
			CustomerId:  "customer-1",
			Channel:     cmiv1.Channel_CHANNEL_ONLINE,
			SubmittedAt: timestamppb.New(noon()),
			Answers: []*cmiv1.Answer{
				{ItemId: "trust", Value: &cmiv1.Answer_Number{Number: 8}},
				{ItemId: "why", Value: &cmiv1.Answer_Text{Text: "It just works."}, Topics: []string{"ease"}},
			},
		},
		Score: &cmiv1.Score{
			ResponseId:           id,
			CustomerId:           "customer-1",
			QuestionnaireId:      "onboarding",
			QuestionnaireVersion: 3,
			Series:               "onboarding",
			Status:               cmiv1.ScoreStatus_SCORE_STATUS_SCORED,
			Cmi:                  proto.Float64(81.25),
			DisplayScore:         proto.Int32(81),
			Bucket:               cmiv1.Bucket_BUCKET_ADVOCATE,
			Pillars: []*cmiv1.PillarScore{
				{Pillar: cmiv1.Pillar_PILLAR_ECI, Score: proto.Float64(80), Coverage: proto.Float64(1)},
			},
			SubmittedAt: timestamppb.New(noon()),
			ScoredAt:    timestamppb.New(noon().Add(time.Millisecond)),
		},
	}
	for _, change := range with {
		change(&e)
	}
	e.Content = contentOf(e.Response)
	return e
}

func contentOf(r *cmiv1.Response) store.ContentHash {
	bytes, err := proto.MarshalOptions{Deterministic: true}.Marshal(r)
	if err != nil {
		panic(err) // a message made right here
	}
	return sha256.Sum256(bytes)
}

func of(customer string) func(*store.Entry) {
	return func(e *store.Entry) { e.Response.CustomerId, e.Score.CustomerId = customer, customer }
}

func to(questionnaire string) func(*store.Entry) {
	return func(e *store.Entry) { e.Score.QuestionnaireId = questionnaire }
}

func at(when time.Time) func(*store.Entry) {
	return func(e *store.Entry) {
		e.Response.SubmittedAt, e.Score.SubmittedAt = timestamppb.New(when), timestamppb.New(when)
	}
}

func is(status cmiv1.ScoreStatus, bucket cmiv1.Bucket) func(*store.Entry) {
	return func(e *store.Entry) { e.Score.Status, e.Score.Bucket = status, bucket }
}

func saying(text string) func(*store.Entry) {
	return func(e *store.Entry) { e.Response.Answers[1].Value = &cmiv1.Answer_Text{Text: text} }
}

// scoring changes the score, which is no part of the content.
func scoring(cmi float64) func(*store.Entry) {
	return func(e *store.Entry) { e.Score.Cmi = proto.Float64(cmi) }
}

// record records entries that must all be new.
func record(t *testing.T, s store.Store, tenant string, entries ...store.Entry) {
	t.Helper()
	outcomes, err := s.Record(t.Context(), tenant, entries)
	if err != nil {
		t.Fatalf("Record: %v", err)
	}
	if len(outcomes) != len(entries) {
		t.Fatalf("Record answered %d outcomes for %d entries", len(outcomes), len(entries))
	}
	for i, o := range outcomes {
		if o.Result != store.Recorded || o.Score != nil {
			t.Fatalf("entry %d: got result %d, score %v; want it recorded, without a score", i, o.Result, o.Score)
		}
	}
}

// kept reads a response that must be there.
func kept(t *testing.T, s store.Store, tenant, id string) *store.Kept {
	t.Helper()
	k, err := s.Response(t.Context(), tenant, id)
	if err != nil {
		t.Fatalf("Response %q: %v", id, err)
	}
	return k
}

// list reads a page that must come without an error.
func list(t *testing.T, s store.Store, tenant string, filter store.ResponseFilter, limit int) []*store.Kept {
	t.Helper()
	page, err := s.ListResponses(t.Context(), tenant, filter, limit)
	if err != nil {
		t.Fatalf("ListResponses: %v", err)
	}
	return page
}

// ids are those of a page, in its order.
func ids(page []*store.Kept) []string {
	var ids []string
	for _, k := range page {
		ids = append(ids, k.Score.GetResponseId())
	}
	return ids
}

// same compares messages to the last bit: proto.Equal takes one NaN for another.
func same(t *testing.T, what string, got, want proto.Message) {
	t.Helper()
	exact := proto.MarshalOptions{Deterministic: true}
	g, err := exact.Marshal(got)
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	w, err := exact.Marshal(want)
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	if string(g) != string(w) || got.ProtoReflect().IsValid() != want.ProtoReflect().IsValid() {
		t.Fatalf("%s: got\n%s\nwant\n%s", what, short(got), short(want))
	}
}

func short(m proto.Message) string {
	text := prototext.Format(m)
	if len(text) > 4000 {
		return fmt.Sprintf("%s ... (%d bytes)", text[:4000], len(text))
	}
	return text
}

// sameKept compares what is kept with what was recorded.
func sameKept(t *testing.T, got *store.Kept, want store.Entry) {
	t.Helper()
	same(t, "response", got.Response, want.Response)
	same(t, "score", got.Score, want.Score)
	if got.Content != want.Content {
		t.Fatalf("content hash: got %x, want %x", got.Content, want.Content)
	}
}
