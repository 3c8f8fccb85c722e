package postgres

import (
	"context"
	"errors"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/customer-momentum/cmi/server/store/form"
)

// numbersRemembered bounds what is remembered of one sort; beyond it, all is forgotten and read again.
const numbersRemembered = 65_536

// numbers remembers which small numbers stand for scopes and kinds. They never change once they are committed, so no process
// can know them wrongly.
type numbers struct {
	mu             sync.RWMutex
	scopes         map[scope]int64
	questionnaires map[int64]string
	kinds          map[form.Hash]int64
}

// scope is a tenant, or one questionnaire of it where that is not empty.
type scope struct{ tenant, questionnaire string }

func recall[K comparable, V any](n *numbers, from *map[K]V, key K) (V, bool) {
	n.mu.RLock()
	defer n.mu.RUnlock()
	value, ok := (*from)[key]
	return value, ok
}

func remember[K comparable, V any](n *numbers, in *map[K]V, key K, value V) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if *in == nil || len(*in) >= numbersRemembered {
		*in = make(map[K]V)
	}
	(*in)[key] = value
}

const (
	addScope  = "INSERT INTO scopes (tenant, questionnaire) VALUES ($1, $2) ON CONFLICT DO NOTHING"
	findScope = "SELECT id FROM scopes WHERE tenant = $1 AND questionnaire = $2"
	nameScope = "SELECT questionnaire FROM scopes WHERE id = $1"
	addKind   = "INSERT INTO kinds (key) VALUES ($1) ON CONFLICT DO NOTHING"
	findKind  = "SELECT id FROM kinds WHERE key = $1"
)

// scope answers the number of a scope; 0 where nothing was recorded in it.
func (s *Store) scope(ctx context.Context, c conn, tenant, questionnaire string) (id int64, err error) {
	name := scope{tenant, questionnaire}
	if id, ok := recall(s.known, &s.known.scopes, name); ok {
		return id, nil
	}
	err = c.QueryRow(ctx, findScope, tenant, questionnaire).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil
	}
	if err == nil {
		remember(s.known, &s.known.scopes, name, id)
	}
	return id, err
}

// numberScope answers the number of a scope, a new one where it has none yet. It is given outside any transaction: what
// is remembered of it is true.
func (s *Store) numberScope(ctx context.Context, tenant, questionnaire string) (id int64, err error) {
	if id, ok := recall(s.known, &s.known.scopes, scope{tenant, questionnaire}); ok {
		return id, nil
	}
	err = s.ask(ctx, "number a tenant or questionnaire", func(ctx context.Context, c conn) error {
		if _, err := c.Exec(ctx, addScope, tenant, questionnaire); err != nil {
			return err
		}
		id, err = s.scope(ctx, c, tenant, questionnaire)
		return err
	})
	return id, err
}

// questionnaire answers the id of a questionnaire by the number of its scope.
func (s *Store) questionnaire(ctx context.Context, c conn, scope int64) (name string, err error) {
	if name, ok := recall(s.known, &s.known.questionnaires, scope); ok {
		return name, nil
	}
	if err := c.QueryRow(ctx, nameScope, scope).Scan(&name); err != nil {
		return "", err
	}
	remember(s.known, &s.known.questionnaires, scope, name)
	return name, nil
}

// kind answers the number of a kind of interaction; 0 where nothing of the kind was recorded.
func (s *Store) kind(ctx context.Context, c conn, key form.Hash) (id int64, err error) {
	if id, ok := recall(s.known, &s.known.kinds, key); ok {
		return id, nil
	}
	err = c.QueryRow(ctx, findKind, uuid(key)).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil
	}
	if err == nil {
		remember(s.known, &s.known.kinds, key, id)
	}
	return id, err
}

func (s *Store) numberKind(ctx context.Context, key form.Hash) (id int64, err error) {
	if id, ok := recall(s.known, &s.known.kinds, key); ok {
		return id, nil
	}
	err = s.ask(ctx, "number a kind of interaction", func(ctx context.Context, c conn) error {
		if _, err := c.Exec(ctx, addKind, uuid(key)); err != nil {
			return err
		}
		id, err = s.kind(ctx, c, key)
		return err
	})
	return id, err
}

// uuid is a hash as the database takes it.
func uuid(h form.Hash) pgtype.UUID { return pgtype.UUID{Bytes: h, Valid: true} }

// uuids are the hashes of things.
func uuids[T any](things []T, of func(T) form.Hash) []pgtype.UUID {
	all := make([]pgtype.UUID, len(things))
	for i, thing := range things {
		all[i] = uuid(of(thing))
	}
	return all
}

// column is one column of things.
func column[T, V any](things []T, of func(T) V) []V {
	all := make([]V, len(things))
	for i, thing := range things {
		all[i] = of(thing)
	}
	return all
}
