package scores_test

import (
	"testing"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/scores"
)

// chosen scores a response without naming a questionnaire.
func (h house) chosen(t *testing.T, version int32, r *cmiv1.Response) (*cmiv1.Score, error) {
	t.Helper()
	run, err := h.Open(t.Context(), tenant, scores.Plan{Version: version, Choose: r})
	if err != nil {
		return nil, err
	}
	return run.Score(t.Context(), r, "response")
}

func TestQuestionnaireIsChosen(t *testing.T) {
	t.Parallel()
	h := open(t)
	first, err := h.chosen(t, 0, response("r1", 5, 6, 7))
	if err != nil || first.GetQuestionnaireId() != "q" || first.GetQuestionnaireVersion() != 1 || first.GetCmi() != 60 {
		t.Fatalf("scored %v, %v; want 60 by version 1 of q, the only one of the tenant", first, err)
	}
	h.publish(t, 20)
	second, err := h.chosen(t, 0, response("r2", 5, 6, 7))
	if err != nil || second.GetQuestionnaireVersion() != 2 || second.GetCmi() != 30 {
		t.Fatalf("scored %v, %v; want 30 by version 2", second, err)
	}
	// The record stands, whatever would be chosen now; and naming nothing is other content than naming what is chosen.
	again, err := h.chosen(t, 0, response("r1", 5, 6, 7))
	if err != nil || !proto.Equal(again, first) {
		t.Errorf("repeated: %v, %v; want the record", again, err)
	}
	_, err = h.score(t, scores.Plan{}, response("r1", 5, 6, 7))
	wantReason(t, err, cmiv1.ErrorReason_RESPONSE_EXISTS)

	// Nor does the record need one that fits: once archived, only the built-in ones are left, which have other items.
	if _, err := h.catalog.Archive(t.Context(), tenant, &cmiv1.ArchiveQuestionnaireRequest{QuestionnaireId: "q"}); err != nil {
		t.Fatal(err)
	}
	again, err = h.chosen(t, 0, response("r1", 5, 6, 7))
	if err != nil || !proto.Equal(again, first) {
		t.Errorf("repeated after archiving: %v, %v; want the record", again, err)
	}
	_, err = h.chosen(t, 0, response("r3", 5, 6, 7))
	wantReason(t, err, cmiv1.ErrorReason_INVALID_RESPONSE)
}

func TestNothingToChooseBy(t *testing.T) {
	t.Parallel()
	h := open(t)
	anonymous := response("r1", 5, 6, 7)
	anonymous.CustomerId = ""
	_, err := h.chosen(t, 0, anonymous)
	wantReason(t, err, cmiv1.ErrorReason_INVALID_REQUEST)
	_, err = h.chosen(t, 1, response("r1", 5, 6, 7))
	wantReason(t, err, cmiv1.ErrorReason_INVALID_REQUEST)
	_, err = h.Open(t.Context(), tenant, scores.Plan{})
	wantReason(t, err, cmiv1.ErrorReason_INVALID_REQUEST)
}
