package form

import (
	"errors"
	"math"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// Outcome is an outcome as it is written.
type Outcome struct {
	Event
	Kind int64
}

// NewOutcome checks and encodes an outcome.
func NewOutcome(keys *Secret, tenant string, o *cmiv1.Outcome) (Outcome, error) {
	if o.GetKind() <= 0 {
		return Outcome{}, errors.New("an outcome needs a kind")
	}
	e, err := newEvent(keys, OfOutcome, tenant, o.GetOutcomeId(), o, "an outcome")
	return Outcome{Event: e, Kind: int64(o.GetKind())}, err
}

// DecodeOutcome reads an outcome back.
func DecodeOutcome(body []byte) (*cmiv1.Outcome, error) {
	o := &cmiv1.Outcome{}
	return o, Decode(body, o, "outcome")
}

// SameOutcome says whether two encoded outcomes with one id say the same. Encoded bytes may differ where they do: the
// encoding is not the same in all versions of the library.
func SameOutcome(a, b []byte) (bool, error) {
	one, err := DecodeOutcome(a)
	if err != nil {
		return false, err
	}
	other, err := DecodeOutcome(b)
	if err != nil {
		return false, err
	}
	return one.GetCustomerId() == other.GetCustomerId() &&
		one.GetKind() == other.GetKind() &&
		Micros(one.GetOccurredAt()) == Micros(other.GetOccurredAt()) &&
		one.GetCurrency() == other.GetCurrency() &&
		(one.Amount == nil) == (other.Amount == nil) &&
		math.Float64bits(one.GetAmount()) == math.Float64bits(other.GetAmount()), nil
}
