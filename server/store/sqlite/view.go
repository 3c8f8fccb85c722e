package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/customer-momentum/cmi/server/store/form"
)

// view is one state of the store: what is read through it is all of the same moment.
type view struct {
	reader *reader
	tx     *sql.Tx
}

// look lends a view to do.
func (s *Store) look(ctx context.Context, doing string, do func(*view) error) (err error) {
	done, err := s.use(ctx)
	if err != nil {
		return err
	}
	defer done()
	tx, err := s.reader.db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return unavailable(ctx, doing, err)
	}
	defer func() { _ = tx.Rollback() }() // there is nothing to take back
	return unavailable(ctx, doing, do(&view{reader: s.reader, tx: tx}))
}

func (v *view) row(ctx context.Context, stmt *sql.Stmt, args ...any) *sql.Row {
	return v.tx.StmtContext(ctx, stmt).QueryRowContext(ctx, args...)
}

// each gives the rows of a statement to take, one by one, until that has enough.
func (v *view) each(ctx context.Context, stmt *sql.Stmt, args []any, take func(*sql.Rows) (more bool, err error)) error {
	rows, err := v.tx.StmtContext(ctx, stmt).QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		more, err := take(rows)
		if err != nil || !more {
			return err
		}
	}
	return rows.Err()
}

const findQuestionnaireOfScope = "SELECT questionnaire FROM scopes WHERE id = ?"

// questionnaire answers the id of a questionnaire by the number of its scope. A number means the same forever.
func (v *view) questionnaire(ctx context.Context, scope int64) (string, error) {
	if id, ok := v.reader.questionnaires.get(scope); ok {
		return id, nil
	}
	var id string
	if err := v.row(ctx, v.reader.findQuestionnaireOfScope, scope).Scan(&id); err != nil {
		return "", fmt.Errorf("read a scope: %w", err)
	}
	v.reader.questionnaires.put(scope, id)
	return id, nil
}

// kind answers the number of a kind of interaction; 0 where nothing of the kind was recorded.
func (v *view) kind(ctx context.Context, key form.Hash) (int64, error) {
	if id, ok := v.reader.kinds.get(key); ok {
		return id, nil
	}
	var id int64
	err := v.row(ctx, v.reader.findKind, key[:]).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read a kind: %w", err)
	}
	v.reader.kinds.put(key, id)
	return id, nil
}
