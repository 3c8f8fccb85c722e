package postgres

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"github.com/customer-momentum/cmi/server/migration"
	"github.com/customer-momentum/cmi/server/store/form"
)

//go:embed migrations/*.sql
var migrations embed.FS

// versions is the table in which goose notes the schema.
const versions = "schema_versions"

// hasTable tells whether the schema that the store is in has a table; others on the search_path do not count.
const hasTable = "SELECT to_regclass(quote_ident(current_schema()) || '.' || quote_ident($1)) IS NOT NULL"

// setUp makes sure that the database has this schema: an empty one is set up, an older one brought forward only when asked
// for, any other refused with a sentence that says what to do. Processes that start together do so one after the other.
func setUp(ctx context.Context, config *pgx.ConnConfig, migrate bool) error {
	files, err := embedded()
	if err != nil {
		return err
	}
	return on(ctx, config, func(db *sql.DB) error {
		unlock, err := lock(ctx, db)
		if err != nil {
			return err
		}
		defer unlock()
		return bringForward(ctx, db, migration.UpCommand(config.ConnString()), files, migrate)
	})
}

// embedded are the migrations of this program.
func embedded() (fs.FS, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, fmt.Errorf("read the migrations: %w", err)
	}
	return files, nil
}

// on lends do one connection. A migration takes as long as it takes, and others wait for it: no statement of theirs is cut
// off. The times that are noted are those of UTC.
func on(ctx context.Context, config *pgx.ConnConfig, do func(*sql.DB) error) (err error) {
	config = config.Copy()
	config.RuntimeParams["statement_timeout"] = "0"
	config.RuntimeParams["timezone"] = "UTC"
	db := stdlib.OpenDB(*config)
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	if err := inSchema(ctx, db); err != nil {
		return err
	}
	return do(db)
}

// inSchema refuses a database in which nothing says where the tables go.
func inSchema(ctx context.Context, db *sql.DB) error {
	var there bool
	if err := db.QueryRowContext(ctx, "SELECT current_schema() IS NOT NULL").Scan(&there); err != nil {
		return explain("connect", err)
	}
	if !there {
		return errors.New("the database has no schema that the search_path names: create one, or name another")
	}
	return nil
}

// lock has others wait who change the same schema of the same database. The connection that makes the changes holds it, so
// that both end together: who dies does not leave it behind, and a migration that is under way is under the lock.
func lock(ctx context.Context, db *sql.DB) (unlock func(), err error) {
	const key = "(hashtext('cmi'), hashtext(current_schema()))"
	if _, err := db.ExecContext(ctx, "SELECT pg_advisory_lock"+key); err != nil {
		return nil, explain("wait for others that set up the database", err)
	}
	return func() {
		// Closing the connection lets go of it too.
		_, _ = db.ExecContext(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock"+key)
	}, nil
}

func bringForward(ctx context.Context, db *sql.DB, command string, files fs.FS, migrate bool) error {
	schema, err := migration.New(db, set(files))
	if err != nil {
		return err
	}
	status, err := schema.Status(ctx)
	if err != nil {
		return explain("read which schema the database has", err)
	}
	settled, err := settled(ctx, db)
	if err != nil {
		return explain("look whether the database was set up", err)
	}
	if err := status.Start("the database", command, settled, migrate); err != nil {
		return err
	}
	if err := raise(ctx, db, schema, migration.Newest); err != nil {
		return explain(fmt.Sprintf("bring the database from schema %d to %d", status.Have, status.Want), err)
	}
	if settled {
		return nil
	}
	return giveSecret(ctx, db)
}

// set is the migrations of files, and how PostgreSQL is asked for tables.
func set(files fs.FS) migration.Set {
	return migration.Set{Dialect: goose.DialectPostgres, Files: files, Table: versions, HasTable: hasTable}
}

// settled says whether the database was set up to its end once: the secret is given last.
func settled(ctx context.Context, db *sql.DB) (bool, error) {
	var there bool
	err := db.QueryRowContext(ctx, hasTable, "self").Scan(&there)
	if err == nil && there {
		err = db.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM self WHERE name = 'secret')").Scan(&there)
	}
	return there, err
}

// giveSecret makes the secret of a store that has none yet.
func giveSecret(ctx context.Context, db *sql.DB) error {
	s, err := form.NewSecret()
	if err != nil {
		return err
	}
	if _, err := db.ExecContext(ctx, "INSERT INTO self (name, value) VALUES ('secret', $1) ON CONFLICT DO NOTHING", s[:]); err != nil {
		return explain("keep the secret", err)
	}
	return nil
}

// explain says what to do about a database that cannot be opened.
func explain(doing string, err error) error {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		switch e.Code {
		case "28P01", "28000":
			return fmt.Errorf("%s: the database refuses this user or password: check the URL, PGPASSFILE and pg_hba.conf: %w", doing, err)
		case "3D000":
			return fmt.Errorf("%s: there is no such database: create it with createdb: %w", doing, err)
		case "42501":
			return fmt.Errorf("%s: this user may not do that: let it create tables in the schema: %w", doing, err)
		}
	}
	return fmt.Errorf("%s: %w", doing, err)
}
