package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/customer-momentum/cmi/server/migration"
)

// Schema is the schema of a file, for who takes it to another version while no service has it open.
type Schema struct {
	path  string
	files fs.FS
}

// SchemaOf names the schema of the file at path. It opens nothing yet.
func SchemaOf(path string) (*Schema, error) {
	files, err := embedded()
	if err != nil {
		return nil, err
	}
	real, err := resolve(path)
	if err != nil {
		return nil, err
	}
	return &Schema{path: real, files: files}, nil
}

// Status says which versions the file has. It may be asked while a service has the file open.
func (s *Schema) Status(ctx context.Context) (status migration.Status, err error) {
	if err := s.there(); err != nil {
		return status, err
	}
	err = on(s.path, looking(), func(db *sql.DB) error {
		if _, err := isMarked(ctx, db); err != nil {
			return err
		}
		schema, err := migration.New(db, set(s.files))
		if err != nil {
			return err
		}
		status, err = schema.Status(ctx)
		return err
	})
	if err != nil {
		return status, explainOpen(s.path, err)
	}
	return status, nil
}

// Up brings the file forward to a version. It makes the file where there is none.
func (s *Schema) Up(ctx context.Context, to int64) error {
	return s.alone(func() error {
		if _, err := create(s.path); err != nil {
			return err
		}
		return s.change(ctx, func(db *sql.DB, schema *migration.Schema) error {
			if err := raise(ctx, db, schema, to); err != nil {
				return fmt.Errorf("bring %s forward: %w", s.path, err)
			}
			return settle(ctx, db)
		})
	})
}

// Down takes the file back to a version.
func (s *Schema) Down(ctx context.Context, to int64) error {
	if err := s.there(); err != nil {
		return err
	}
	return s.alone(func() error {
		return s.change(ctx, func(db *sql.DB, schema *migration.Schema) error {
			if err := lower(ctx, db, schema, to); err != nil {
				return fmt.Errorf("take %s back: %w", s.path, err)
			}
			return nil
		})
	})
}

// there refuses a file that is not there: a name that was mistyped is no empty store.
func (s *Schema) there() error {
	_, err := os.Stat(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no file %s: check the name; cmi serve and cmi migrate up make one", s.path)
	}
	return err
}

// alone holds the lock of the file, which a service has for as long as it runs.
func (s *Schema) alone(do func() error) (err error) {
	lock, err := acquire(s.path + ".lock")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.release()) }()
	return do()
}

func (s *Schema) change(ctx context.Context, do func(*sql.DB, *migration.Schema) error) error {
	if err := on(s.path, looking(), func(db *sql.DB) error { return mark(ctx, db) }); err != nil {
		return explainOpen(s.path, err)
	}
	return on(s.path, writing(), func(db *sql.DB) error {
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
	if err := db.QueryRowContext(ctx, set(nil).HasTable, "self").Scan(&there); err != nil || !there {
		return err
	}
	return giveSecret(ctx, db)
}
