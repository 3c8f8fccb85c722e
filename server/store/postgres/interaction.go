package postgres

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

// deed is an interaction or an outcome as it is written.
type deed struct {
	form.Event
	customer form.Hash
	profile  []byte
	kind     int64
	result   store.Result
}

func (s *Store) newDeed(tenant string, e form.Event, kind int64, at time.Time) (*deed, error) {
	profile, err := newcomer(e.CustomerID, timestamppb.New(at))
	return &deed{Event: e, customer: s.secret.Hash(form.OfCustomer, tenant, e.CustomerID), profile: profile, kind: kind}, err
}

// RecordInteractions keeps the interactions whose ids are new.
func (s *Store) RecordInteractions(ctx context.Context, tenant string, interactions []*cmiv1.Interaction, at time.Time) (results []store.Result, err error) {
	ctx, span := form.Start(ctx, driver, "store.RecordInteractions")
	defer func() { form.End(span, err) }()

	deeds := make([]*deed, len(interactions))
	for i, interaction := range interactions {
		if deeds[i], err = s.newInteraction(ctx, tenant, interaction, at); err != nil {
			return nil, fmt.Errorf("interaction %d: %w", i, err)
		}
	}
	if results, err = s.record(ctx, interactionJournal(), tenant, deeds); err != nil {
		return nil, err
	}
	form.Tally(span, "cmi.interactions", results)
	return results, nil
}

func (s *Store) newInteraction(ctx context.Context, tenant string, i *cmiv1.Interaction, at time.Time) (*deed, error) {
	written, err := form.NewInteraction(s.secret, tenant, i)
	if err != nil {
		return nil, err
	}
	kind, err := s.numberKind(ctx, written.Kind)
	if err != nil {
		return nil, err
	}
	return s.newDeed(tenant, written.Event, kind, at)
}
