package insight

import (
	"context"
	"encoding/json"
	"fmt"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/operations"
	"github.com/customer-momentum/cmi/server/store"
)

// Kind is the work of a report that is an operation: each slice is a piece.
type Kind struct {
	insight *Insight
}

// NewKind makes it.
func NewKind(i *Insight) *Kind { return &Kind{insight: i} }

// Name is what reports are called in the store.
func (*Kind) Name() string { return kindName }

// task is what a piece is about.
type task struct {
	Slice    store.CustomerSlice `json:"slice"`
	Expected int                 `json:"expected"` // of all slices together
}

// Plan cuts the customers into slices.
func (k *Kind) Plan(ctx context.Context, op store.Operation) ([]store.Piece, error) {
	r, err := k.report(ctx, op)
	if err != nil {
		return nil, err
	}
	cut, err := k.insight.store.CutCustomers(ctx, op.Tenant, r.scope().cut(), sliceSize)
	if err != nil {
		return nil, fmt.Errorf("cut the customers: %w", err)
	}
	pieces := make([]store.Piece, len(cut))
	for n, slice := range cut {
		if pieces[n].Task, err = json.Marshal(task{slice, sizeOf(cut)}); err != nil {
			return nil, fmt.Errorf("keep a piece: %w", err)
		}
		pieces[n].Units = slice.N
	}
	return pieces, nil
}

// Do reads a slice.
func (k *Kind) Do(ctx context.Context, op store.Operation, body []byte) (done operations.Done, err error) {
	var t task
	if err := json.Unmarshal(body, &t); err != nil {
		return done, fmt.Errorf("read a piece: %w", err)
	}
	r, err := k.report(ctx, op)
	if err != nil {
		return done, err
	}
	r.scope().expected = t.Expected
	came, err := k.insight.slice(ctx, r, k.insight.library(op.Tenant), t.Slice)
	if err != nil {
		return done, err
	}
	if done.Part, err = json.Marshal(came); err != nil {
		return done, fmt.Errorf("keep what a piece came to: %w", err)
	}
	return done, nil
}

// Finish adds the parts up.
func (k *Kind) Finish(ctx context.Context, op store.Operation, each func(func([]byte) error) error) (proto.Message, error) {
	r, err := k.report(ctx, op)
	if err != nil {
		return nil, err
	}
	sum := r.begin()
	err = each(func(body []byte) error {
		came := r.begin()
		if err := json.Unmarshal(body, came); err != nil {
			return fmt.Errorf("read what a piece came to: %w", err)
		}
		return sum.merge(came)
	})
	if err != nil {
		return nil, err
	}
	return r.answer(ctx, k.insight.library(op.Tenant), sum)
}

// Describe says what was asked for, with the time as of which it is.
func (*Kind) Describe(op store.Operation, into *cmiv1.OperationMetadata) error {
	request, err := requestOf(op)
	into.Request = &cmiv1.OperationMetadata_Report{Report: request}
	return err
}

func (k *Kind) report(ctx context.Context, op store.Operation) (report, error) {
	request, err := requestOf(op)
	if err != nil {
		return nil, err
	}
	return k.insight.report(ctx, op.Tenant, reportIn(request))
}

func requestOf(op store.Operation) (*cmiv1.RunReportRequest, error) {
	p, err := planOf(op)
	if err != nil {
		return nil, err
	}
	request := &cmiv1.RunReportRequest{}
	if err := proto.Unmarshal(p.Report, request); err != nil {
		return nil, fmt.Errorf("read what a report was asked for: %w", err)
	}
	return request, nil
}
