package form

import (
	"errors"
	"math"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// Interaction is an interaction as it is written.
type Interaction struct {
	Event
	Kind Hash
}

// NewInteraction checks and encodes an interaction.
func NewInteraction(keys *Secret, tenant string, i *cmiv1.Interaction) (Interaction, error) {
	if i.GetKind() == "" {
		return Interaction{}, errors.New("an interaction needs a kind")
	}
	e, err := newEvent(keys, OfInteraction, tenant, i.GetInteractionId(), i, "an interaction")
	return Interaction{Event: e, Kind: keys.Hash(OfKind, tenant, i.GetKind())}, err
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
