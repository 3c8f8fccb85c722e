package storetest

import (
	"testing"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// scribble changes whatever it can reach of an entry.
func scribble(r *cmiv1.Response, score *cmiv1.Score) {
	if r != nil {
		r.CustomerId = "scribbled"
		r.SubmittedAt.Seconds++
		for _, a := range r.GetAnswers() {
			a.ItemId = "scribbled"
			clear(a.Topics)
		}
	}
	score.Cmi = proto.Float64(-1)
	score.Status = cmiv1.ScoreStatus_SCORE_STATUS_UNSCORED
	for _, p := range score.GetPillars() {
		p.Score = proto.Float64(-1)
	}
	score.SubmittedAt.Seconds++
	score.Void = &cmiv1.Void{Reason: "scribbled"}
}

func givenMessages(t *testing.T, s store.Store) {
	e := entry("r-1")
	record(t, s, "acme", e)
	scribble(e.Response, e.Score)
	sameKept(t, kept(t, s, "acme", "r-1"), entry("r-1"))

	q := version("q", 1, cmiv1.State_STATE_PUBLISHED)
	saveVersions(t, s, "acme", q)
	q.Title, q.State, q.Items[0].Prompt = "scribbled", cmiv1.State_STATE_DRAFT, "scribbled"
	got, err := s.Questionnaire(t.Context(), "acme", "q", 0)
	if err != nil {
		t.Fatalf("Questionnaire: %v", err)
	}
	same(t, "questionnaire", got, version("q", 1, cmiv1.State_STATE_PUBLISHED))
}

func givenMessagesStand(t *testing.T, s store.Store) {
	e := entry("r-1")
	record(t, s, "acme", e)
	outcomes(t, s, e, e)
	void(t, s, "acme", "r-1", noon(), "why")
	outcomes(t, s, e)
	same(t, "given response", e.Response, entry("r-1").Response)
	same(t, "given score", e.Score, entry("r-1").Score)

	q := version("q", 1, cmiv1.State_STATE_DRAFT)
	saveVersions(t, s, "acme", q)
	same(t, "given questionnaire", q, version("q", 1, cmiv1.State_STATE_DRAFT))
}

func answeredMessages(t *testing.T, s store.Store) {
	e := entry("r-1")
	record(t, s, "acme", e)
	scribbled := func(k *store.Kept) {
		t.Helper()
		scribble(k.Response, k.Score)
		clear(k.Cursor.Key[:])
		sameKept(t, kept(t, s, "acme", "r-1"), e)
	}
	scribbled(kept(t, s, "acme", "r-1"))
	scribbled(list(t, s, "acme", store.ResponseFilter{}, 1)[0])
	scribbled(list(t, s, "acme", store.ResponseFilter{ScoresOnly: true}, 1)[0])
	_, answered := outcomes(t, s, e)
	scribble(nil, answered[0].Score)
	sameKept(t, kept(t, s, "acme", "r-1"), e)
	e = marked(e, noon(), "why")
	scribbled(void(t, s, "acme", "r-1", noon(), "why"))

	want := version("q", 1, cmiv1.State_STATE_PUBLISHED)
	saveVersions(t, s, "acme", want)
	read := func() *cmiv1.Questionnaire {
		q, err := s.Questionnaire(t.Context(), "acme", "q", 0)
		if err != nil {
			t.Fatalf("Questionnaire: %v", err)
		}
		return q
	}
	for _, q := range []*cmiv1.Questionnaire{
		read(), catalogue(t, s, store.QuestionnaireFilter{}, 1)[0], versionsOf(t, s, "acme", "q")[0],
	} {
		q.Title, q.Items[0].Prompt = "scribbled", "scribbled"
		same(t, "questionnaire", read(), want)
		same(t, "listed", catalogue(t, s, store.QuestionnaireFilter{}, 1)[0], want)
		same(t, "given to change", versionsOf(t, s, "acme", "q")[0], want)
	}
}
