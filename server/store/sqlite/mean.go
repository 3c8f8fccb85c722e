package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/customer-momentum/cmi/server/store"
)

const (
	addMean = `INSERT INTO means (label, n, nanos) VALUES (?, ?, ?)
		ON CONFLICT (label) DO UPDATE SET n = n + excluded.n, nanos = nanos + excluded.nanos`
	dropMean = "DELETE FROM means WHERE label = ? AND n = 0"
	findMean = "SELECT n, nanos FROM means WHERE label = ?"
)

// sum is of CMIs, in units of 1e-9, to which they are snapped: whole numbers add up to the same in any order. It holds the
// CMIs of 92 million customers.
type sum struct {
	n, nanos int64
}

// sumOf is the sum of one CMI, or of none.
func sumOf(cmi sql.NullFloat64) sum {
	if !cmi.Valid {
		return sum{}
	}
	return sum{n: 1, nanos: int64(math.Round(cmi.Float64 * 1e9))}
}

func (s sum) plus(t sum) sum { return sum{s.n + t.n, s.nanos + t.nanos} }

func (s sum) minus(t sum) sum { return sum{s.n - t.n, s.nanos - t.nanos} }

// means gathers in one transaction by how much the sums of groups change, and writes each once at its end: in a large
// segment the sum would otherwise be written anew for each of its customers.
type means struct {
	add     *sql.Stmt
	drop    *sql.Stmt
	changes map[idHash]sum
}

func prepareMeans(ctx context.Context, conn *preparer) (*means, error) {
	m := &means{changes: make(map[idHash]sum)}
	return m, prepareAll(ctx, conn, map[string]**sql.Stmt{addMean: &m.add, dropMean: &m.drop})
}

// change adds to the sum of a group.
func (m *means) change(label idHash, by sum) {
	if by != (sum{}) {
		m.changes[label] = m.changes[label].plus(by)
	}
}

// flush writes what was gathered. A group in which nobody has a CMI any more is taken out.
func (m *means) flush(ctx context.Context) error {
	for _, label := range slices.SortedFunc(maps.Keys(m.changes), func(a, b idHash) int { return bytes.Compare(a[:], b[:]) }) {
		by := m.changes[label]
		if _, err := m.add.ExecContext(ctx, label[:], by.n, by.nanos); err != nil {
			return fmt.Errorf("change a mean: %w", err)
		}
		if by.n >= 0 {
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
	ctx, span := start(ctx, "store.MeanCMI")
	defer func() { end(span, err) }()

	done, err := s.use(ctx)
	if err != nil {
		return 0, 0, err
	}
	defer done()
	label := s.secret.lifecycleLabel(tenant, int64(group.Lifecycle))
	if group.Segment.Key != "" {
		label = s.secret.segmentLabel(tenant, group.Segment.Key, group.Segment.Value)
	}
	var of sum
	err = s.reader.db.QueryRowContext(ctx, findMean, label[:]).Scan(&of.n, &of.nanos)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, 0, nil
	}
	if err != nil {
		return 0, 0, unavailable(ctx, "read a mean", err)
	}
	return int(of.n), float64(of.nanos) / float64(of.n) / 1e9, nil
}
