package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"

	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

// The end of a slice is found by passing over those before it within SQLite, which costs a fraction of reading them. Those of
// the slice's first microsecond are a walk of their own, so that a slice among very many of one microsecond costs no more than
// another.
const (
	ofClass    = " FROM responses INDEXED BY responses_by_questionnaire WHERE questionnaire_class = @class AND "
	placesFrom = "SELECT submitted_at, seq" + ofClass + `submitted_at = @at AND seq >= @seq AND submitted_at < @before
		UNION ALL SELECT submitted_at, seq` + ofClass + `submitted_at > @at AND submitted_at < @before ORDER BY submitted_at, seq`
	findSliceEnd     = placesFrom + " LIMIT 1 OFFSET @others + 0"
	findLastResponse = "SELECT coalesce(max(seq), 0) FROM responses"
)

// CutResponses walks the index of each class, all of them as of one moment.
func (s *Store) CutResponses(ctx context.Context, tenant string, of store.ResponseCut, size int) (cut []store.ResponseSlice, err error) {
	ctx, span := form.Start(ctx, driver, "store.CutResponses")
	defer func() { form.End(span, err) }()

	err = s.look(ctx, "cut responses", func(v *view) error {
		c := cutting{view: v, before: form.Ceiling(of.Before, math.MaxInt64), size: max(size, 1)}
		var scope int64
		if err := v.row(ctx, v.reader.findScope, tenant, of.QuestionnaireID).Scan(&scope); err != nil {
			return err
		}
		if err := v.row(ctx, v.reader.findLastResponse).Scan(&c.last); err != nil {
			return fmt.Errorf("find the last response: %w", err)
		}
		for _, class := range form.ResponseClasses(store.ResponseFilter{}) {
			if err := c.class(ctx, scope*form.PerScope+int64(class), form.Ceiling(of.From, math.MinInt64)); err != nil {
				return err
			}
		}
		cut = c.slices
		return nil
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil // nothing was recorded of it yet
	}
	if err != nil {
		return nil, err
	}
	form.Count(span, "cmi.slices", len(cut))
	return cut, nil
}

// cutting is a cut in the making.
type cutting struct {
	view   *view
	before int64
	size   int
	last   int64
	slices []store.ResponseSlice
}

// class cuts the responses of one class from a time on.
func (c *cutting) class(ctx context.Context, class, from int64) error {
	next := store.ResponseSlice{Class: class, FromAt: from, Last: c.last}
	for {
		err := c.view.row(ctx, c.view.reader.findSliceEnd, append(c.bounds(next), sql.Named("others", c.size-1))...).Scan(&next.ToAt, &next.ToSeq)
		if errors.Is(err, sql.ErrNoRows) {
			return c.rest(ctx, next)
		}
		if err != nil {
			return fmt.Errorf("find the end of a slice: %w", err)
		}
		next.N = c.size
		c.slices = append(c.slices, next)
		next.FromAt, next.FromSeq = next.ToAt, next.ToSeq+1
	}
}

// rest makes a slice of what is left of a class, where that is anything. It is less than a whole one.
func (c *cutting) rest(ctx context.Context, slice store.ResponseSlice) error {
	slice.N = 0
	err := c.view.each(ctx, c.view.reader.placesFrom, c.bounds(slice), func(rows *sql.Rows) (bool, error) {
		slice.N++
		if err := rows.Scan(&slice.ToAt, &slice.ToSeq); err != nil {
			return false, fmt.Errorf("read a place: %w", err)
		}
		return true, nil
	})
	if err == nil && slice.N > 0 {
		c.slices = append(c.slices, slice)
	}
	return err
}

func (c *cutting) bounds(slice store.ResponseSlice) []any {
	return append(placeOf(slice), sql.Named("before", c.before))
}

func placeOf(slice store.ResponseSlice) []any {
	return []any{sql.Named("class", slice.Class), sql.Named("at", slice.FromAt), sql.Named("seq", slice.FromSeq)}
}
