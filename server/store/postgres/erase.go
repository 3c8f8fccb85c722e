package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

const (
	// shareErasures lets erasures of a tenant run beside one another, but not beside who keeps what was scored again.
	shareErasures  = "SELECT pg_advisory_xact_lock_shared" + tenantLock
	eraseRescored  = "DELETE FROM rescored WHERE response IN (SELECT seq FROM responses WHERE customer = $1)"
	eraseResponses = `UPDATE responses SET customer = NULL, tenant_class = 0, questionnaire_class = 0, version = 0, submitted_at = 0,
		cmi = NULL, digest = NULL, voided_at = NULL, void_reason = NULL, content = '', score = '', response = '' WHERE customer = $1`
	eraseInteractions = "UPDATE interactions SET customer = NULL, kind = 0, occurred_at = 0, body = '' WHERE customer = $1"
	eraseOutcomes     = "UPDATE outcomes SET customer = NULL, tenant = 0, kind = 0, occurred_at = 0, body = '' WHERE customer = $1"
	eraseCustomer     = "UPDATE customers SET erased = true, revision = revision + 1, due = 9223372036854775807, calibrated = false WHERE seq = $1"
	dropProfile       = "DELETE FROM profiles WHERE customer = $1"
	dropStanding      = "DELETE FROM standings WHERE customer = $1"
)

// EraseCustomer erases all that is kept of a customer in one transaction: whoever reads sees all of it or nothing. What the
// database had of the customer before is gone from its files when it has vacuumed the tables and let go of its log, which
// is the affair of those who run it: docs/operations.md says how.
func (s *Store) EraseCustomer(ctx context.Context, tenant, id string) (erasure store.Erasure, err error) {
	ctx, span := form.Start(ctx, driver, "store.EraseCustomer")
	defer func() { form.End(span, err) }()

	key := s.secret.Hash(form.OfCustomer, tenant, id)
	err = s.change(ctx, "erase a customer", func(ctx context.Context, c conn) error {
		if _, err := c.Exec(ctx, shareErasures, tenant); err != nil {
			return err
		}
		people, err := lockThem(ctx, c, lockCustomers, []pgtype.UUID{uuid(key)})
		if err != nil {
			return err
		}
		p := people[key]
		if p == nil || p.erased {
			return store.ErrNotFound
		}
		profile, err := p.decode()
		if err != nil {
			return err
		}
		batch, means := &pgx.Batch{}, make(form.Means)
		cmi := form.SumOf(p.figures.CMI)
		s.relabel(batch, means, tenant, p.seq, profile, nil, cmi)
		means.Change(s.secret.LifecycleLabel(tenant, p.figures.Lifecycle()), form.Sum{}.Minus(cmi))
		batch.Queue(dropProfile, p.seq)
		batch.Queue(dropStanding, p.seq)
		batch.Queue(eraseCustomer, p.seq)
		queueMeans(batch, means)
		if err := send(ctx, c, batch); err != nil {
			return err
		}
		if _, err := c.Exec(ctx, eraseRescored, uuid(key)); err != nil {
			return err
		}
		responses, err := c.Exec(ctx, eraseResponses, uuid(key))
		if err != nil {
			return err
		}
		interactions, err := c.Exec(ctx, eraseInteractions, uuid(key))
		if err != nil {
			return err
		}
		outcomes, err := c.Exec(ctx, eraseOutcomes, uuid(key))
		if err != nil {
			return err
		}
		erasure = store.Erasure{
			Interactions: int(interactions.RowsAffected()), Outcomes: int(outcomes.RowsAffected()), Responses: int(responses.RowsAffected()),
		}
		return nil
	})
	if err != nil {
		return store.Erasure{}, err
	}
	form.Count(span, "cmi.interactions", erasure.Interactions)
	form.Count(span, "cmi.outcomes", erasure.Outcomes)
	form.Count(span, "cmi.responses", erasure.Responses)
	return erasure, nil
}
