package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"
)

// place is where scores are kept.
type place struct {
	name string
	url  string // of a store of the service; the file of DuckDB
	// whole says whether it was filled to the end before; where it was not, it clears what is there. done notes that it is.
	whole func(context.Context) (bool, error)
	done  func(context.Context) error
	fill  func(context.Context, *population) error
	size  func(context.Context) (int64, error)
	bytes int64
}

// ready fills a place unless it is filled, and looks how large it is.
func (p *place) ready(ctx context.Context, people *population) error {
	there, err := p.whole(ctx)
	if err != nil {
		return err
	}
	if !there {
		began := time.Now()
		fmt.Fprintf(os.Stderr, "%s, %d scores:\n", p.name, people.scores())
		if err := p.fill(ctx, people); err != nil {
			return err
		}
		if err := p.done(ctx); err != nil {
			return err
		}
		fmt.Fprintf(os.Stderr, "  filled in %s\n", time.Since(began).Round(time.Second))
	}
	p.bytes, err = p.size(ctx)
	return err
}

// filled fills a store: the service sets it up, the rows are written, and the service computes where customers stand.
func filled(binary, store string, write func(context.Context, *population) error) func(context.Context, *population) error {
	serving := func(ctx context.Context, do func(*service) error) error {
		s, err := serve(ctx, binary, store)
		if err != nil {
			return err
		}
		return errors.Join(do(s), s.stop())
	}
	return func(ctx context.Context, people *population) error {
		if err := serving(ctx, func(s *service) error { return s.prepare(ctx, people) }); err != nil {
			return err
		}
		if err := write(ctx, people); err != nil {
			return err
		}
		return steps(ctx, []step{{"compute standings", func(ctx context.Context) error {
			return serving(ctx, func(s *service) error { return s.settle(ctx) })
		}}})
	}
}

func sqlitePlace(dir, binary string, scores int) *place {
	file := filepath.Join(dir, fmt.Sprintf("reports-%d.db", scores))
	return &place{
		name: "SQLite", url: "sqlite:" + file, whole: wholeFile(file), done: noteFile(file), size: sizeOf(file),
		fill: filled(binary, "sqlite:"+file, func(ctx context.Context, people *population) error { return fillSQLite(ctx, file, people) }),
	}
}

func duckPlace(dir string, scores int) *place {
	file := filepath.Join(dir, fmt.Sprintf("reports-%d.duckdb", scores))
	return &place{
		name: "DuckDB", url: file, whole: wholeFile(file), done: noteFile(file), size: sizeOf(file),
		fill: func(ctx context.Context, people *population) error { return fillDuck(ctx, file, people) },
	}
}

// edition is that of the data, which a file or schema is marked with. It changes with the population.
const edition = "whole, edition 1"

func wholeFile(file string) func(context.Context) (bool, error) {
	return func(context.Context) (bool, error) {
		if mark, err := os.ReadFile(file + ".whole"); err == nil && string(mark) == edition {
			return true, nil
		}
		// What an interrupted run left is no base to measure on.
		for _, end := range []string{"", "-wal", "-shm", ".lock", ".wal", ".whole"} {
			if err := os.Remove(file + end); err != nil && !errors.Is(err, os.ErrNotExist) {
				return false, err
			}
		}
		return false, nil
	}
}

func noteFile(file string) func(context.Context) error {
	return func(context.Context) error { return os.WriteFile(file+".whole", []byte(edition), 0o600) }
}

func sizeOf(file string) func(context.Context) (int64, error) {
	return func(context.Context) (int64, error) {
		info, err := os.Stat(file)
		if err != nil {
			return 0, err
		}
		return info.Size(), nil
	}
}

func postgresPlace(where, binary string, scores int) (*place, error) {
	schema := fmt.Sprintf("reports_%d", scores)
	u, err := url.Parse(where)
	if err != nil {
		return nil, err
	}
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	return &place{
		name: "PostgreSQL", url: u.String(),
		fill:  filled(binary, u.String(), func(ctx context.Context, people *population) error { return fillPostgres(ctx, u.String(), people) }),
		whole: func(ctx context.Context) (bool, error) { return wholeSchema(ctx, where, schema) },
		done: func(ctx context.Context) error {
			// The standings were written after the first vacuum, and a store in use has had one since.
			if err := tell(ctx, u.String(), "VACUUM (ANALYZE) customers, standings, means"); err != nil {
				return err
			}
			return tell(ctx, where, "COMMENT ON SCHEMA "+schema+" IS '"+edition+"'")
		},
		size: func(ctx context.Context) (bytes int64, err error) {
			err = askOne(ctx, where, "SELECT sum(pg_total_relation_size(c.oid))::bigint FROM pg_class AS c WHERE c.relkind = 'r' AND c.relnamespace = '"+
				schema+"'::regnamespace", &bytes)
			return bytes, err
		},
	}, nil
}

// wholeSchema says whether a schema was filled to the end, and makes an empty one where it was not.
func wholeSchema(ctx context.Context, where, schema string) (whole bool, err error) {
	look := "SELECT coalesce(bool_or(obj_description(oid, 'pg_namespace') = '" + edition + "'), false) FROM pg_namespace WHERE nspname = '" + schema + "'"
	if err := askOne(ctx, where, look, &whole); err != nil || whole {
		return whole, err
	}
	return false, tell(ctx, where, "DROP SCHEMA IF EXISTS "+schema+" CASCADE", "CREATE SCHEMA "+schema)
}

func askOne(ctx context.Context, where, text string, into any) (err error) {
	conn, err := pgx.Connect(ctx, where)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	return conn.QueryRow(ctx, text).Scan(into)
}

func tell(ctx context.Context, where string, texts ...string) (err error) {
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
