package form

import (
	"fmt"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// Event is what an interaction and an outcome have in common, as it is written: something of one customer, at one time.
type Event struct {
	Key        Hash
	CustomerID string
	OccurredAt int64 // microseconds since 1970
	Body       []byte
}

// event is what messages of events have in common.
type event interface {
	proto.Message
	GetCustomerId() string
	GetOccurredAt() *timestamppb.Timestamp
}

// newEvent checks and encodes an event. what is it in words, such as "an interaction".
func newEvent(keys *Secret, of Kind, tenant, id string, e event, what string) (Event, error) {
	switch {
	case id == "":
		return Event{}, fmt.Errorf("%s needs an id", what)
	case e.GetCustomerId() == "":
		return Event{}, fmt.Errorf("%s needs the id of a customer", what)
	case e.GetOccurredAt() == nil:
		return Event{}, fmt.Errorf("%s needs the time at which it was", what)
	}
	body, err := proto.Marshal(e)
	if err != nil {
		return Event{}, fmt.Errorf("encode %s: %w", what, err)
	}
	return Event{
		Key: keys.Hash(of, tenant, id), CustomerID: e.GetCustomerId(), OccurredAt: Micros(e.GetOccurredAt()), Body: body,
	}, nil
}
