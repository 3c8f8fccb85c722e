package sqlite

import (
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

// deed is an interaction or an outcome as it is written. Like a row, it is made by the caller's goroutine.
type deed struct {
	form.Event
	customer *visit
	kind     form.Hash // of an interaction
	outcome  int64     // the kind of an outcome

	seq    int64
	result store.Result
}

func newDeed(keys *form.Secret, tenant string, i *cmiv1.Interaction, at time.Time) (*deed, error) {
	written, err := form.NewInteraction(keys, tenant, i)
	if err != nil {
		return nil, err
	}
	return &deed{Event: written.Event, kind: written.Kind, customer: newVisit(keys, tenant, written.CustomerID, timestamppb.New(at))}, nil
}

func newOutcome(keys *form.Secret, tenant string, o *cmiv1.Outcome, at time.Time) (*deed, error) {
	written, err := form.NewOutcome(keys, tenant, o)
	if err != nil {
		return nil, err
	}
	return &deed{Event: written.Event, outcome: written.Kind, customer: newVisit(keys, tenant, written.CustomerID, timestamppb.New(at))}, nil
}

// resultsOf says what became of deeds.
func resultsOf(deeds []*deed) []store.Result {
	results := make([]store.Result, len(deeds))
	for i, d := range deeds {
		results[i] = d.result
	}
	return results
}
