package sqlite

import (
	"errors"
	"fmt"
	"math"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// deed is an interaction as it is written. Like a row, it is made by the caller's goroutine.
type deed struct {
	key        idHash
	kind       idHash
	customer   *visit
	occurredAt int64
	body       []byte

	seq    int64
	result store.Result
}

func newDeed(keys *secret, tenant string, i *cmiv1.Interaction, at time.Time) (*deed, error) {
	switch {
	case i.GetInteractionId() == "":
		return nil, errors.New("an interaction needs an id")
	case i.GetCustomerId() == "":
		return nil, errors.New("an interaction needs the id of a customer")
	case i.GetKind() == "":
		return nil, errors.New("an interaction needs a kind")
	case i.GetOccurredAt() == nil:
		return nil, errors.New("an interaction needs the time at which it was")
	}
	body, err := proto.Marshal(i)
	if err != nil {
		return nil, fmt.Errorf("encode the interaction: %w", err)
	}
	return &deed{
		key:        keys.hash(ofInteraction, tenant, i.GetInteractionId()),
		kind:       keys.hash(ofKind, tenant, i.GetKind()),
		customer:   keys.visit(tenant, i.GetCustomerId(), timestamppb.New(at)),
		occurredAt: microsOf(i.GetOccurredAt()),
		body:       body,
	}, nil
}

// sameDeed says whether two encoded interactions with one id say the same. Encoded bytes may differ where they do: the
// encoding is not the same in all versions of the library.
func sameDeed(a, b []byte) (bool, error) {
	one, err := decodeInteraction(a)
	if err != nil {
		return false, err
	}
	other, err := decodeInteraction(b)
	if err != nil {
		return false, err
	}
	return one.GetCustomerId() == other.GetCustomerId() &&
		one.GetKind() == other.GetKind() &&
		one.GetChannel() == other.GetChannel() &&
		microsOf(one.GetOccurredAt()) == microsOf(other.GetOccurredAt()) &&
		(one.Value == nil) == (other.Value == nil) &&
		math.Float64bits(one.GetValue()) == math.Float64bits(other.GetValue()), nil
}

func decodeInteraction(body []byte) (*cmiv1.Interaction, error) {
	i := &cmiv1.Interaction{}
	if err := proto.Unmarshal(body, i); err != nil {
		return nil, fmt.Errorf("%w: a kept interaction cannot be read: %w", store.ErrUnavailable, err)
	}
	return i, nil
}
