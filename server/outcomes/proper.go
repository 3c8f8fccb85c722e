package outcomes

import (
	"math"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
	"github.com/customer-momentum/cmi/server/fault"
)

const (
	idWords       = "%.140q is not an id: a letter or digit, then up to 127 letters, digits, dots, underscores or hyphens"
	kindWords     = "%v is not allowed; OUTCOME_RENEWED, CHURNED, REPURCHASED, PREMIUM_PAID, REFERRED, EXPANDED or RETURNED is"
	amountWords   = "%v is not an amount: a number from 0 on; leave it out where none is known"
	currencyWords = "%.20q is not a currency: three capital letters by ISO 4217, such as EUR"
	timeWords     = "not a time between the years 1 and 9999"
)

// proper answers an outcome as it is kept, its time in whole microseconds, or everything that is wrong with it. path is
// where it stands in the request.
func proper(asked *cmiv1.Outcome, path string) (*cmiv1.Outcome, error) {
	f := fault.Examine(cmiv1.ErrorReason_INVALID_OUTCOME, path)
	f.Check(scoring.ValidID(asked.GetOutcomeId()), "outcome_id", idWords, asked.GetOutcomeId())
	f.Check(scoring.ValidID(asked.GetCustomerId()), "customer_id", idWords, asked.GetCustomerId())
	_, defined := cmiv1.OutcomeKind_name[int32(asked.GetKind())]
	f.Check(defined && asked.GetKind() != 0, "kind", kindWords, asked.GetKind())
	amount, currency := asked.GetAmount(), asked.GetCurrency()
	f.Check(amount >= 0 && !math.IsInf(amount, 0), "amount", amountWords, amount)
	if asked != nil && asked.Amount != nil {
		f.Check(isCurrency(currency), "currency", currencyWords, currency)
	} else {
		f.Check(currency == "", "currency", "%.20q has no amount; give the amount too, or leave both out", currency)
	}
	at := whole(f, "occurred_at", "say when it was", asked.GetOccurredAt())
	if err := f.Refusal(); err != nil {
		return nil, err
	}
	return &cmiv1.Outcome{
		OutcomeId: asked.GetOutcomeId(), CustomerId: asked.GetCustomerId(), Kind: asked.GetKind(),
		Amount: asked.Amount, Currency: currency, OccurredAt: at,
	}, nil
}

func isCurrency(code string) bool {
	for _, letter := range []byte(code) {
		if letter < 'A' || letter > 'Z' {
			return false
		}
	}
	return len(code) == 3
}

// whole reads a time that must be given, in whole microseconds.
func whole(f *fault.Findings, field, missing string, at *timestamppb.Timestamp) *timestamppb.Timestamp {
	if at == nil {
		f.Check(false, field, "%s", missing)
		return nil
	}
	f.Check(at.IsValid(), field, timeWords)
	return timestamppb.New(at.AsTime().Truncate(time.Microsecond))
}
