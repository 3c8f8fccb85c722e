package sqlite

import (
	"context"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store/form"
)

// Profiles reads profiles many at a time.
func (s *Store) Profiles(ctx context.Context, tenant string, ids []string) (all []*cmiv1.Customer, err error) {
	ctx, span := form.Start(ctx, driver, "store.Profiles")
	defer func() { form.End(span, err) }()
	form.Count(span, "cmi.customers", len(ids))

	keys := make([]form.Hash, len(ids))
	for i, id := range ids {
		keys[i] = s.secret.Hash(form.OfCustomer, tenant, id)
	}
	found, err := s.profiles(ctx, keys)
	if err != nil {
		return nil, err
	}
	all = make([]*cmiv1.Customer, len(ids))
	for i, key := range keys {
		profile, err := found[key].profile()
		if err != nil {
			return nil, err
		}
		all[i] = profile.Customer
	}
	return all, nil
}
