package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"
)

// side is a store and what was measured on it.
type side struct {
	driver    string
	customers int
	store     string // its URL
	// write writes the population into a store that was set up.
	write func(ctx context.Context, customers int, now time.Time) error
	// whole says whether the store was filled to the end before; where it was not, it clears what is there.
	whole func(context.Context) (bool, error)
	// done notes that it is filled, and size says how large it is.
	done func(context.Context) error
	size func(context.Context) (int64, error)
	// warm reads everything once, so that the system has it in memory, as it has after a day of work.
	warm func(context.Context) error

	service   *service
	settled   time.Duration // until every standing was computed; 0 where the store was there already
	calibrate time.Duration
	bytes     int64
	took      map[string]taken // by call
}

// open starts a service on a store, which it fills unless it is there.
func (s *side) open(ctx context.Context) error {
	there, err := s.whole(ctx)
	if err != nil {
		return err
	}
	if !there {
		if err := s.fill(ctx); err != nil {
			return err
		}
		if err := s.done(ctx); err != nil {
			return err
		}
	}
	if s.bytes, err = s.size(ctx); err != nil {
		return err
	}
	if s.service, err = start(ctx, s.store); err != nil {
		return err
	}
	// Since a kept store was filled, time has changed some standings.
	return s.service.settle(ctx)
}

func sqliteSides(dir string, o options) (all []*side) {
	for _, customers := range []int{o.small, o.large} {
		file := filepath.Join(dir, fmt.Sprintf("scale-%d.db", customers))
		all = append(all, &side{
			driver: "SQLite", customers: customers, store: "sqlite:" + file, took: make(map[string]taken),
			write: func(ctx context.Context, customers int, now time.Time) error {
				return fillSQLite(ctx, file, customers, now)
			},
			whole: func(context.Context) (bool, error) { return wholeFile(file) },
			done:  func(context.Context) error { return os.WriteFile(file+".whole", nil, 0o600) },
			size: func(context.Context) (int64, error) {
				info, err := os.Stat(file)
				if err != nil {
					return 0, err
				}
				return info.Size(), nil
			},
			warm: func(context.Context) error { return read(file) },
		})
	}
	return all
}

func wholeFile(file string) (bool, error) {
	if _, missing := os.Stat(file + ".whole"); missing == nil {
		return true, nil
	}
	// What an interrupted run left is no base to measure on.
	for _, end := range []string{"", "-wal", "-shm", ".lock"} {
		if err := os.Remove(file + end); err != nil && !errors.Is(err, os.ErrNotExist) {
			return false, err
		}
	}
	return false, nil
}

func read(name string) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, file)
	return errors.Join(err, file.Close())
}

func postgresSides(ctx context.Context, o options) (all []*side, err error) {
	for _, customers := range []int{o.small, o.large} {
		schema := fmt.Sprintf("scale_%d", customers)
		u, err := url.Parse(o.postgres)
		if err != nil {
			return nil, err
		}
		q := u.Query()
		q.Set("search_path", schema)
		u.RawQuery = q.Encode()
		all = append(all, &side{
			driver: "PostgreSQL", customers: customers, store: u.String(), took: make(map[string]taken),
			write: func(ctx context.Context, customers int, now time.Time) error {
				return fillPostgres(ctx, u.String(), customers, now)
			},
			whole: func(ctx context.Context) (bool, error) { return wholeSchema(ctx, o.postgres, schema) },
			done: func(ctx context.Context) error {
				// The standings were written after the first vacuum, and a store in use has had one since.
				if err := ask(ctx, u.String(), "VACUUM (ANALYZE) customers, standings, means"); err != nil {
					return err
				}
				return ask(ctx, o.postgres, "COMMENT ON SCHEMA "+schema+" IS 'whole'")
			},
			size: func(ctx context.Context) (bytes int64, err error) {
				err = askOne(ctx, o.postgres, "SELECT sum(pg_total_relation_size(c.oid))::bigint FROM pg_class AS c WHERE c.relkind = 'r' AND c.relnamespace = '"+schema+"'::regnamespace", &bytes)
				return bytes, err
			},
			warm: func(ctx context.Context) error {
				return ask(ctx, o.postgres, "CREATE EXTENSION IF NOT EXISTS pg_prewarm",
					"SELECT sum(pg_prewarm(oid::regclass, 'read')) FROM pg_class WHERE relkind IN ('r', 'i', 't') AND relnamespace = '"+schema+"'::regnamespace")
			},
		})
	}
	return all, nil
}

// wholeSchema says whether a schema was filled to the end, and makes an empty one where it was not.
func wholeSchema(ctx context.Context, where, schema string) (whole bool, err error) {
	const look = "SELECT coalesce(bool_or(obj_description(oid, 'pg_namespace') = 'whole'), false) FROM pg_namespace WHERE nspname = "
	if err := askOne(ctx, where, look+"'"+schema+"'", &whole); err != nil || whole {
		return whole, err
	}
	return false, ask(ctx, where, "DROP SCHEMA IF EXISTS "+schema+" CASCADE", "CREATE SCHEMA "+schema)
}

func askOne(ctx context.Context, where, text string, into any) (err error) {
	conn, err := pgx.Connect(ctx, where)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	return conn.QueryRow(ctx, text).Scan(into)
}

func ask(ctx context.Context, where string, texts ...string) (err error) {
	conn, err := pgx.Connect(ctx, where)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	for _, text := range texts {
		if _, err := conn.Exec(ctx, text); err != nil {
			return fmt.Errorf("%s: %w", text, err)
		}
	}
	return nil
}
