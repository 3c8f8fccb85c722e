package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

// profilesAtOnce is how many keys a search for profiles takes.
const profilesAtOnce = 64

// findProfiles looks for many customers. It is one text for all numbers of them: the last key is given again and again.
func findProfiles() string {
	return "SELECT key, body FROM customers LEFT JOIN slots ON slots.seq = profile WHERE key IN (?" +
		strings.Repeat(", ?", profilesAtOnce-1) + ")"
}

// saved is a profile as it stands in the store.
type saved struct {
	known bool   // whether there is a customer, erased or not
	slot  []byte // nil where there is none: the customer is not known, or was erased
}

func (p saved) same(other saved) bool {
	return p.known == other.known && slices.Equal(p.slot, other.slot)
}

func (p saved) profile() (store.Profile, error) {
	if p.slot == nil {
		return store.Profile{Erased: p.known}, nil
	}
	customer, err := decodeProfile(p.slot)
	return store.Profile{Customer: customer}, err
}

func decodeProfile(slot []byte) (*cmiv1.Customer, error) {
	text, err := slotText(slot)
	customer := &cmiv1.Customer{}
	if err == nil {
		err = proto.Unmarshal(text, customer)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: a kept profile cannot be read: %w", store.ErrUnavailable, err)
	}
	return customer, nil
}

// profiles reads the profiles of many customers, by their keys.
func (s *Store) profiles(ctx context.Context, keys []form.Hash) (map[form.Hash]saved, error) {
	done, err := s.use(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	found := make(map[form.Hash]saved, len(keys))
	for piece := range slices.Chunk(keys, profilesAtOnce) {
		args := make([]any, profilesAtOnce)
		for i := range args {
			args[i] = piece[min(i, len(piece)-1)][:]
		}
		err := s.reader.each(ctx, findProfiles(), args, func(rows *sql.Rows) error {
			var key, slot []byte
			if err := rows.Scan(&key, &slot); err != nil {
				return fmt.Errorf("read a profile: %w", err)
			}
			found[form.Hash(key)] = saved{known: true, slot: slot}
			return nil
		})
		if err != nil {
			return nil, unavailable(ctx, "read profiles", err)
		}
	}
	return found, nil
}

const (
	findProfile = "SELECT customers.seq, profile, body FROM customers LEFT JOIN slots ON slots.seq = profile WHERE key = ?"
	saveProfile = "UPDATE customers SET profile = ?, revision = revision + 1, due = -9223372036854775808 WHERE seq = ?"
)

// person is the row of a customer, as far as the profile goes.
type person struct {
	seq  int64
	slot sql.NullInt64 // of the profile; none when the customer was erased
	body []byte
}

// findPerson answers the row of a customer; seq is 0 where there is none.
func (w *writer) findPerson(ctx context.Context, key form.Hash) (p person, err error) {
	err = w.findProfile.QueryRowContext(ctx, key[:]).Scan(&p.seq, &p.slot, &p.body)
	if errors.Is(err, sql.ErrNoRows) {
		return person{}, nil
	}
	if err != nil {
		return person{}, fmt.Errorf("read a profile: %w", err)
	}
	return p, nil
}

// saveProfile saves a profile in the place of the one that a person has.
func (w *writer) saveProfile(ctx context.Context, tenant string, p person, profile *cmiv1.Customer, text []byte) error {
	before, err := decodeProfile(p.body)
	if err != nil {
		return err
	}
	slot, err := w.replaceSlot(ctx, p.slot.Int64, len(p.body), text)
	if err != nil {
		return err
	}
	if _, err := w.keepProfile.ExecContext(ctx, slot, p.seq); err != nil {
		return fmt.Errorf("save a profile: %w", err)
	}
	return w.relabel(ctx, tenant, p.seq, before, profile)
}
