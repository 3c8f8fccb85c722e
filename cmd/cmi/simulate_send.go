package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"

	"github.com/customer-momentum/cmi/examples/population"
)

const (
	// customersSent is how many profiles, interactionsSent how many interactions, responsesSent how many responses go into one
	// message.
	customersSent, interactionsSent, responsesSent = 500, 1000, 200
	// chunksInFlight is how many chunks of responses may be sent and not yet answered.
	chunksInFlight = 16
)

// receiver is a service that receives a population.
type receiver struct {
	conn    grpc.ClientConnInterface
	address string
	timeout time.Duration
	plan    population.Plan
	shown   *simulateBar
}

// receive sends everything, in the order in which it is needed: behaviour is measured when a response is scored, so
// interactions go before responses.
func (r *receiver) receive(ctx context.Context) (*arrival, error) {
	defer r.shown.end()
	came := &arrival{}
	for _, step := range []struct {
		what string
		send func(context.Context, *arrival) error
	}{
		{"questionnaire", r.publish}, {"profiles", r.sendCustomers}, {"interactions", r.sendInteractions}, {"responses", r.sendResponses},
	} {
		r.shown.begin(step.what)
		if err := step.send(ctx, came); err != nil {
			return nil, r.stopped(ctx, err, step.what)
		}
	}
	return came, nil
}

// stopped says why sending stopped, and how it goes on.
func (r *receiver) stopped(ctx context.Context, err error, what string) error {
	if ctx.Err() != nil {
		return fmt.Errorf("interrupted while sending the %s; the same command sends the rest", what)
	}
	if _, ok := status.FromError(err); !ok {
		return err
	}
	return fmt.Errorf("%w (while sending the %s; the same command sends the rest)", failed(err, r.address), what)
}

// call makes a single call within the time allowed.
func call[In, Out any](ctx context.Context, r *receiver, in In, method func(context.Context, In, ...grpc.CallOption) (Out, error)) (Out, error) {
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	return method(ctx, in)
}

// publish sees to it that the questionnaire is published: it may be there from an earlier run, as a draft if that was
// interrupted.
func (r *receiver) publish(ctx context.Context, came *arrival) error {
	client, wanted := cmiv1.NewQuestionnaireServiceClient(r.conn), r.plan.Questionnaire()
	id := wanted.GetQuestionnaireId()
	there, err := call(ctx, r, &cmiv1.GetQuestionnaireRequest{QuestionnaireId: id}, client.GetQuestionnaire)
	if err == nil {
		came.questionnaire = there.GetQuestionnaire()
		return r.same(came.questionnaire, wanted)
	}
	if status.Code(err) != codes.NotFound {
		return err
	}
	_, err = call(ctx, r, &cmiv1.CreateQuestionnaireRequest{Questionnaire: wanted}, client.CreateQuestionnaire)
	if status.Code(err) == codes.AlreadyExists {
		there, err = call(ctx, r, &cmiv1.GetQuestionnaireRequest{QuestionnaireId: id, Version: 1}, client.GetQuestionnaire)
		if err == nil {
			err = r.same(there.GetQuestionnaire(), wanted)
		}
	}
	if err != nil {
		return err
	}
	published, err := call(ctx, r, &cmiv1.PublishQuestionnaireRequest{QuestionnaireId: id}, client.PublishQuestionnaire)
	came.questionnaire, came.published = published.GetQuestionnaire(), true
	return err
}

// same refuses a questionnaire that asks something else than the simulated customers answer.
func (r *receiver) same(there, wanted *cmiv1.Questionnaire) error {
	asked := proto.CloneOf(there)
	asked.Version, asked.Etag, asked.State = 0, "", cmiv1.State_STATE_UNSPECIFIED
	asked.CreatedAt, asked.UpdatedAt, asked.PublishedAt, asked.ArchivedAt = nil, nil, nil, nil
	if !proto.Equal(asked, wanted) {
		return fmt.Errorf("the service at %s has another questionnaire of the id %q; use another tenant, or another --model",
			r.address, wanted.GetQuestionnaireId())
	}
	return nil
}

// sendCustomers saves the profiles.
func (r *receiver) sendCustomers(ctx context.Context, came *arrival) error {
	client := cmiv1.NewCustomerServiceClient(r.conn)
	one := func(i int) []*cmiv1.Customer { return []*cmiv1.Customer{r.plan.Profile(i)} }
	return inParcels(r.plan.Customers, customersSent, one, func(parcel []*cmiv1.Customer, done int) error {
		answer, err := call(ctx, r, &cmiv1.BatchPutCustomersRequest{Customers: parcel}, client.BatchPutCustomers)
		if err != nil {
			return err
		}
		for _, result := range answer.GetResults() {
			switch {
			case result.GetError() != nil:
				came.refuse("customers", reason(result.GetError()), 1, result.GetError().GetMessage())
				continue
			case result.GetCreated():
				came.created++
			}
			came.customers++
		}
		r.shown.reach(done)
		return nil
	})
}

// sendInteractions streams what the customers do.
func (r *receiver) sendInteractions(ctx context.Context, came *arrival) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := cmiv1.NewCustomerServiceClient(r.conn).StreamInteractions(ctx)
	if err != nil {
		return err
	}
	err = inParcels(r.plan.Customers, interactionsSent, r.plan.Interactions, func(parcel []*cmiv1.Interaction, done int) error {
		r.shown.reach(done)
		return stream.Send(&cmiv1.StreamInteractionsRequest{Interactions: parcel})
	})
	if err != nil && !errors.Is(err, io.EOF) { // io.EOF: the service ended the stream, and says why with its answer
		return err
	}
	came.interactions, err = stream.CloseAndRecv()
	if err != nil {
		return err
	}
	said := ""
	for _, refused := range came.interactions.GetRefused() {
		said = refused.GetError().GetMessage()
		break
	}
	for name, n := range came.interactions.GetErrors() {
		came.refuse("interactions", name, int(n), said)
	}
	return nil
}

// inParcels gathers what the customers have into parcels of a size and hands each over, with how many customers are done.
func inParcels[T any](customers, size int, of func(customer int) []T, send func(parcel []T, done int) error) error {
	parcel := make([]T, 0, size)
	for i := range customers {
		for _, x := range of(i) {
			if parcel = append(parcel, x); len(parcel) < size {
				continue
			}
			if err := send(parcel, i+1); err != nil {
				return err
			}
			parcel = make([]T, 0, size)
		}
	}
	if len(parcel) == 0 {
		return nil
	}
	return send(parcel, customers)
}

// reason is the name of why something was refused.
func reason(s *spb.Status) string {
	for _, detail := range status.FromProto(s).Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok {
			return info.GetReason()
		}
	}
	return codes.Code(s.GetCode()).String()
}
