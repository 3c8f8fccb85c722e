package form

import (
	"errors"
	"fmt"
	"math"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// Interaction is an interaction as it is written.
type Interaction struct {
	Key        Hash
	Kind       Hash
	CustomerID string
	OccurredAt int64 // microseconds since 1970
	Body       []byte
}

// NewInteraction checks and encodes an interaction.
func NewInteraction(keys *Secret, tenant string, i *cmiv1.Interaction) (Interaction, error) {
	switch {
	case i.GetInteractionId() == "":
		return Interaction{}, errors.New("an interaction needs an id")
	case i.GetCustomerId() == "":
		return Interaction{}, errors.New("an interaction needs the id of a customer")
	case i.GetKind() == "":
		return Interaction{}, errors.New("an interaction needs a kind")
	case i.GetOccurredAt() == nil:
		return Interaction{}, errors.New("an interaction needs the time at which it was")
	}
	body, err := proto.Marshal(i)
	if err != nil {
		return Interaction{}, fmt.Errorf("encode the interaction: %w", err)
	}
	return Interaction{
		Key:        keys.Hash(OfInteraction, tenant, i.GetInteractionId()),
		Kind:       keys.Hash(OfKind, tenant, i.GetKind()),
		CustomerID: i.GetCustomerId(),
		OccurredAt: Micros(i.GetOccurredAt()),
		Body:       body,
	}, nil
}

// DecodeInteraction reads an interaction back.
func DecodeInteraction(body []byte) (*cmiv1.Interaction, error) {
	i := &cmiv1.Interaction{}
	return i, Decode(body, i, "interaction")
}

// SameInteraction says whether two encoded interactions with one id say the same. Encoded bytes may differ where they do:
// the encoding is not the same in all versions of the library.
func SameInteraction(a, b []byte) (bool, error) {
	one, err := DecodeInteraction(a)
	if err != nil {
		return false, err
	}
	other, err := DecodeInteraction(b)
	if err != nil {
		return false, err
	}
	return one.GetCustomerId() == other.GetCustomerId() &&
		one.GetKind() == other.GetKind() &&
		one.GetChannel() == other.GetChannel() &&
		Micros(one.GetOccurredAt()) == Micros(other.GetOccurredAt()) &&
		(one.Value == nil) == (other.Value == nil) &&
		math.Float64bits(one.GetValue()) == math.Float64bits(other.GetValue()), nil
}
