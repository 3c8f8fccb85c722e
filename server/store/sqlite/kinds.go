package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/customer-momentum/cmi/server/store/form"
)

// kindsRemembered bounds what is remembered; beyond it, all is forgotten and read again.
const kindsRemembered = 65_536

// kinds gives the kinds of interaction of each tenant their small numbers. It belongs to the writer: a number that a
// transaction gave is forgotten when it is undone.
type kinds struct {
	find  *sql.Stmt
	add   *sql.Stmt
	known map[form.Hash]int64
}

const findKind = "SELECT id FROM kinds WHERE key = ?"

func prepareKinds(ctx context.Context, conn *preparer) (*kinds, error) {
	find, err := conn.PrepareContext(ctx, findKind)
	if err != nil {
		return nil, fmt.Errorf("prepare the search for a kind: %w", err)
	}
	add, err := conn.PrepareContext(ctx, "INSERT INTO kinds (key) VALUES (?) RETURNING id")
	if err != nil {
		return nil, fmt.Errorf("prepare the insertion of a kind: %w", err)
	}
	return &kinds{find: find, add: add, known: make(map[form.Hash]int64)}, nil
}

// of answers the number of a kind, a new one where it has none yet.
func (k *kinds) of(ctx context.Context, key form.Hash) (int64, error) {
	if id, ok := k.known[key]; ok {
		return id, nil
	}
	var id int64
	err := k.find.QueryRowContext(ctx, key[:]).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		err = k.add.QueryRowContext(ctx, key[:]).Scan(&id)
	}
	if err != nil {
		return 0, fmt.Errorf("number a kind: %w", err)
	}
	if len(k.known) >= kindsRemembered {
		k.forget()
	}
	k.known[key] = id
	return id, nil
}

func (k *kinds) forget() { clear(k.known) }
