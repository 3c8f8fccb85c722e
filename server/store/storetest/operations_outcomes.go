package storetest

import (
	"context"
	"fmt"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// concluding records outcomes.
type concluding struct {
	Tenant   string
	Outcomes []givenOutcome
	At       int // microseconds after noon
}

type givenOutcome struct {
	ID, Customer string
	Kind         cmiv1.OutcomeKind
	At           int // microseconds after noon
	Amount       float64
}

func (o concluding) run(ctx context.Context, s store.Store, _ revisions) string {
	var given []*cmiv1.Outcome
	for _, g := range o.Outcomes {
		given = append(given, outcome(g.ID, whose(g.Customer), coming(g.Kind), dated(after(g.At)), worth(g.Amount)))
	}
	results, err := s.RecordOutcomes(ctx, o.Tenant, given, after(o.At))
	if err != nil {
		return inWords(err)
	}
	return fmt.Sprint("results ", results)
}

func (o concluding) smaller() []operation {
	return without(o.Outcomes, func(given []givenOutcome) operation { return concluding{o.Tenant, given, o.At} })
}

// inviting records invitations.
type inviting struct {
	Tenant      string
	Invitations []givenInvitations
}

type givenInvitations struct {
	Questionnaire string
	From, To      int // microseconds after noon
	Count         int32
}

func (o inviting) run(ctx context.Context, s store.Store, _ revisions) string {
	var given []*cmiv1.Invitations
	for _, g := range o.Invitations {
		given = append(given, invited(g.Questionnaire, g.From, g.To, g.Count))
	}
	changed, err := s.RecordInvitations(ctx, o.Tenant, given)
	if err != nil {
		return inWords(err)
	}
	return fmt.Sprint("changed ", changed)
}

func (o inviting) smaller() []operation {
	return without(o.Invitations, func(given []givenInvitations) operation { return inviting{o.Tenant, given} })
}
