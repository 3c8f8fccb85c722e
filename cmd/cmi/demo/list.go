package demo

import (
	"context"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// pageSize is how many customers are asked for at a time.
const pageSize = 1000

// settle waits until lists know everything that was recorded. The service itself waits a while before it answers.
func settle(ctx context.Context, client cmiv1.CustomerServiceClient) error {
	for {
		answer, err := client.ListCustomers(ctx, &cmiv1.ListCustomersRequest{PageSize: 1})
		if err != nil {
			return failed("the customers were not listed", err)
		}
		if answer.GetPending() == 0 {
			return nil
		}
	}
}

// list answers all pages.
func list(ctx context.Context, client cmiv1.CustomerServiceClient, request *cmiv1.ListCustomersRequest) ([]*cmiv1.Customer, error) {
	request.PageSize = pageSize
	var all []*cmiv1.Customer
	for {
		page, err := client.ListCustomers(ctx, request)
		if err != nil {
			return nil, failed("the customers were not listed", err)
		}
		all = append(all, page.GetCustomers()...)
		if request.PageToken = page.GetNextPageToken(); request.PageToken == "" {
			return all, nil
		}
	}
}

// whole answers all that is known of a customer.
func whole(ctx context.Context, client cmiv1.CustomerServiceClient, id string) (*cmiv1.GetCustomerResponse, error) {
	answer, err := client.GetCustomer(ctx, &cmiv1.GetCustomerRequest{CustomerId: id})
	if err != nil {
		return nil, failed("customer "+id+" was not read", err)
	}
	return answer, nil
}
