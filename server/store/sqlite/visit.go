package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"slices"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/customer-momentum/cmi/server/store/form"
)

// visit is a customer who left something to record.
type visit struct {
	key        form.Hash
	tenant, id string
	at         *timestamppb.Timestamp // when the customer is created, where that is now; a copy, or nil

	place  int   // among those who are written together
	seq    int64 // 0: not known
	erased bool
}

func newVisit(s *form.Secret, tenant, id string, at *timestamppb.Timestamp) *visit {
	v := &visit{key: s.Hash(form.OfCustomer, tenant, id), tenant: tenant, id: id}
	if at != nil {
		v.at = &timestamppb.Timestamp{Seconds: at.GetSeconds(), Nanos: at.GetNanos()}
	}
	return v
}

// bytes is the key as it is written; nil for nobody.
func (v *visit) bytes() any {
	if v == nil {
		return nil
	}
	return v.key[:]
}

func (v *visit) compare(other *visit) int { return bytes.Compare(v.key[:], other.key[:]) }

// distinct answers the first visit of each customer, in the order of their keys: so those that lie beside one another in
// the index are written one after the other.
func distinct(visits []*visit) []*visit {
	for i, v := range slices.Backward(visits) {
		v.place = i // of the first, where one comes several times
	}
	slices.SortStableFunc(visits, (*visit).compare)
	return slices.CompactFunc(visits, func(a, b *visit) bool { return a.key == b.key })
}

const (
	recogniseCustomers = "SELECT key, seq, profile IS NULL FROM customers WHERE key IN (%s)"
	touchCustomers     = "UPDATE OR FAIL customers SET revision = revision + 1, due = -9223372036854775808 WHERE seq IN (%s)"
)

// meet has each customer know that something of theirs was recorded, and creates those who are not known or were erased.
func (w *writer) meet(ctx context.Context, visits []*visit) error {
	visits = distinct(visits)
	if err := w.recognise(ctx, visits); err != nil {
		return err
	}
	return w.welcome(ctx, visits)
}

// recognise finds out who of distinct visitors is known.
func (w *writer) recognise(ctx context.Context, visits []*visit) error {
	return each(w.recognition, visits, func(s wide, piece []*visit) error {
		args := s.args[:0]
		for _, v := range piece {
			v.seq, v.erased = 0, false
			args = append(args, v.key[:])
		}
		rows, err := s.stmt.QueryContext(ctx, args...)
		clear(args)
		if err != nil {
			return fmt.Errorf("find customers: %w", err)
		}
		defer rows.Close()
		for rows.Next() {
			if err := recogniseOne(rows, piece); err != nil {
				return err
			}
		}
		return rows.Err()
	})
}

func recogniseOne(rows *sql.Rows, visits []*visit) error {
	var key sql.RawBytes
	var seq int64
	var erased bool
	if err := rows.Scan(&key, &seq, &erased); err != nil {
		return fmt.Errorf("read a customer: %w", err)
	}
	i, found := slices.BinarySearchFunc(visits, key, func(v *visit, key sql.RawBytes) int { return bytes.Compare(v.key[:], key) })
	if !found {
		return fmt.Errorf("a customer was found that was not looked for: key %x", key)
	}
	visits[i].seq, visits[i].erased = seq, erased
	return nil
}

// welcome writes down the visits of those who were looked up.
func (w *writer) welcome(ctx context.Context, visits []*visit) error {
	var known, unknown []*visit
	for _, v := range visits {
		switch {
		case v.seq == 0:
			unknown = append(unknown, v)
		case v.erased:
			if err := w.startAnew(ctx, v.tenant, v.seq, v.profile()); err != nil {
				return err
			}
		default:
			known = append(known, v)
		}
	}
	if err := each(w.touch, known, func(s wide, piece []*visit) error { return touchTogether(ctx, s, piece) }); err != nil {
		return err
	}
	// Created in the order in which they came, which is that of lists.
	slices.SortFunc(unknown, func(a, b *visit) int { return a.place - b.place })
	return w.create(ctx, unknown)
}

func touchTogether(ctx context.Context, s wide, visits []*visit) error {
	args := s.args[:0]
	for _, v := range visits {
		args = append(args, v.seq)
	}
	if _, err := s.exec(ctx, args); err != nil {
		return fmt.Errorf("mark customers as due: %w", err)
	}
	return nil
}
