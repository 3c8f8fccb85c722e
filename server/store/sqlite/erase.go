package sqlite

import (
	"context"
	"fmt"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

const (
	eraseRescored = `DELETE FROM rescored INDEXED BY rescored_by_response WHERE response IN (SELECT seq
		FROM responses INDEXED BY responses_by_customer WHERE customer = ?)`
	eraseReasons = `UPDATE slots SET body = zeroblob(length(body)) WHERE seq IN (SELECT slot
		FROM responses AS r INDEXED BY responses_by_customer CROSS JOIN void_reasons ON void_reasons.response = r.seq WHERE r.customer = ?)`
	dropReasons = `DELETE FROM void_reasons WHERE response IN (SELECT seq
		FROM responses INDEXED BY responses_by_customer WHERE customer = ?)`
	eraseResponses = `UPDATE OR FAIL responses INDEXED BY responses_by_customer SET customer = NULL, tenant_class = 0, questionnaire_class = 0,
		version = 0, submitted_at = 0, cmi = NULL, digest = NULL, voided_at = ` + unmarked + `, content = zeroblob(length(content)),
		score = zeroblob(length(score)), response = zeroblob(length(response)) WHERE customer = ?`
	eraseDeeds = `UPDATE OR FAIL interactions INDEXED BY interactions_by_customer SET customer = NULL, kind = 0, occurred_at = 0,
		body = zeroblob(length(body)) WHERE customer = ?`
	eraseOutcomes = `UPDATE OR FAIL outcomes INDEXED BY outcomes_by_customer SET customer = NULL, tenant = 0, kind = 0, occurred_at = 0,
		body = zeroblob(length(body)) WHERE customer = ?`
	eraseCustomer = `UPDATE customers SET profile = NULL, revision = revision + 1, due = 9223372036854775807, calibrated = 0, class = 0,
		facets = 0, cmi = NULL, velocity = NULL, p_value = NULL WHERE seq = ?`
)

// EraseCustomer overwrites all that is kept of a customer, in one transaction: whoever reads sees all of it or nothing, and
// so does the next start after a crash. Then the log is folded into the file and cut off, because it holds what stood
// there before.
func (s *Store) EraseCustomer(ctx context.Context, tenant, id string) (erasure store.Erasure, err error) {
	ctx, span := form.Start(ctx, driver, "store.EraseCustomer")
	defer func() { form.End(span, err) }()

	key := s.secret.Hash(form.OfCustomer, tenant, id)
	var there bool
	request := newRequest()
	request.apply = func(ctx context.Context, w *writer) (err error) {
		erasure, there, err = w.erase(ctx, tenant, key)
		return err
	}
	if err := s.writer.submit(ctx, request); err != nil {
		return store.Erasure{}, err
	}
	if !there {
		return store.Erasure{}, store.ErrNotFound
	}
	form.Count(span, "cmi.interactions", erasure.Interactions)
	form.Count(span, "cmi.outcomes", erasure.Outcomes)
	form.Count(span, "cmi.responses", erasure.Responses)
	return erasure, nil
}

// erase erases a customer who is known, and says whether they are.
func (w *writer) erase(ctx context.Context, tenant string, key form.Hash) (erasure store.Erasure, there bool, err error) {
	p, err := w.findPerson(ctx, key)
	if err != nil || !p.slot.Valid {
		return store.Erasure{}, false, err
	}
	profile, err := decodeProfile(p.body)
	if err != nil {
		return store.Erasure{}, false, err
	}
	if err := w.eraseRow(ctx, tenant, p, profile); err != nil {
		return store.Erasure{}, false, err
	}
	erasure, err = w.eraseFacts(ctx, key)
	w.cleaning.soil()
	return erasure, true, err
}

// eraseRow erases the profile and the standing.
func (w *writer) eraseRow(ctx context.Context, tenant string, p person, profile *cmiv1.Customer) error {
	if err := w.forgetStanding(ctx, tenant, p.seq); err != nil {
		return err
	}
	if err := w.relabel(ctx, tenant, p.seq, profile, nil); err != nil {
		return err
	}
	if err := w.eraseSlot(ctx, p.slot.Int64); err != nil {
		return err
	}
	if _, err := w.eraseCustomer.ExecContext(ctx, p.seq); err != nil {
		return fmt.Errorf("erase a customer: %w", err)
	}
	return nil
}

// eraseFacts erases what was recorded, void or not.
func (w *writer) eraseFacts(ctx context.Context, key form.Hash) (erasure store.Erasure, err error) {
	for _, s := range []struct {
		what  string
		text  string
		count *int
	}{
		{"what was scored again", eraseRescored, nil},
		{"reasons of void marks", eraseReasons, nil},
		{"void marks", dropReasons, nil},
		{"responses", eraseResponses, &erasure.Responses},
		{"interactions", eraseDeeds, &erasure.Interactions},
		{"outcomes", eraseOutcomes, &erasure.Outcomes},
	} {
		result, err := w.conn.ExecContext(ctx, s.text, key[:])
		if err != nil {
			return store.Erasure{}, fmt.Errorf("erase %s: %w", s.what, err)
		}
		n, err := result.RowsAffected()
		if err != nil {
			return store.Erasure{}, fmt.Errorf("erase %s: %w", s.what, err)
		}
		if s.count != nil {
			*s.count = int(n)
		}
	}
	return erasure, nil
}
