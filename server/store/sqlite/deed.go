package sqlite

import (
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

// deed is an interaction as it is written. Like a row, it is made by the caller's goroutine.
type deed struct {
	form.Interaction
	customer *visit

	seq    int64
	result store.Result
}

func newDeed(keys *form.Secret, tenant string, i *cmiv1.Interaction, at time.Time) (*deed, error) {
	interaction, err := form.NewInteraction(keys, tenant, i)
	if err != nil {
		return nil, err
	}
	return &deed{Interaction: interaction, customer: newVisit(keys, tenant, interaction.CustomerID, timestamppb.New(at))}, nil
}
