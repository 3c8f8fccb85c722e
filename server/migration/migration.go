// Package migration takes the schema of a store from one version to another. The drivers bring the migrations and the
// database; what is the same for all of them stands here.
//
// Each migration is one transaction, together with the note that it was applied. So a process that is killed leaves a
// version that is whole, and whoever comes next goes on from there.
package migration

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"math"

	"github.com/pressly/goose/v3"
)

// Newest stands for the newest version that the program knows.
const Newest = math.MaxInt64

// Set is the migrations of one kind of database.
type Set struct {
	Dialect goose.Dialect
	// Files are numbered, as in 00001_name.sql.
	Files fs.FS
	// Table is where it is noted which of them were applied.
	Table string
	// HasTable is a query that takes the name of a table and tells whether it is there.
	HasTable string
}

// Schema is the schema of one database. Whoever changes it sees to it that nobody else does at the same time.
type Schema struct {
	db       *sql.DB
	set      Set
	provider *goose.Provider
}

// New makes a Schema of a database that one connection is enough for.
func New(db *sql.DB, set Set) (*Schema, error) {
	provider, err := goose.NewProvider(set.Dialect, db, set.Files, goose.WithDisableGlobalRegistry(true), goose.WithTableName(set.Table))
	if err != nil {
		return nil, fmt.Errorf("read the migrations: %w", err)
	}
	return &Schema{db: db, set: set, provider: provider}, nil
}

// Up applies what is missing up to a version, or to the newest.
func (s *Schema) Up(ctx context.Context, to int64) error {
	status, err := s.Status(ctx)
	if err != nil {
		return err
	}
	if to == Newest {
		to = status.Want
	}
	if err := status.CheckUp(to); err != nil || to == status.Have {
		return err
	}
	_, err = s.provider.UpTo(ctx, to)
	return s.broken(err)
}

// Down takes back what was applied after a version. What only later versions can hold is lost.
func (s *Schema) Down(ctx context.Context, to int64) error {
	status, err := s.Status(ctx)
	if err != nil {
		return err
	}
	if err := status.CheckDown(to); err != nil || to == status.Have {
		return err
	}
	_, err = s.provider.DownTo(ctx, to)
	return s.broken(err)
}

// broken says which migration did not go through. Those before it stay.
func (s *Schema) broken(err error) error {
	if partial, ok := errors.AsType[*goose.PartialError](err); ok {
		v := version(partial.Failed.Source)
		return fmt.Errorf("migration %d (%s) failed and was undone, those before it stand: %w", v.Number, v.Name, partial.Err)
	}
	return err
}
