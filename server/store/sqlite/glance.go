package sqlite

import (
	"context"
	"database/sql"
	sqldriver "database/sql/driver"
	"errors"
	"fmt"
	"io"
)

// column is a value as the driver has it: an int64, a float64, a string, a []byte, or nil.
type column = sqldriver.Value

// integer and bytesIn are what a column has; nothing where it is of another kind, such as NULL.
func integer(c column) int64 {
	n, _ := c.(int64)
	return n
}

func bytesIn(c column) []byte {
	b, _ := c.([]byte)
	return b
}

// glance is a view that reads very many short rows. It takes them from the driver as they come: what database/sql does for
// each row and column costs a fifth of such a walk.
type glance struct {
	view
	conn *sql.Conn
}

// glance lends a glance to do.
func (s *Store) glance(ctx context.Context, doing string, do func(*glance) error) (err error) {
	done, err := s.use(ctx)
	if err != nil {
		return err
	}
	defer done()
	conn, err := s.reader.db.Conn(ctx)
	if err != nil {
		return unavailable(ctx, doing, err)
	}
	defer func() { _ = conn.Close() }() // it goes back to the others
	tx, err := conn.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return unavailable(ctx, doing, err)
	}
	defer func() { _ = tx.Rollback() }() // there is nothing to take back
	return unavailable(ctx, doing, do(&glance{view: view{reader: s.reader, tx: tx}, conn: conn}))
}

// rowsBetweenLooks is after how many rows a walk looks whether its caller has gone.
const rowsBetweenLooks = 1024

// each gives the rows of a statement to take, one by one. A row is good until the next one.
func (g *glance) each(ctx context.Context, text string, args []sql.NamedArg, take func(row []column) error) error {
	named := make([]sqldriver.NamedValue, len(args))
	for i, arg := range args {
		named[i] = sqldriver.NamedValue{Ordinal: i + 1, Name: arg.Name, Value: arg.Value}
	}
	err := g.conn.Raw(func(conn any) error {
		if err := ctx.Err(); err != nil { // the transaction has ended then
			return err
		}
		querier, ok := conn.(sqldriver.QueryerContext)
		if !ok {
			return fmt.Errorf("%T takes no queries", conn)
		}
		rows, err := querier.QueryContext(ctx, text, named)
		if err != nil {
			return err
		}
		return errors.Join(walkRows(ctx, rows, take), rows.Close())
	})
	if err != nil {
		return err
	}
	return ctx.Err()
}

func walkRows(ctx context.Context, rows sqldriver.Rows, take func(row []column) error) error {
	row := make([]column, len(rows.Columns()))
	for n := 1; ; n++ {
		switch err := rows.Next(row); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if err := take(row); err != nil {
			return err
		}
		if n%rowsBetweenLooks == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
	}
}
