package target

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/customer-momentum/cmi/server/store/postgres"
)

// copies writes the rows that the service would keep by COPY, without a service: all rows that are asked for in one statement.
// The table is made like the service's own.
type copies struct {
	conn    *pgx.Conn
	columns []string
	// row holds the values of the one row that the service kept of the sample; key, customer and seq are made anew.
	row                []any
	seq, key, customer int
	next               int64
}

// copiedTable is where the rows go.
const copiedTable = "copied"

func startCopy(ctx context.Context, server string, indexes bool) (_ *Target, err error) {
	at, drop, err := newSchema(ctx, server)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, drop())
		}
	}()
	if err := keepOneInPostgres(ctx, at); err != nil {
		return nil, err
	}
	conn, err := pgx.Connect(ctx, at)
	if err != nil {
		return nil, err
	}
	c := &copies{conn: conn}
	if err := c.prepare(ctx, indexes); err != nil {
		return nil, errors.Join(err, conn.Close(context.WithoutCancel(ctx)))
	}
	return &Target{Insert: c.rows, Close: func() error {
		return errors.Join(conn.Close(context.WithoutCancel(ctx)), drop())
	}}, nil
}

// keepOneInPostgres has the service's store keep the sample in an empty schema.
func keepOneInPostgres(ctx context.Context, at string) error {
	kept, err := postgres.Open(ctx, at)
	if err != nil {
		return err
	}
	return keepSample(ctx, kept)
}

// prepare makes the table, and remembers the row.
func (c *copies) prepare(ctx context.Context, indexes bool) error {
	like := "INCLUDING ALL"
	if !indexes {
		like = "INCLUDING ALL EXCLUDING INDEXES"
	}
	if _, err := c.conn.Exec(ctx, "CREATE TABLE "+copiedTable+" (LIKE responses "+like+")"); err != nil {
		return err
	}
	found, err := c.conn.Query(ctx, "SELECT * FROM responses")
	if err != nil {
		return err
	}
	for _, field := range found.FieldDescriptions() {
		c.columns = append(c.columns, field.Name)
	}
	if c.row, err = pgx.CollectExactlyOneRow(found, func(row pgx.CollectableRow) ([]any, error) { return row.Values() }); err != nil {
		return fmt.Errorf("the row that the store kept: %w", err)
	}
	c.seq, c.key, c.customer = slices.Index(c.columns, "seq"), slices.Index(c.columns, "key"), slices.Index(c.columns, "customer")
	return nil
}

// rows writes n rows.
func (c *copies) rows(ctx context.Context, n int) error {
	_, err := c.conn.CopyFrom(ctx, pgx.Identifier{copiedTable}, c.columns, pgx.CopyFromSlice(n, func(int) ([]any, error) {
		c.next++
		c.row[c.seq], c.row[c.key], c.row[c.customer] = c.next, [16]byte(hash('r', c.next)), [16]byte(hash('c', c.next%100_000))
		return c.row, nil
	}))
	return err
}
