package server

import (
	"context"
	"errors"
	"strings"

	"github.com/customer-momentum/cmi/server/migration"
	"github.com/customer-momentum/cmi/server/store/postgres"
	"github.com/customer-momentum/cmi/server/store/sqlite"
)

// Schema is the schema of a store.
type Schema interface {
	// Status says which versions the store has. It changes nothing.
	Status(ctx context.Context) (migration.Status, error)
	// Up brings the store forward to a version, or to migration.Newest.
	Up(ctx context.Context, to int64) error
	// Down takes the store back to a version, and loses what later ones added.
	Down(ctx context.Context, to int64) error
}

// SchemaOf names the schema of the store at a URL. It opens nothing yet.
func SchemaOf(where string) (Schema, error) {
	scheme, rest, _ := strings.Cut(where, ":")
	switch {
	case scheme == "sqlite" && rest != "":
		return sqlite.SchemaOf(rest)
	case scheme == "postgres" || scheme == "postgresql":
		return postgres.SchemaOf(where)
	}
	// What was given is not shown: it may hold a password at any place.
	return nil, errors.New("--store names no store, such as sqlite:cmi.db or postgres://cmi@db.example.com/cmi")
}
