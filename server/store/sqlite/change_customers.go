package sqlite

import (
	"context"
	"errors"
	"fmt"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

// changedAtOnce bounds how many customers are changed in one transaction.
const changedAtOnce = 1000

// ChangeCustomers runs change on the caller's own goroutine, on what it reads beside the writer. The writer then saves those
// whose profiles are still the ones that were read; the others are done again. So a slow change, or one that panics, holds
// up nobody else, and of those that meet, one always gets through. What is recorded of a customer in between does not
// matter: it leaves the profile as it is.
func (s *Store) ChangeCustomers(ctx context.Context, tenant string, ids []string,
	change func(i int, have store.Profile) (save *cmiv1.Customer, err error)) (errs []error, err error) {
	ctx, span := form.Start(ctx, driver, "store.ChangeCustomers")
	defer func() { form.End(span, err) }()
	form.Count(span, "cmi.customers", len(ids))

	errs = make([]error, len(ids))
	for from := 0; from < len(ids); from += changedAtOnce {
		open := make([]*revision, 0, changedAtOnce)
		for i := from; i < min(from+changedAtOnce, len(ids)); i++ {
			open = append(open, &revision{place: i, id: ids[i], key: s.secret.Hash(form.OfCustomer, tenant, ids[i])})
		}
		for len(open) > 0 {
			if open, err = s.changeOnce(ctx, tenant, open, errs, change); err != nil {
				return nil, err
			}
		}
	}
	return errs, nil
}

// revision is a change of one customer.
type revision struct {
	place int // in what was asked for
	id    string
	key   form.Hash

	have   saved
	save   *cmiv1.Customer // a copy; nil: nothing
	text   []byte          // the same, encoded
	stands bool
}

// changeOnce tries each once, and answers those to try again.
func (s *Store) changeOnce(ctx context.Context, tenant string, open []*revision, errs []error,
	change func(int, store.Profile) (*cmiv1.Customer, error)) (again []*revision, err error) {
	if err := s.readRevisions(ctx, open); err != nil {
		return nil, err
	}
	var drafts []*revision
	for _, r := range open {
		have, err := r.have.profile()
		if err != nil {
			return nil, err
		}
		var save *cmiv1.Customer
		if save, errs[r.place] = change(r.place, have); errs[r.place] != nil || save == nil {
			continue
		}
		if err := r.encode(save); err != nil {
			return nil, err
		}
		drafts = append(drafts, r)
	}
	if len(drafts) == 0 {
		return nil, ctx.Err()
	}
	return s.saveRevisions(ctx, tenant, drafts)
}

func (s *Store) readRevisions(ctx context.Context, open []*revision) error {
	keys := make([]form.Hash, len(open))
	for i, r := range open {
		keys[i] = r.key
	}
	found, err := s.profiles(ctx, keys)
	if err != nil {
		return err
	}
	for _, r := range open {
		r.have = found[r.key]
	}
	return nil
}

func (r *revision) encode(save *cmiv1.Customer) (err error) {
	if save.GetCustomerId() != r.id {
		return errors.New("a change of one customer saves another")
	}
	if r.text, err = proto.Marshal(save); err != nil {
		return fmt.Errorf("encode a profile: %w", err)
	}
	r.save = proto.CloneOf(save)
	return nil
}

// saveRevisions writes those that still stand, and answers the others.
func (s *Store) saveRevisions(ctx context.Context, tenant string, drafts []*revision) (again []*revision, err error) {
	request := newRequest()
	request.apply = func(ctx context.Context, w *writer) error {
		for _, r := range drafts {
			if err := w.revise(ctx, tenant, r); err != nil {
				return err
			}
		}
		return nil
	}
	if err := s.writer.submit(ctx, request); err != nil {
		return nil, err
	}
	for _, r := range drafts {
		if !r.stands {
			again = append(again, r)
		}
	}
	return again, nil
}

// revise saves a profile if the customer still has the one that the change was made on.
func (w *writer) revise(ctx context.Context, tenant string, r *revision) error {
	p, err := w.findPerson(ctx, r.key)
	if err != nil {
		return err
	}
	if r.stands = r.have.same(saved{known: p.seq != 0, slot: p.body}); !r.stands {
		return nil
	}
	switch {
	case p.seq == 0:
		return w.addCustomers(ctx, []newcomer{{key: r.key, tenant: tenant, profile: r.save, text: r.text}})
	case !p.slot.Valid:
		return w.startAnew(ctx, tenant, p.seq, r.save)
	}
	return w.saveProfile(ctx, tenant, p, r.save, r.text)
}
