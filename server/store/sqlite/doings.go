package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

const (
	findOnlyProfile = "SELECT body FROM customers JOIN slots ON slots.seq = profile WHERE key = ?"
	walkDeeds       = `SELECT occurred_at, kind FROM interactions INDEXED BY interactions_by_customer
		WHERE customer = ? AND occurred_at > ? AND occurred_at <= ? ORDER BY occurred_at`
	findFirstDeed = `SELECT occurred_at FROM interactions INDEXED BY interactions_by_customer
		WHERE customer = ? AND occurred_at <= ? ORDER BY occurred_at LIMIT 1`
	findAnyDeed = `SELECT 1 FROM interactions INDEXED BY interactions_by_kind
		WHERE kind = ? AND occurred_at > ? AND occurred_at <= ? LIMIT 1`
)

// Doings answers what customers did, all of it from one snapshot.
func (s *Store) Doings(ctx context.Context, tenant string, asks []store.Ask) (all []store.Doings, err error) {
	ctx, span := form.Start(ctx, driver, "store.Doings")
	defer func() { form.End(span, err) }()
	form.Count(span, "cmi.asks", len(asks))

	all = make([]store.Doings, len(asks))
	err = s.look(ctx, "read interactions", func(v *view) error {
		for i, ask := range asks {
			if all[i], err = v.doings(ctx, s.secret, tenant, ask); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

func (v *view) doings(ctx context.Context, keys *form.Secret, tenant string, ask store.Ask) (d store.Doings, err error) {
	kinds := make([]int64, len(ask.Kinds))
	for i, name := range ask.Kinds {
		if kinds[i], err = v.kind(ctx, keys.Hash(form.OfKind, tenant, name)); err != nil {
			return d, err
		}
	}
	customer := keys.Hash(form.OfCustomer, tenant, ask.CustomerID)
	if d.FirstSeen, err = v.firstSeen(ctx, customer); err != nil {
		return d, err
	}
	if d.FirstInteraction, err = v.firstDeed(ctx, customer, ask.UpTo); err != nil {
		return d, err
	}
	if d.FirstInteraction != nil {
		if d.Events, err = v.events(ctx, customer, kinds, ask); err != nil {
			return d, err
		}
	}
	d.Recorded, err = v.recorded(ctx, kinds, ask, d.Events)
	return d, err
}

func (v *view) firstSeen(ctx context.Context, customer form.Hash) (*int64, error) {
	var slot []byte
	err := v.row(ctx, v.reader.findOnlyProfile, customer[:]).Scan(&slot)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read a profile: %w", err)
	}
	profile, err := decodeProfile(slot)
	if err != nil || profile.GetFirstSeenAt() == nil {
		return nil, err
	}
	at := form.Micros(profile.GetFirstSeenAt())
	return &at, nil
}

func (v *view) firstDeed(ctx context.Context, customer form.Hash, upTo int64) (*int64, error) {
	var at int64
	err := v.row(ctx, v.reader.findFirstDeed, customer[:], upTo).Scan(&at)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("find the first interaction: %w", err)
	}
	return &at, nil
}

// events walks the window once, whatever the number of kinds, and passes over the other ones.
func (v *view) events(ctx context.Context, customer form.Hash, kinds []int64, ask store.Ask) (events []store.Doing, err error) {
	err = v.each(ctx, v.reader.walkDeeds, []any{customer[:], ask.After, ask.UpTo}, func(rows *sql.Rows) (bool, error) {
		var at, kind int64
		if err := rows.Scan(&at, &kind); err != nil {
			return false, fmt.Errorf("read an interaction: %w", err)
		}
		if place := slices.Index(kinds, kind); place >= 0 {
			events = append(events, store.Doing{At: at, Kind: place})
		}
		return true, nil
	})
	return events, err
}

// recorded says whether anyone did anything of the kinds in the window: one probe for each, until one hits.
func (v *view) recorded(ctx context.Context, kinds []int64, ask store.Ask, events []store.Doing) (bool, error) {
	if len(events) > 0 {
		return true, nil
	}
	for _, kind := range kinds {
		if kind == 0 {
			continue
		}
		var one int
		err := v.row(ctx, v.reader.findAnyDeed, kind, ask.After, ask.UpTo).Scan(&one)
		if err == nil {
			return true, nil
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return false, fmt.Errorf("look for interactions of a kind: %w", err)
		}
	}
	return false, nil
}
