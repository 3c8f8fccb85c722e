package target

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	_ "modernc.org/sqlite" // the driver that the service uses

	"github.com/customer-momentum/cmi/bench/sample"
	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/sqlite"
)

// perTransaction is how many rows one transaction inserts.
const perTransaction = 1000

// bulk inserts the rows that the service would keep, without a service: one prepared statement, 1,000 rows a transaction, on
// disk when it is over. The file has the schema and the settings of the service's own, so that only the way differs.
type bulk struct {
	db     *sql.DB
	insert *sql.Stmt
	// row holds the values of the one row that the service kept of the sample; key, customer and seq are made anew.
	row                []any
	seq, key, customer int
	next               int64
}

func startBulk(ctx context.Context, dir string, indexes bool) (*Target, error) {
	like := filepath.Join(dir, "like.db")
	if err := keepOne(ctx, like); err != nil {
		return nil, err
	}
	b := &bulk{}
	if err := b.open(ctx, like, filepath.Join(dir, "bulk.db"), indexes); err != nil {
		return nil, err
	}
	return &Target{Insert: b.rows, Close: func() error { return errors.Join(b.insert.Close(), b.db.Close()) }}, nil
}

// keepOne has the service's store keep the sample in a new file.
func keepOne(ctx context.Context, path string) error {
	kept, err := sqlite.Open(ctx, path)
	if err != nil {
		return err
	}
	return keepSample(ctx, kept)
}

// keepSample has a store keep the sample, and closes it.
func keepSample(ctx context.Context, kept store.Store) error {
	result, err := score()
	if err != nil {
		return errors.Join(err, kept.Close())
	}
	_, err = kept.Record(ctx, "bench", []store.Entry{{Response: sample.Response(), Score: result, Content: sha256.Sum256(nil)}})
	return errors.Join(err, kept.Close())
}

// open makes a file of the same schema as like, and remembers its row.
func (b *bulk) open(ctx context.Context, like, path string, indexes bool) (err error) {
	pragmas := strings.Join([]string{"journal_mode(WAL)", "synchronous(FULL)", "cache_size(-65536)", "wal_autocheckpoint(8192)",
		"journal_size_limit(67108864)", "temp_store(MEMORY)"}, "&_pragma=")
	if b.db, err = sql.Open("sqlite", "file:"+path+"?_txlock=immediate&_pragma="+pragmas); err != nil {
		return err
	}
	b.db.SetMaxOpenConns(1)
	from, err := sql.Open("sqlite", "file:"+like+"?mode=ro")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	if err := b.copySchema(ctx, from, indexes); err != nil {
		return err
	}
	columns, err := b.copyRow(ctx, from)
	if err != nil {
		return err
	}
	b.seq, b.key, b.customer = slices.Index(columns, "seq"), slices.Index(columns, "key"), slices.Index(columns, "customer")
	b.insert, err = b.db.PrepareContext(ctx, fmt.Sprintf("INSERT INTO responses (%s) VALUES (?%s)",
		strings.Join(columns, ", "), strings.Repeat(", ?", len(columns)-1)))
	return err
}

func (b *bulk) copySchema(ctx context.Context, from *sql.DB, indexes bool) error {
	found, err := from.QueryContext(ctx, "SELECT type, sql FROM sqlite_master WHERE tbl_name = 'responses' AND sql IS NOT NULL ORDER BY type DESC")
	if err != nil {
		return err
	}
	defer found.Close()
	for found.Next() {
		var kind, statement string
		if err := found.Scan(&kind, &statement); err != nil {
			return err
		}
		if kind == "table" || indexes {
			if _, err := b.db.ExecContext(ctx, statement); err != nil {
				return err
			}
		}
	}
	return found.Err()
}

func (b *bulk) copyRow(ctx context.Context, from *sql.DB) ([]string, error) {
	found, err := from.QueryContext(ctx, "SELECT * FROM responses")
	if err != nil {
		return nil, err
	}
	defer found.Close()
	columns, err := found.Columns()
	if err != nil {
		return nil, err
	}
	b.row = make([]any, len(columns))
	into := make([]any, len(columns))
	for i := range b.row {
		into[i] = &b.row[i]
	}
	if !found.Next() {
		return nil, errors.Join(errors.New("the store kept no row"), found.Err())
	}
	return columns, found.Scan(into...)
}

// rows inserts n rows.
func (b *bulk) rows(ctx context.Context, n int) error {
	for n > 0 {
		tx, err := b.db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		insert := tx.StmtContext(ctx, b.insert)
		for range min(n, perTransaction) {
			b.next++
			b.row[b.seq], b.row[b.key], b.row[b.customer] = b.next, hash('r', b.next), hash('c', b.next%100_000)
			if _, err := insert.ExecContext(ctx, b.row...); err != nil {
				return errors.Join(err, tx.Rollback())
			}
		}
		if err := tx.Commit(); err != nil {
			return err
		}
		n -= perTransaction
	}
	return nil
}

// hash makes the 16 bytes that stand for an id, as scattered as the service's own.
func hash(kind byte, n int64) []byte {
	sum := sha256.Sum256(binary.AppendVarint([]byte{kind}, n))
	return sum[:16]
}
