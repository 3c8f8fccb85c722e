package target

import (
	"context"
	"crypto/rand"
	"errors"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5"
)

// newSchema makes an empty schema in a PostgreSQL, and answers the URL of a store in it and how to drop it.
func newSchema(ctx context.Context, server string) (store string, drop func() error, err error) {
	if server == "" {
		return "", nil, errors.New("there is no PostgreSQL: name one with -postgres")
	}
	to, err := url.Parse(server)
	if err != nil {
		return "", nil, err
	}
	name := "bench_" + strings.ToLower(rand.Text())
	if err := execute(ctx, server, `CREATE SCHEMA "`+name+`"`); err != nil {
		return "", nil, err
	}
	q := to.Query()
	q.Set("search_path", name)
	to.RawQuery = q.Encode()
	return to.String(), func() error {
		return execute(context.WithoutCancel(ctx), server, `DROP SCHEMA "`+name+`" CASCADE`)
	}, nil
}

// execute runs one statement on a connection of its own.
func execute(ctx context.Context, server, statement string) (err error) {
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close(context.WithoutCancel(ctx))) }()
	_, err = conn.Exec(ctx, statement)
	return err
}
