package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store/form"
)

// Profiles reads the profiles of many customers in one statement.
func (s *Store) Profiles(ctx context.Context, tenant string, ids []string) (profiles []*cmiv1.Customer, err error) {
	ctx, span := form.Start(ctx, driver, "store.Profiles")
	defer func() { form.End(span, err) }()
	form.Count(span, "cmi.customers", len(ids))

	keys := uuids(ids, func(id string) form.Hash { return s.secret.Hash(form.OfCustomer, tenant, id) })
	err = s.ask(ctx, "read profiles", func(ctx context.Context, c conn) error {
		profiles = make([]*cmiv1.Customer, len(ids))
		rows, err := c.Query(ctx, findProfiles, keys)
		if err != nil {
			return err
		}
		var place, revision int64
		var body []byte
		_, err = pgx.ForEachRow(rows, []any{&place, &revision, &body}, func() error {
			profiles[place-1] = &cmiv1.Customer{}
			return form.Decode(body, profiles[place-1], "profile")
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	return profiles, nil
}
