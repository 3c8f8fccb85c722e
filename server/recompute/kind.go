package recompute

import (
	"context"
	"encoding/json"
	"fmt"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/operations"
	"github.com/customer-momentum/cmi/server/store"
)

// pieceSize is how many responses are scored again at once: a second of work or less, most of it the store's.
const pieceSize = 2000

// Kind is the work of a recompute.
type Kind struct {
	store Store
}

// NewKind makes it.
func NewKind(from Store) *Kind { return &Kind{store: from} }

// Name is what recomputes are called in the store.
func (*Kind) Name() string { return kindName }

// Plan cuts the responses of the period into slices, as they are now: what is recorded later is in none of them.
func (k *Kind) Plan(ctx context.Context, op store.Operation) ([]store.Piece, error) {
	p, err := planOf(op)
	if err != nil {
		return nil, err
	}
	request, err := p.request()
	if err != nil {
		return nil, err
	}
	cut, err := cutOf(request)
	if err != nil {
		return nil, err
	}
	slices, err := k.store.CutResponses(ctx, op.Tenant, cut, pieceSize)
	if err != nil {
		return nil, fmt.Errorf("cut the responses: %w", err)
	}
	pieces := make([]store.Piece, len(slices))
	for i, slice := range slices {
		if pieces[i].Task, err = json.Marshal(slice); err != nil {
			return nil, err
		}
		pieces[i].Units = slice.N
	}
	return pieces, nil
}

// Do scores the responses of a slice again.
func (k *Kind) Do(ctx context.Context, op store.Operation, task []byte) (operations.Done, error) {
	var slice store.ResponseSlice
	if err := json.Unmarshal(task, &slice); err != nil {
		return operations.Done{}, fmt.Errorf("read a piece: %w", err)
	}
	again, err := newPiece(k.store, op)
	if err != nil {
		return operations.Done{}, err
	}
	return again.score(ctx, slice)
}

// Finish adds the parts up.
func (*Kind) Finish(_ context.Context, op store.Operation, each func(func([]byte) error) error) (proto.Message, error) {
	p, err := planOf(op)
	if err != nil {
		return nil, err
	}
	request, err := p.request()
	if err != nil {
		return nil, err
	}
	q, err := p.questionnaire()
	if err != nil {
		return nil, err
	}
	sum := newTotals(request.GetGroupBy())
	if err := each(sum.add); err != nil {
		return nil, err
	}
	return &cmiv1.RecomputeScoresResponse{
		QuestionnaireId: q.GetQuestionnaireId(), Version: q.GetVersion(), Overall: sum.overall.comparison(), Groups: sum.groupsInOrder(),
	}, nil
}

// Describe says what was asked for, with the version that is used.
func (*Kind) Describe(op store.Operation, into *cmiv1.OperationMetadata) error {
	p, err := planOf(op)
	if err != nil {
		return err
	}
	request, err := p.request()
	if err != nil {
		return err
	}
	q, err := p.questionnaire()
	if err != nil {
		return err
	}
	request.Version = q.GetVersion()
	into.Request = &cmiv1.OperationMetadata_Recompute{Recompute: request}
	return nil
}
