// Package recompute is the use case of scoring recorded responses again under another version of their questionnaire: a series
// beside the recorded one, and a comparison of the two. Nothing that is recorded changes. It is a kind of operation, and knows
// neither wire nor SQL.
package recompute

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
	"github.com/customer-momentum/cmi/server/fault"
	"github.com/customer-momentum/cmi/server/operations"
	"github.com/customer-momentum/cmi/server/store"
)

// kindName is what recomputes are called in the store.
const kindName = "recompute"

// Store is what is read.
type Store interface {
	store.Slices
	Operation(ctx context.Context, tenant, id string) (store.Operation, error)
	Profiles(ctx context.Context, tenant string, ids []string) ([]*cmiv1.Customer, error)
	Doings(ctx context.Context, tenant string, asks []store.Ask) ([]store.Doings, error)
	ListRescored(ctx context.Context, tenant string, filter store.RescoredFilter, limit int) ([]store.ListedRescored, error)
}

// Questionnaires gives the version to score under.
type Questionnaires interface {
	Get(ctx context.Context, tenant string, request *cmiv1.GetQuestionnaireRequest) (*cmiv1.Questionnaire, error)
}

// Operations starts operations and finds them.
type Operations interface {
	Start(ctx context.Context, tenant string, start store.OperationStart) (op store.Operation, started bool, err error)
	Find(ctx context.Context, tenant, id string) (store.Operation, error)
	View(op store.Operation) (*operations.Operation, error)
}

// Recompute starts recomputes and lists what they made. It is safe for concurrent use.
type Recompute struct {
	store          Store
	questionnaires Questionnaires
	operations     Operations
}

// New makes the use case.
func New(from Store, questionnaires Questionnaires, on Operations) *Recompute {
	return &Recompute{store: from, questionnaires: questionnaires, operations: on}
}

// plan is what an operation is asked for, as it is kept: the request as it was sent, to know it again, and the version as it
// stood then, so that every piece is scored by the same one.
type plan struct {
	Request       []byte `json:"request"`
	Questionnaire []byte `json:"questionnaire"`
}

func (p plan) request() (*cmiv1.RecomputeScoresRequest, error) {
	request := &cmiv1.RecomputeScoresRequest{}
	if err := proto.Unmarshal(p.Request, request); err != nil {
		return nil, fmt.Errorf("read what a recompute was asked for: %w", err)
	}
	return request, nil
}

func (p plan) questionnaire() (*cmiv1.Questionnaire, error) {
	q := &cmiv1.Questionnaire{}
	if err := proto.Unmarshal(p.Questionnaire, q); err != nil {
		return nil, fmt.Errorf("read the version of a recompute: %w", err)
	}
	return q, nil
}

func planOf(op store.Operation) (p plan, err error) {
	if err := json.Unmarshal(op.Request, &p); err != nil {
		return p, fmt.Errorf("read what an operation was asked for: %w", err)
	}
	return p, nil
}

// Start starts a recompute and answers its operation, or the one that the same request started before. OPERATION_EXISTS when
// the id is that of an operation with another request.
func (r *Recompute) Start(ctx context.Context, tenant string, request *cmiv1.RecomputeScoresRequest) (*operations.Operation, error) {
	// Before anything else: what was started once is answered, whatever became of the questionnaire since.
	op, err := r.operations.Find(ctx, tenant, request.GetOperationId())
	if err == nil {
		return r.same(op, request)
	}
	if fault.ReasonOf(err) != cmiv1.ErrorReason_OPERATION_NOT_FOUND {
		return nil, err
	}
	body, err := r.prepare(ctx, tenant, request)
	if err != nil {
		return nil, err
	}
	op, started, err := r.operations.Start(ctx, tenant, store.OperationStart{ID: request.GetOperationId(), Kind: kindName, Request: body})
	if err != nil {
		return nil, err
	}
	if !started {
		return r.same(op, request)
	}
	return r.operations.View(op)
}

// prepare checks a request and takes the version as it stands.
func (r *Recompute) prepare(ctx context.Context, tenant string, request *cmiv1.RecomputeScoresRequest) ([]byte, error) {
	if _, err := cutOf(request); err != nil {
		return nil, err
	}
	q, err := r.questionnaires.Get(ctx, tenant, &cmiv1.GetQuestionnaireRequest{
		QuestionnaireId: request.GetQuestionnaireId(), Version: request.GetVersion(),
	})
	if err != nil {
		return nil, err
	}
	if _, err := scoring.Compile(q); err != nil {
		return nil, faulty(err, q)
	}
	p := plan{}
	if p.Request, err = proto.Marshal(request); err != nil {
		return nil, fmt.Errorf("keep a request: %w", err)
	}
	if p.Questionnaire, err = proto.Marshal(q); err != nil {
		return nil, fmt.Errorf("keep a version: %w", err)
	}
	return json.Marshal(p)
}

// faulty says why a version cannot be scored under.
func faulty(err error, q *cmiv1.Questionnaire) error {
	faults, ok := errors.AsType[*scoring.Faults](err)
	if !ok {
		return err
	}
	return fault.Field(cmiv1.ErrorReason_QUESTIONNAIRE_HAS_FAULTS, "version",
		"version %d of %q cannot be scored: %s", q.GetVersion(), q.GetQuestionnaireId(), faults)
}

// same answers an operation if it was started by the same request.
func (r *Recompute) same(op store.Operation, request *cmiv1.RecomputeScoresRequest) (*operations.Operation, error) {
	other := fault.Field(cmiv1.ErrorReason_OPERATION_EXISTS, "operation_id",
		"there is an operation %q that was started with another request; choose another id", op.ID)
	if op.Kind != kindName {
		return nil, other
	}
	p, err := planOf(op)
	if err != nil {
		return nil, err
	}
	before, err := p.request()
	if err != nil {
		return nil, err
	}
	if !proto.Equal(before, request) {
		return nil, other
	}
	return r.operations.View(op)
}

// cutOf is which responses a request is about.
func cutOf(request *cmiv1.RecomputeScoresRequest) (store.ResponseCut, error) {
	cut := store.ResponseCut{QuestionnaireID: request.GetQuestionnaireId()}
	if at := request.GetSubmittedFrom(); at != nil {
		if !at.IsValid() {
			return cut, notATime("submitted_from")
		}
		cut.From = at.AsTime()
	}
	if at := request.GetSubmittedBefore(); at != nil {
		if !at.IsValid() {
			return cut, notATime("submitted_before")
		}
		cut.Before = at.AsTime()
	}
	if !cut.From.IsZero() && !cut.Before.IsZero() && !cut.From.Before(cut.Before) {
		return cut, fault.Field(cmiv1.ErrorReason_INVALID_REQUEST, "submitted_before",
			"%s is not after submitted_from, %s", cut.Before.Format(time.RFC3339Nano), cut.From.Format(time.RFC3339Nano))
	}
	return cut, nil
}

func notATime(field string) error {
	return fault.Field(cmiv1.ErrorReason_INVALID_REQUEST, field, "not a time between the years 1 and 9999")
}
