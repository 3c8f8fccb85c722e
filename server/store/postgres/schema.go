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

	"github.com/customer-momentum/cmi/server/store/form"
)

//go:embed migrations/*.sql
var migrations embed.FS

// versions is the table in which goose notes the schema.
const versions = "schema_versions"

// setUp makes sure that the database has this schema: an empty one is set up, an older one brought forward only when asked
// for, any other refused with a sentence that says what to do. Processes that start together do so one after the other.
func setUp(ctx context.Context, config *pgx.ConnConfig, migrate bool) (err error) {
	db := stdlib.OpenDB(*config.Copy())
	db.SetMaxOpenConns(2) // one holds the lock
	defer func() { err = errors.Join(err, db.Close()) }()
	unlock, err := lock(ctx, db)
	if err != nil {
		return err
	}
	defer unlock()
	return bringForward(ctx, db, migrate)
}

// lock has others wait who set up the same schema of the same database. It ends with the connection, so one that dies
// does not leave it behind.
func lock(ctx context.Context, db *sql.DB) (unlock func(), err error) {
	holder, err := db.Conn(ctx)
	if err != nil {
		return nil, explain("connect", err)
	}
	var schema sql.NullString
	if err := holder.QueryRowContext(ctx, "SELECT current_schema()").Scan(&schema); err != nil {
		return nil, explain("find the schema", errors.Join(err, holder.Close()))
	}
	if !schema.Valid {
		return nil, errors.Join(errors.New("the database has no schema that the search_path names: create one, or name another"), holder.Close())
	}
	if _, err := holder.ExecContext(ctx, "SELECT pg_advisory_lock(hashtext('cmi'), hashtext($1))", schema.String); err != nil {
		return nil, explain("wait for others that set up the database", errors.Join(err, holder.Close()))
	}
	return func() {
		_, _ = holder.ExecContext(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock(hashtext('cmi'), hashtext($1))", schema.String)
		_ = holder.Close()
	}, nil
}

func bringForward(ctx context.Context, db *sql.DB, migrate bool) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, files, goose.WithDisableGlobalRegistry(true), goose.WithTableName(versions))
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	have, want, err := provider.GetVersions(ctx)
	if err != nil {
		return explain("read which schema the database has", err)
	}
	settled, err := settled(ctx, db)
	if err != nil {
		return explain("look whether the database was set up", err)
	}
	switch {
	case have > want:
		return fmt.Errorf("the database has schema %d, this program knows schema %d: run the newer version that wrote it", have, want)
	case have < want && settled && !migrate:
		return fmt.Errorf("the database has schema %d, this program needs schema %d: back it up, then run cmi migrate up with the same --store", have, want)
	case have < want:
		if _, err := provider.Up(ctx); err != nil {
			return fmt.Errorf("bring the database from schema %d to %d: %w", have, want, err)
		}
	}
	if settled {
		return nil
	}
	return giveSecret(ctx, db)
}

// settled says whether the database was set up to its end once: the secret is given last.
func settled(ctx context.Context, db *sql.DB) (bool, error) {
	var there bool
	err := db.QueryRowContext(ctx, "SELECT to_regclass('self') IS NOT NULL").Scan(&there)
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
