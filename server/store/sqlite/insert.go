package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/customer-momentum/cmi/server/store"
)

// insert is a statement that inserts a number of rows at once, and the place where its arguments are laid out.
type insert struct {
	stmt *sql.Stmt
	rows int
	args []any
}

const insertColumns = "seq, key, customer, tenant_class, questionnaire_class, submitted_at, content, score, response"

// prepareInserts makes statements for 64, 8 and 1 rows: a statement for many costs about two thirds of the time of as many
// statements. OR IGNORE leaves out a row whose key is used, and tells by the number of rows that it did; the looking up
// is then for those alone. It also spares SQLite the copy of each page that it keeps to undo half a statement.
func prepareInserts(ctx context.Context, conn *sql.Conn) ([]insert, error) {
	columns := strings.Count(insertColumns, ",") + 1
	tuple := "(?" + strings.Repeat(", ?", columns-1) + ")"
	var inserts []insert
	for _, rows := range []int{64, 8, 1} {
		//nolint:gosec // the columns are a constant, and what is added are question marks
		stmt, err := conn.PrepareContext(ctx, "INSERT OR IGNORE INTO responses ("+insertColumns+") VALUES "+
			tuple+strings.Repeat(", "+tuple, rows-1))
		if err != nil {
			return nil, fmt.Errorf("prepare the insertion of %d responses: %w", rows, err)
		}
		inserts = append(inserts, insert{stmt: stmt, rows: rows, args: make([]any, 0, rows*columns)})
	}
	return inserts, nil
}

// insert writes rows in order and says of each what became of it.
func (w *writer) insert(ctx context.Context, rows []*row) error {
	for _, s := range w.inserts {
		for len(rows) >= s.rows {
			if err := w.insertTogether(ctx, s, rows[:s.rows]); err != nil {
				return err
			}
			rows = rows[s.rows:]
		}
	}
	return nil
}

func (w *writer) insertTogether(ctx context.Context, s insert, rows []*row) error {
	args := s.args[:0]
	for _, r := range rows {
		tenant, err := w.scopes.of(ctx, r.tenant, "")
		if err != nil {
			return err
		}
		questionnaire, err := w.scopes.of(ctx, r.tenant, r.questionnaire)
		if err != nil {
			return err
		}
		r.seq = w.next
		w.next++
		args = append(args, r.seq, r.key[:], r.customer, tenant*perScope+int64(r.class), questionnaire*perScope+int64(r.class),
			r.submittedAt, r.content, r.score, r.response)
	}
	result, err := s.stmt.ExecContext(ctx, args...)
	clear(args)
	if err != nil {
		return fmt.Errorf("insert %d responses: %w", len(rows), err)
	}
	inserted, err := result.RowsAffected()
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
	there, err := findStored(ctx, w.find, r.key, false)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return errors.New("a response was refused by the schema")
	case err != nil:
		return fmt.Errorf("find the response that stands: %w", err)
	case there.seq == r.seq:
		return nil
	case bytes.Equal(there.content, r.content):
		r.result, r.stands = store.Replayed, there
	default:
		r.result = store.Conflict
	}
	return nil
}
