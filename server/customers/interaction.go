package customers

import (
	"math"
	"unicode/utf8"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
	"github.com/customer-momentum/cmi/server/fault"
)

// maxKind is how many characters the kind of an interaction may have.
const maxKind = 100

// idWords says to people what an id is.
const idWords = "%.140q is not an id: a letter or digit, then up to 127 letters, digits, dots, underscores or hyphens"

// proper answers an interaction as it is kept, its time in whole microseconds, or everything that is wrong with it. path is
// where it stands in the request.
func proper(asked *cmiv1.Interaction, path string) (*cmiv1.Interaction, error) {
	v := fault.Examine(cmiv1.ErrorReason_INVALID_INTERACTION, path)
	v.Check(scoring.ValidID(asked.GetInteractionId()), "interaction_id", idWords, asked.GetInteractionId())
	v.Check(scoring.ValidID(asked.GetCustomerId()), "customer_id", idWords, asked.GetCustomerId())
	kind := asked.GetKind()
	length := utf8.RuneCountInString(kind)
	v.Check(length >= 1 && length <= maxKind, "kind", "has %d characters; 1 to %d are allowed", length, maxKind)
	v.Check(plain(kind), "kind", "must be valid UTF-8 without U+0000")
	_, known := cmiv1.Channel_name[int32(asked.GetChannel())]
	v.Check(known, "channel", "%d is not a channel", asked.GetChannel())
	v.Check(asked.GetOccurredAt() != nil, "occurred_at", "say when it was")
	at, err := whole("occurred_at", asked.GetOccurredAt())
	v.Check(err == nil, "occurred_at", "not a time between the years 1 and 9999")
	value := asked.GetValue()
	v.Check(!math.IsNaN(value) && !math.IsInf(value, 0), "value", "%v is not a number that can be kept", value)
	if err := v.Refusal(); err != nil {
		return nil, err
	}
	return &cmiv1.Interaction{
		InteractionId: asked.GetInteractionId(), CustomerId: asked.GetCustomerId(), Kind: kind,
		Channel: asked.GetChannel(), OccurredAt: at, Value: asked.Value,
	}, nil
}
