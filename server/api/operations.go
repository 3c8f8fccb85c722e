package api

import (
	"context"
	"strings"

	"cloud.google.com/go/longrunning/autogen/longrunningpb"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/emptypb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
	"github.com/customer-momentum/cmi/server/errs"
	"github.com/customer-momentum/cmi/server/fault"
	"github.com/customer-momentum/cmi/server/operations"
	"github.com/customer-momentum/cmi/server/page"
	"github.com/customer-momentum/cmi/server/store"
)

// operationsService is google.longrunning.Operations. Its messages carry no rules, so what they ask for is checked here.
type operationsService struct {
	longrunningpb.UnimplementedOperationsServer
	operations *operations.Operations
}

// collection is what the names of operations start with.
const collection = "operations"

// maxOperations is the largest page of operations.
const maxOperations = 1000

func (s *operationsService) GetOperation(ctx context.Context, r *longrunningpb.GetOperationRequest) (*longrunningpb.Operation, error) {
	id, err := operationID(r.GetName())
	if err != nil {
		return nil, err
	}
	view, err := s.operations.Get(ctx, tenant(ctx), id)
	return operationToWire(view, err)
}

func (s *operationsService) WaitOperation(ctx context.Context, r *longrunningpb.WaitOperationRequest) (*longrunningpb.Operation, error) {
	id, err := operationID(r.GetName())
	if err != nil {
		return nil, err
	}
	if t := r.GetTimeout(); t != nil && (!t.IsValid() || t.AsDuration() < 0) {
		return nil, fault.Field(cmiv1.ErrorReason_INVALID_REQUEST, "timeout", "%v is not a time of 0 or more", t.AsDuration())
	}
	view, err := s.operations.Wait(ctx, tenant(ctx), id, r.GetTimeout().AsDuration())
	return operationToWire(view, err)
}

func (s *operationsService) ListOperations(ctx context.Context, r *longrunningpb.ListOperationsRequest) (*longrunningpb.ListOperationsResponse, error) {
	filter, err := operationFilter(r)
	if err != nil {
		return nil, err
	}
	if _, err := page.Resume(r, &filter.After); err != nil {
		return nil, err
	}
	views, next, err := s.operations.List(ctx, tenant(ctx), filter, page.Size(r))
	if err != nil {
		return nil, err
	}
	answer := &longrunningpb.ListOperationsResponse{}
	for _, view := range views {
		one, err := operationToWire(view, nil)
		if err != nil {
			return nil, err
		}
		answer.Operations = append(answer.Operations, one)
	}
	if next != 0 {
		answer.NextPageToken, err = page.Next(r, next)
	}
	return answer, err
}

func (s *operationsService) CancelOperation(ctx context.Context, r *longrunningpb.CancelOperationRequest) (*emptypb.Empty, error) {
	id, err := operationID(r.GetName())
	if err == nil {
		err = s.operations.Cancel(ctx, tenant(ctx), id)
	}
	return &emptypb.Empty{}, err
}

func (s *operationsService) DeleteOperation(ctx context.Context, r *longrunningpb.DeleteOperationRequest) (*emptypb.Empty, error) {
	id, err := operationID(r.GetName())
	if err == nil {
		err = s.operations.Delete(ctx, tenant(ctx), id)
	}
	return &emptypb.Empty{}, err
}

// operationID takes the id out of a name.
func operationID(name string) (string, error) {
	id, ok := strings.CutPrefix(name, collection+"/")
	if !ok || !scoring.ValidID(id) {
		return "", fault.Field(cmiv1.ErrorReason_INVALID_REQUEST, "name", "%.140q is not the name of an operation, operations/ID", name)
	}
	return id, nil
}

// operationFilter reads what a list asks for.
func operationFilter(r *longrunningpb.ListOperationsRequest) (filter store.OperationFilter, err error) {
	if name := r.GetName(); name != "" && name != collection {
		return filter, fault.Field(cmiv1.ErrorReason_INVALID_REQUEST, "name", "%.140q is not a collection of operations; %q is", name, collection)
	}
	if n := r.GetPageSize(); n < 0 || n > maxOperations {
		return filter, fault.Field(cmiv1.ErrorReason_INVALID_REQUEST, "page_size", "%d is not between 0 and %d", n, maxOperations)
	}
	switch strings.ReplaceAll(r.GetFilter(), " ", "") {
	case "":
	case "done=true":
		filter.Ended = new(true)
	case "done=false":
		filter.Ended = new(false)
	default:
		return filter, fault.Field(cmiv1.ErrorReason_INVALID_REQUEST, "filter", "%.140q is not a filter; %q and %q are",
			r.GetFilter(), "done = true", "done = false")
	}
	return filter, nil
}

// operationToWire puts an operation into the form of google.longrunning.
func operationToWire(view *operations.Operation, err error) (*longrunningpb.Operation, error) {
	if err != nil {
		return nil, err
	}
	wire := &longrunningpb.Operation{Name: collection + "/" + view.ID, Done: view.Ended}
	if wire.Metadata, err = anypb.New(view.Metadata); err != nil {
		return nil, err
	}
	switch {
	case view.Failure != nil:
		wire.Result = &longrunningpb.Operation_Error{Error: errs.Status(view.Failure).Proto()}
	case view.Response != nil:
		wire.Result = &longrunningpb.Operation_Response{Response: view.Response}
	}
	return wire, nil
}
