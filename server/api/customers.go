package api

import (
	"context"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/customers"
	"github.com/customer-momentum/cmi/server/errs"
)

type customerService struct {
	cmiv1.UnimplementedCustomerServiceServer
	customers *customers.Customers
}

func (s *customerService) PutCustomer(ctx context.Context, r *cmiv1.PutCustomerRequest) (*cmiv1.PutCustomerResponse, error) {
	return s.customers.Put(ctx, tenant(ctx), r)
}

func (s *customerService) BatchPutCustomers(ctx context.Context, r *cmiv1.BatchPutCustomersRequest) (*cmiv1.BatchPutCustomersResponse, error) {
	saved, err := s.customers.BatchPut(ctx, tenant(ctx), r)
	if err != nil {
		return nil, err
	}
	answer := &cmiv1.BatchPutCustomersResponse{Results: make([]*cmiv1.PutCustomerResult, len(saved))}
	for i, one := range saved {
		result := &cmiv1.PutCustomerResult{CustomerId: r.GetCustomers()[i].GetCustomerId(), Created: one.Created}
		if one.Err != nil {
			result.Result = &cmiv1.PutCustomerResult_Error{Error: errs.ForCall(ctx, one.Err).Proto()}
		} else {
			result.Result = &cmiv1.PutCustomerResult_Customer{Customer: one.Customer}
		}
		answer.Results[i] = result
	}
	return answer, nil
}

func (s *customerService) GetCustomer(ctx context.Context, r *cmiv1.GetCustomerRequest) (*cmiv1.GetCustomerResponse, error) {
	return s.customers.Get(ctx, tenant(ctx), r)
}

func (s *customerService) ListCustomers(ctx context.Context, r *cmiv1.ListCustomersRequest) (*cmiv1.ListCustomersResponse, error) {
	return s.customers.List(ctx, tenant(ctx), r)
}

func (s *customerService) DeleteCustomer(ctx context.Context, r *cmiv1.DeleteCustomerRequest) (*cmiv1.DeleteCustomerResponse, error) {
	return s.customers.Delete(ctx, tenant(ctx), r.GetCustomerId())
}

func (s *customerService) RecordInteractions(ctx context.Context, r *cmiv1.RecordInteractionsRequest) (*cmiv1.RecordInteractionsResponse, error) {
	recorded, err := s.customers.RecordBatch(ctx, tenant(ctx), r)
	if err != nil {
		return nil, err
	}
	answer := &cmiv1.RecordInteractionsResponse{Results: make([]*cmiv1.InteractionResult, len(recorded))}
	for i, one := range recorded {
		answer.Results[i] = &cmiv1.InteractionResult{
			InteractionId: r.GetInteractions()[i].GetInteractionId(), Replayed: one.Replayed, Error: errs.ForCall(ctx, one.Err).Proto(),
		}
	}
	return answer, nil
}

func (s *customerService) ListInteractions(ctx context.Context, r *cmiv1.ListInteractionsRequest) (*cmiv1.ListInteractionsResponse, error) {
	return s.customers.ListInteractions(ctx, tenant(ctx), r)
}

func (s *customerService) GetTrajectory(ctx context.Context, r *cmiv1.GetTrajectoryRequest) (*cmiv1.GetTrajectoryResponse, error) {
	trajectory, err := s.customers.Trajectory(ctx, tenant(ctx), r)
	if err != nil {
		return nil, err
	}
	return &cmiv1.GetTrajectoryResponse{Trajectory: trajectory}, nil
}
