package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

// journal is a table of what customers did, or of what that came to. It is only appended to. It belongs to the writer.
type journal struct {
	things string // what it keeps, in words
	insert many
	find   *sql.Stmt
	next   int64 // seq of the next one
	// contact says whether an entry is news of a customer, so that their standing is computed anew.
	contact bool
	// values adds what stands in the columns of a deed to args.
	values func(ctx context.Context, args []any, d *deed) ([]any, error)
	// same says whether two bodies say the same.
	same func(a, b []byte) (bool, error)
}

const (
	insertDeeds    = "INSERT OR IGNORE INTO interactions (seq, key, customer, kind, occurred_at, body) VALUES %s"
	deedTuple      = "(?, ?, ?, ?, ?, ?)"
	findDeed       = "SELECT seq, customer IS NULL, body FROM interactions WHERE key = ?"
	insertOutcomes = "INSERT OR IGNORE INTO outcomes (seq, key, customer, tenant, kind, occurred_at, body) VALUES %s"
	outcomeTuple   = "(?, ?, ?, ?, ?, ?, ?)"
	findOutcome    = "SELECT seq, customer IS NULL, body FROM outcomes WHERE key = ?"
)

func (w *writer) prepareInteractions(ctx context.Context) (*journal, error) {
	j := &journal{things: "interactions", contact: true, same: form.SameInteraction}
	j.values = func(ctx context.Context, args []any, d *deed) ([]any, error) {
		kind, err := w.kinds.of(ctx, d.kind)
		return append(args, d.seq, d.Key[:], d.customer.bytes(), kind, d.OccurredAt, d.Body), err
	}
	return j, j.prepare(ctx, &w.statements, insertDeeds, deedTuple, findDeed)
}

func (w *writer) prepareOutcomes(ctx context.Context) (*journal, error) {
	j := &journal{things: "outcomes", same: form.SameOutcome}
	j.values = func(ctx context.Context, args []any, d *deed) ([]any, error) {
		tenant, err := w.scopes.of(ctx, d.customer.tenant, "")
		return append(args, d.seq, d.Key[:], d.customer.bytes(), tenant, d.outcome, d.OccurredAt, d.Body), err
	}
	return j, j.prepare(ctx, &w.statements, insertOutcomes, outcomeTuple, findOutcome)
}

func (j *journal) prepare(ctx context.Context, conn *preparer, insert, tuple, find string) (err error) {
	if j.insert, err = prepareMany(ctx, conn, insert, tuple); err != nil {
		return err
	}
	if j.find, err = conn.PrepareContext(ctx, find); err != nil {
		return fmt.Errorf("prepare %s: %w", find, err)
	}
	return nil
}

func (j *journal) insertTogether(ctx context.Context, s wide, deeds []*deed) (err error) {
	args := s.args[:0]
	for _, d := range deeds {
		if args, err = j.values(ctx, args, d); err != nil {
			return err
		}
	}
	inserted, err := s.exec(ctx, args)
	if err != nil {
		return fmt.Errorf("insert %d %s: %w", len(deeds), j.things, err)
	}
	for _, d := range deeds {
		d.result = store.Recorded
		if inserted < int64(len(deeds)) {
			if err := j.resolve(ctx, d); err != nil {
				return fmt.Errorf("find among the %s what stands: %w", j.things, err)
			}
		}
	}
	return nil
}

// refuseErased says what became of deeds of customers who were erased, after their neighbours were written: an id that one
// of those that came before them uses is used.
func (j *journal) refuseErased(ctx context.Context, deeds []*deed) error {
	for _, d := range deeds {
		d.result = store.Erased
		if err := j.resolve(ctx, d); err != nil && !errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("find among the %s what stands: %w", j.things, err)
		}
	}
	return nil
}

// resolve finds out what became of a deed whose id may have been there before; its result stands where it was not.
// sql.ErrNoRows when there is nothing with that id at all.
func (j *journal) resolve(ctx context.Context, d *deed) error {
	var seq int64
	var erased bool
	var body []byte
	if err := j.find.QueryRowContext(ctx, d.Key[:]).Scan(&seq, &erased, &body); err != nil {
		return err
	}
	switch {
	case seq >= d.seq: // it itself, or one that came after it
		return nil
	case erased:
		d.result = store.Erased
		return nil
	}
	same, err := j.same(body, d.Body)
	if err != nil {
		return err
	}
	d.result = store.Conflict
	if same {
		d.result = store.Replayed
	}
	return nil
}
