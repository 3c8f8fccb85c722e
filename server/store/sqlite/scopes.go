package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// scopesRemembered bounds what is remembered; beyond it, all is forgotten and read again.
const scopesRemembered = 65_536

// scopes gives tenants, and the questionnaires of each, their small numbers. It belongs to the writer: a number that a
// transaction gave is forgotten when it is undone.
type scopes struct {
	find  *sql.Stmt
	add   *sql.Stmt
	known map[scope]int64
}

// scope is a tenant, or one questionnaire of it where that is not empty.
type scope struct {
	tenant        string
	questionnaire string
}

const findScope = "SELECT id FROM scopes WHERE tenant = ? AND questionnaire = ?"

func prepareScopes(ctx context.Context, conn *preparer) (*scopes, error) {
	find, err := conn.PrepareContext(ctx, findScope)
	if err != nil {
		return nil, fmt.Errorf("prepare the search for a scope: %w", err)
	}
	add, err := conn.PrepareContext(ctx, "INSERT INTO scopes (tenant, questionnaire) VALUES (?, ?) RETURNING id")
	if err != nil {
		return nil, fmt.Errorf("prepare the insertion of a scope: %w", err)
	}
	return &scopes{find: find, add: add, known: make(map[scope]int64)}, nil
}

// of answers the number of a scope, a new one where it has none yet.
func (s *scopes) of(ctx context.Context, tenant, questionnaire string) (int64, error) {
	name := scope{tenant, questionnaire}
	if id, ok := s.known[name]; ok {
		return id, nil
	}
	var id int64
	err := s.find.QueryRowContext(ctx, tenant, questionnaire).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		err = s.add.QueryRowContext(ctx, tenant, questionnaire).Scan(&id)
	}
	if err != nil {
		return 0, fmt.Errorf("number a scope: %w", err)
	}
	if len(s.known) >= scopesRemembered {
		s.forget()
	}
	s.known[name] = id
	return id, nil
}

func (s *scopes) forget() { clear(s.known) }
