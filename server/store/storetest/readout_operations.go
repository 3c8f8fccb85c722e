package storetest

import (
	"context"
	"slices"
	"strings"

	"github.com/customer-momentum/cmi/server/store"
)

// operations reads all that is told of a tenant's operations.
func (r *reader) operations() {
	all, err := r.s.ListOperations(r.ctx, r.tenant, store.OperationFilter{}, 100)
	r.say(err, inTurn(all, operationInWords), "ListOperations")
	for _, op := range all {
		words, err := piecesInWords(r.ctx, r.s, op)
		r.say(err, words, "pieces of %q", op.ID)
		page, err := r.s.ListRescored(r.ctx, r.tenant, store.RescoredFilter{Operation: op.Key}, 100)
		r.say(err, inTurn(page, listedRescoredInWords), "ListRescored of %q", op.ID)
	}
}

// slices reads what the slices of a questionnaire hold; where they are cut is the store's affair.
func (r *reader) slices() {
	for _, id := range append(worldQuestionnaires(), "onboarding") {
		words, err := slicesInWords(r.ctx, r.s, r.tenant, store.ResponseCut{QuestionnaireID: id}, 1+r.random.IntN(4))
		r.say(err, words, "slices of %q", id)
	}
}

// piecesInWords says what is told of pieces.
func piecesInWords(ctx context.Context, s store.Store, op store.Operation) (string, error) {
	left, err := s.MissingPieces(ctx, op.Key, 100)
	if err != nil {
		return "", err
	}
	parts, err := s.Parts(ctx, op.Key, -1, 100)
	if err != nil {
		return "", err
	}
	words := inTurn(left, func(n int) string { return "missing " + taskOf(n) }) + inTurn(partsInWords(parts), strings.Clone)
	for piece := range len(left) + len(parts) {
		task, done, err := s.PieceTask(ctx, op.Key, piece)
		if err != nil {
			return "", err
		}
		words += "\n    " + string(task)
		if done {
			words += " is done"
		}
	}
	return words, nil
}

func listedRescoredInWords(r store.ListedRescored) string {
	return text(r.Recorded) + " " + string(r.Score)
}

// slicesInWords cuts, reads, and says what it found by the ids of responses.
func slicesInWords(ctx context.Context, s store.Store, tenant string, of store.ResponseCut, size int) (string, error) {
	all, err := s.CutResponses(ctx, tenant, of, size)
	if err != nil {
		return "", err
	}
	var found []string
	for _, slice := range all {
		read, err := s.ResponsesIn(ctx, tenant, slice)
		if err != nil {
			return "", err
		}
		for _, k := range read {
			found = append(found, k.Score.GetResponseId()+" "+keptInWords(k))
		}
	}
	slices.Sort(found)
	return inTurn(found, strings.Clone), nil
}
