package sqlite

import (
	"context"
	"fmt"
	"math"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"

	"github.com/customer-momentum/cmi/server/store/form"
)

const (
	insertSlots     = "INSERT OR FAIL INTO slots (seq, body) VALUES %s"
	insertCustomers = `INSERT OR FAIL INTO customers (seq, key, tenant, profile, revision, due, calibrated, class, facets) VALUES %s`
	customerTuple   = "(?, ?, ?, ?, 1, -9223372036854775808, 0, ?, 0)"
	startAnew       = `UPDATE customers SET profile = ?, revision = revision + 1, due = ?, calibrated = 0, class = ?, facets = 0,
		cmi = NULL, velocity = NULL, p_value = NULL WHERE seq = ?`
)

// newcomer is a customer who is created.
type newcomer struct {
	key     form.Hash
	tenant  string
	profile *cmiv1.Customer
	text    []byte // the profile, encoded
	seq     int64
	slot    int64
}

// profile is what is known of a customer from a visit alone.
func (v *visit) profile() *cmiv1.Customer {
	return &cmiv1.Customer{CustomerId: v.id, CreatedAt: v.at}
}

// create creates the customers of distinct visits.
func (w *writer) create(ctx context.Context, visits []*visit) error {
	if len(visits) == 0 {
		return nil
	}
	all := make([]newcomer, len(visits))
	for i, v := range visits {
		n := newcomer{key: v.key, tenant: v.tenant, profile: v.profile()}
		var err error
		if n.text, err = proto.Marshal(n.profile); err != nil {
			return fmt.Errorf("encode a profile: %w", err)
		}
		all[i] = n
	}
	return w.addCustomers(ctx, all)
}

// addCustomers appends customers with their profiles, in the order in which they are given.
func (w *writer) addCustomers(ctx context.Context, all []newcomer) error {
	for i := range all {
		all[i].seq, all[i].slot = w.nextCustomer, w.nextSlot
		w.nextCustomer++
		w.nextSlot++
	}
	if err := each(w.slots, all, func(s wide, piece []newcomer) error { return addSlots(ctx, s, piece) }); err != nil {
		return err
	}
	if err := each(w.customers, all, func(s wide, piece []newcomer) error { return w.addTogether(ctx, s, piece) }); err != nil {
		return err
	}
	for _, n := range all {
		if err := w.relabel(ctx, n.tenant, n.seq, nil, n.profile); err != nil {
			return err
		}
	}
	return nil
}

func addSlots(ctx context.Context, s wide, all []newcomer) error {
	args := s.args[:0]
	for _, n := range all {
		args = append(args, n.slot, fillSlot(n.text, slotSize(len(n.text))))
	}
	if _, err := s.exec(ctx, args); err != nil {
		return fmt.Errorf("append %d slots: %w", len(all), err)
	}
	return nil
}

func (w *writer) addTogether(ctx context.Context, s wide, all []newcomer) error {
	args := s.args[:0]
	for _, n := range all {
		tenant, err := w.scopes.of(ctx, n.tenant, "")
		if err != nil {
			return err
		}
		args = append(args, n.seq, n.key[:], tenant, n.slot, tenant*form.PerScope)
	}
	if _, err := s.exec(ctx, args); err != nil {
		return fmt.Errorf("append %d customers: %w", len(all), err)
	}
	return nil
}

// startAnew gives a customer who was erased a profile again. What stood in the row before is gone since then.
func (w *writer) startAnew(ctx context.Context, tenant string, seq int64, profile *cmiv1.Customer) error {
	text, err := proto.Marshal(profile)
	if err != nil {
		return fmt.Errorf("encode a profile: %w", err)
	}
	slot, err := w.appendSlot(ctx, text)
	if err != nil {
		return err
	}
	scope, err := w.scopes.of(ctx, tenant, "")
	if err != nil {
		return err
	}
	if _, err := w.beginAnew.ExecContext(ctx, slot, int64(math.MinInt64), scope*form.PerScope, seq); err != nil {
		return fmt.Errorf("start a customer anew: %w", err)
	}
	return w.relabel(ctx, tenant, seq, nil, profile)
}
