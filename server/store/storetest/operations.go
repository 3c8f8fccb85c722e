package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// operation is one write to a store.
type operation interface {
	// run writes and says what was answered, in words that are the same for every store. revisions are what the store
	// itself says.
	run(ctx context.Context, s store.Store, revisions revisions) string
	// smaller answers operations that do less.
	smaller() []operation
}

// revisions are those that customers have, and the ones that they had before the last change.
type revisions struct{ now, before map[store.Due]int64 }

// recording records responses.
type recording struct {
	Tenant  string
	Entries []givenResponse
}

type givenResponse struct {
	ID, Customer, Says string
	At                 int // microseconds after noon
	Status             cmiv1.ScoreStatus
	Bucket             cmiv1.Bucket
	CMI                float64
	HasCMI             bool
	Questionnaire      string
	Version            int32
}

func (g givenResponse) entry() store.Entry {
	return entry(g.ID, of(g.Customer), to(g.Questionnaire), at(after(g.At)), saying(g.Says), is(g.Status, g.Bucket), func(e *store.Entry) {
		e.Score.QuestionnaireVersion = g.Version
		e.Score.Cmi = nil
		if g.HasCMI {
			e.Score.Cmi = &g.CMI
		}
	})
}

func (o recording) run(ctx context.Context, s store.Store, _ revisions) string {
	var entries []store.Entry
	for _, g := range o.Entries {
		entries = append(entries, g.entry())
	}
	outcomes, err := s.Record(ctx, o.Tenant, entries)
	if err != nil {
		return inWords(err)
	}
	words := ""
	for _, outcome := range outcomes {
		words += fmt.Sprintf("\n    result %d, score %s", outcome.Result, text(outcome.Score))
	}
	return words
}

func (o recording) smaller() []operation {
	return without(o.Entries, func(entries []givenResponse) operation { return recording{o.Tenant, entries} })
}

// without answers what an operation on several things is without each of them.
func without[T any](all []T, remake func([]T) operation) []operation {
	if len(all) < 2 {
		return nil
	}
	var smaller []operation
	for i := range all {
		smaller = append(smaller, remake(slices.Delete(slices.Clone(all), i, i+1)))
	}
	return smaller
}

// voiding voids a response.
type voiding struct {
	Tenant, ID, Reason string
	At                 int // microseconds after noon
}

func (o voiding) run(ctx context.Context, s store.Store, _ revisions) string {
	k, err := s.Void(ctx, o.Tenant, o.ID, after(o.At), o.Reason)
	if err != nil {
		return inWords(err)
	}
	return keptInWords(k)
}

func (o voiding) smaller() []operation { return nil }

// interacting records interactions.
type interacting struct {
	Tenant       string
	Interactions []givenInteraction
	At           int // microseconds after noon
}

type givenInteraction struct {
	ID, Customer, Kind string
	At                 int // microseconds after noon
	Value              float64
}

func (o interacting) run(ctx context.Context, s store.Store, _ revisions) string {
	var given []*cmiv1.Interaction
	for _, g := range o.Interactions {
		given = append(given, interaction(g.ID, by(g.Customer), doing(g.Kind), when(after(g.At)),
			func(i *cmiv1.Interaction) { i.Value = &g.Value }))
	}
	results, err := s.RecordInteractions(ctx, o.Tenant, given, after(o.At))
	if err != nil {
		return inWords(err)
	}
	return fmt.Sprint("results ", results)
}

func (o interacting) smaller() []operation {
	return without(o.Interactions, func(given []givenInteraction) operation { return interacting{o.Tenant, given, o.At} })
}

// changing saves profiles.
type changing struct {
	Tenant   string
	Profiles []givenProfile
}

type givenProfile struct {
	ID                     string
	Skip, Refuse           bool // saves nothing
	Account, Country, Plan string
	FirstSeen              int // microseconds after noon; negative: not known
}

// errRefused is what a change refuses with.
var errRefused = errors.New("refused")

func (g givenProfile) change() (*cmiv1.Customer, error) {
	switch {
	case g.Refuse:
		return profile(g.ID), errRefused // an error refuses, whatever is beside it
	case g.Skip:
		return nil, nil
	}
	return profile(g.ID, func(c *cmiv1.Customer) {
		c.AccountId, c.Segments = g.Account, map[string]string{}
		if g.Country != "" {
			c.Segments["country"] = g.Country
		}
		if g.Plan != "" {
			c.Segments["plan"] = g.Plan
		}
		c.FirstSeenAt = nil
		if g.FirstSeen >= 0 {
			c.FirstSeenAt = created("", after(g.FirstSeen)).GetCreatedAt()
		}
	}), nil
}

func (o changing) run(ctx context.Context, s store.Store, _ revisions) string {
	var ids []string
	for _, g := range o.Profiles {
		ids = append(ids, g.ID)
	}
	had := make([]string, len(ids))
	refusals, err := s.ChangeCustomers(ctx, o.Tenant, ids, func(i int, have store.Profile) (*cmiv1.Customer, error) {
		had[i] = fmt.Sprintf("\n    %s erased=%t", text(have.Customer), have.Erased)
		return o.Profiles[i].change()
	})
	if err != nil {
		return inWords(err)
	}
	return fmt.Sprintf("errors %v, given %v", refusals, had)
}

func (o changing) smaller() []operation {
	return without(o.Profiles, func(given []givenProfile) operation { return changing{o.Tenant, given} })
}

// erasing erases a customer.
type erasing struct{ Tenant, ID string }

func (o erasing) run(ctx context.Context, s store.Store, _ revisions) string {
	erasure, err := s.EraseCustomer(ctx, o.Tenant, o.ID)
	if err != nil {
		return inWords(err)
	}
	return fmt.Sprintf("%+v", erasure)
}

func (o erasing) smaller() []operation { return nil }
