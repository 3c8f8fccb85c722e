package sqlite

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

// OR IGNORE leaves out a row whose key is used, and tells by the number of rows that it did; the looking up is then for
// those alone. It also spares SQLite the copy of each page that it keeps to undo half a statement.
const (
	insertResponses = `INSERT OR IGNORE INTO responses (seq, key, customer, tenant_class, questionnaire_class, version, submitted_at,
		cmi, voided_at, content, score, response, digest) VALUES %s`
	responseTuple = "(?, ?, ?, ?, ?, ?, ?, ?, " + unmarked + ", ?, ?, ?, ?)"
)

// insert writes rows in order and says of each what became of it.
func (w *writer) insert(ctx context.Context, rows []*row) error {
	err := each(w.responses, rows, func(s wide, piece []*row) error { return w.insertTogether(ctx, s, piece) })
	if err != nil {
		return err
	}
	return w.meetCustomers(ctx, rows)
}

func (w *writer) insertTogether(ctx context.Context, s wide, rows []*row) error {
	args := s.args[:0]
	for _, r := range rows {
		tenant, err := w.scopes.of(ctx, r.tenant, "")
		if err != nil {
			return err
		}
		questionnaire, err := w.scopes.of(ctx, r.tenant, r.Questionnaire)
		if err != nil {
			return err
		}
		r.seq = w.nextResponse
		w.nextResponse++
		args = append(args, r.seq, r.Key[:], r.customer.bytes(), tenant*form.PerScope+int64(r.Class), questionnaire*form.PerScope+int64(r.Class),
			r.Version, r.SubmittedAt, r.CMI, r.Content, r.Score, r.Response.Response, r.Digest)
	}
	inserted, err := s.exec(ctx, args)
	if err != nil {
		return fmt.Errorf("insert %d responses: %w", len(rows), err)
	}
	for _, r := range rows {
		r.result, r.stands = store.Recorded, nil
		if inserted < int64(len(rows)) {
			if err := w.resolve(ctx, r); err != nil {
				return err
			}
		}
	}
	return nil
}

// resolve finds out what became of a row of which some neighbours, or it itself, were left out. seq tells a row that came
// in from one with the same key that was there before, in the same statement too.
func (w *writer) resolve(ctx context.Context, r *row) error {
	there, err := findStored(ctx, w.find, r.Key, false)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return errors.New("a response was refused by the schema")
	case err != nil:
		return fmt.Errorf("find the response that stands: %w", err)
	case there.seq == r.seq:
		return nil
	case there.erased():
		r.result = store.Erased
	case bytes.Equal(there.content, r.Content):
		r.result, r.stands = store.Replayed, there
	default:
		r.result = store.Conflict
	}
	return nil
}

// meetCustomers has those customers know of it whose responses came in.
func (w *writer) meetCustomers(ctx context.Context, rows []*row) error {
	visits := make([]*visit, 0, len(rows))
	for _, r := range rows {
		if r.customer != nil && r.result == store.Recorded {
			visits = append(visits, r.customer)
		}
	}
	return w.meet(ctx, visits)
}
