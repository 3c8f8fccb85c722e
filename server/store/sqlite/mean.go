package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

const (
	addMean = `INSERT INTO means (label, n, nanos) VALUES (?, ?, ?)
		ON CONFLICT (label) DO UPDATE SET n = n + excluded.n, nanos = nanos + excluded.nanos`
	dropMean = "DELETE FROM means WHERE label = ? AND n = 0"
	findMean = "SELECT n, nanos FROM means WHERE label = ?"
)

// means gathers in one transaction by how much the sums of groups change, and writes each once at its end: in a large
// segment the sum would otherwise be written anew for each of its customers.
type means struct {
	add     *sql.Stmt
	drop    *sql.Stmt
	changes form.Means
}

func prepareMeans(ctx context.Context, conn *preparer) (*means, error) {
	m := &means{changes: make(form.Means)}
	return m, prepareAll(ctx, conn, map[string]**sql.Stmt{addMean: &m.add, dropMean: &m.drop})
}

// flush writes what was gathered. A group in which nobody has a CMI any more is taken out.
func (m *means) flush(ctx context.Context) error {
	for _, label := range slices.SortedFunc(maps.Keys(m.changes), func(a, b form.Hash) int { return bytes.Compare(a[:], b[:]) }) {
		by := m.changes[label]
		if _, err := m.add.ExecContext(ctx, label[:], by.N, by.Nanos); err != nil {
			return fmt.Errorf("change a mean: %w", err)
		}
		if by.N >= 0 {
			continue
		}
		if _, err := m.drop.ExecContext(ctx, label[:]); err != nil {
			return fmt.Errorf("drop a mean: %w", err)
		}
	}
	m.forget()
	return nil
}

// forget lets go of what was gathered in a transaction that was undone.
func (m *means) forget() { clear(m.changes) }

// MeanCMI reads the sum of a group.
func (s *Store) MeanCMI(ctx context.Context, tenant string, group store.Group) (n int, mean float64, err error) {
	ctx, span := form.Start(ctx, driver, "store.MeanCMI")
	defer func() { form.End(span, err) }()

	done, err := s.use(ctx)
	if err != nil {
		return 0, 0, err
	}
	defer done()
	label := s.secret.GroupLabel(tenant, group)
	var of form.Sum
	err = s.reader.db.QueryRowContext(ctx, findMean, label[:]).Scan(&of.N, &of.Nanos)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, 0, nil
	}
	if err != nil {
		return 0, 0, unavailable(ctx, "read a mean", err)
	}
	return int(of.N), of.Mean(), nil
}
