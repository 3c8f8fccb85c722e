package api

import (
	"context"
	"errors"
	"io"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/customers"
	"github.com/customer-momentum/cmi/server/errs"
	"github.com/customer-momentum/cmi/server/fault"
)

// maxRefused is how many refused interactions the answer to a stream lists.
const maxRefused = 1000

// StreamInteractions records message after message and answers once, when the client has said everything and all of it is on
// disk. Whatever else ends the stream (a fault, idleness, the shutdown) is its answer: what was recorded stays, and counts
// once when it is sent again.
func (s *customerService) StreamInteractions(stream cmiv1.CustomerService_StreamInteractionsServer) error {
	ctx, sum := stream.Context(), &interactionSum{answer: &cmiv1.StreamInteractionsResponse{Errors: map[string]int32{}}}
	for {
		message, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return stream.SendAndClose(sum.answer)
		}
		if err != nil {
			return err
		}
		all := message.GetInteractions()
		if len(all) > customers.MaxInteractions {
			return fault.Field(cmiv1.ErrorReason_INVALID_REQUEST, "interactions",
				"%d interactions; a message has at most %d", len(all), customers.MaxInteractions)
		}
		recorded, err := s.customers.Record(ctx, tenant(ctx), all, "interactions")
		if err != nil {
			return err
		}
		sum.add(ctx, all, recorded)
	}
}

// interactionSum counts what a stream of interactions comes to.
type interactionSum struct {
	answer *cmiv1.StreamInteractionsResponse
}

func (s *interactionSum) add(ctx context.Context, sent []*cmiv1.Interaction, recorded []customers.Recorded) {
	before := s.answer.Interactions
	s.answer.Interactions = more(before, len(sent))
	for i, one := range recorded {
		switch {
		case one.Err != nil:
			reason := fault.ReasonOf(one.Err).String()
			s.answer.Errors[reason] = more(s.answer.Errors[reason], 1)
			if len(s.answer.Refused) < maxRefused {
				s.answer.Refused = append(s.answer.Refused, &cmiv1.RefusedInteraction{
					Index: more(before, i), InteractionId: sent[i].GetInteractionId(), Error: errs.ForCall(ctx, one.Err).Proto(),
				})
			}
		case one.Replayed:
			s.answer.Replayed = more(s.answer.Replayed, 1)
		default:
			s.answer.Recorded = more(s.answer.Recorded, 1)
		}
	}
}
