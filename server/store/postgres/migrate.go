package postgres

import (
	"context"
	"database/sql"
	"io/fs"

	"github.com/jackc/pgx/v5"

	"github.com/customer-momentum/cmi/server/migration"
)

// Schema is the schema of a database, for who takes it to another version.
type Schema struct {
	config *pgx.ConnConfig
	files  fs.FS
}

// SchemaOf names the schema of the database at a URL. It connects to nothing yet.
func SchemaOf(url string) (*Schema, error) {
	files, err := embedded()
	if err != nil {
		return nil, err
	}
	config, err := configure(url)
	if err != nil {
		return nil, err
	}
	return &Schema{config: config.ConnConfig, files: files}, nil
}

// Status says which versions the database has.
func (s *Schema) Status(ctx context.Context) (status migration.Status, err error) {
	err = on(ctx, s.config, func(db *sql.DB) error {
		schema, err := migration.New(db, set(s.files))
		if err != nil {
			return err
		}
		if status, err = schema.Status(ctx); err != nil {
			return explain("read which schema the database has", err)
		}
		return nil
	})
	return status, err
}

// Up brings the database forward to a version.
func (s *Schema) Up(ctx context.Context, to int64) error {
	return s.change(ctx, func(db *sql.DB, schema *migration.Schema) error {
		if err := raise(ctx, db, schema, to); err != nil {
			return explain("bring the database forward", err)
		}
		return settle(ctx, db)
	})
}

// Down takes the database back to a version.
func (s *Schema) Down(ctx context.Context, to int64) error {
	return s.change(ctx, func(db *sql.DB, schema *migration.Schema) error {
		if err := lower(ctx, db, schema, to); err != nil {
			return explain("take the database back", err)
		}
		return nil
	})
}

// change waits until nobody else changes the schema.
func (s *Schema) change(ctx context.Context, do func(*sql.DB, *migration.Schema) error) error {
	return on(ctx, s.config, func(db *sql.DB) error {
		unlock, err := lock(ctx, db)
		if err != nil {
			return err
		}
		defer unlock()
		schema, err := migration.New(db, set(s.files))
		if err != nil {
			return err
		}
		return do(db, schema)
	})
}

// settle gives a store its secret, once there is a place for it. From then on no start brings it forward unasked.
func settle(ctx context.Context, db *sql.DB) error {
	var there bool
	if err := db.QueryRowContext(ctx, hasTable, "self").Scan(&there); err != nil || !there {
		return err
	}
	return giveSecret(ctx, db)
}
