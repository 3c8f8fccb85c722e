package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"

	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

// patience is at how many customers lists look.
type patience struct {
	piece   int // of each class at first, before the list sees whether they suffice; the next pieces are larger
	passed  int // of one class at most, where one class is walked and no label is asked for
	members int // with a label, to read and sort all of them
}

func usualPatience() patience { return patience{piece: 256, passed: 4096, members: 4096} }

// passedBy is how many customers of one class a shape looks at, at most. They are passed over in the index; the more walks
// are merged, and the more labels are looked up for each customer, the longer that takes.
func (p patience) passedBy(w customerShape) int {
	most := p.passed
	if w.led() {
		return max(most/4, 1) // each is looked up
	}
	if w.classes > 1 {
		most /= 2
	}
	if w.labels > 0 {
		most /= 8
	}
	return max(most, 1)
}

// walk goes on piece by piece until the page is full, the customers end, or enough of them were looked at.
func (l *customerList) walk(ctx context.Context) error {
	most := l.patience.passedBy(l.shape)
	for piece := min(l.patience.piece, most); l.passed < most && len(l.page.Customers) < l.limit; piece = min(4*piece, most-l.passed) {
		ended, err := l.step(ctx, piece)
		if err != nil || ended || l.page.Next != nil {
			return err
		}
	}
	at := l.at
	l.page.Next = &at
	return nil
}

// step walks those who have the figure of the place where the list is, or, when there are no more of them, from that figure
// towards the end. It says whether that is reached.
func (l *customerList) step(ctx context.Context, piece int) (ended bool, err error) {
	over := between
	if l.within || l.shape.order == store.ByCreation {
		over = ties
	}
	to, bounded := l.end(true), false
	if !l.sure() {
		if to, bounded, err = l.bound(ctx, over, piece); err != nil {
			return false, err
		}
	}
	if bounded {
		l.passed += piece
	}
	if err := l.read(ctx, l.shape.list(over), l.bounds(over, to)...); err != nil {
		return false, err
	}
	l.moveTo(over, to, bounded)
	return !bounded && (over == between || l.shape.order == store.ByCreation), nil
}

// sure says that nobody on the way is passed over, so that a page needs no bound but its limit.
func (l *customerList) sure() bool {
	if l.shape.led() {
		return l.every && l.shape.labels == 1 && l.shape.classes == form.EveryCustomerClass()
	}
	return l.every && l.shape.labels == 0
}

// moveTo notes that a stretch was walked. What lies between two figures was walked without the latter of them.
func (l *customerList) moveTo(over stretch, to store.CustomerCursor, bounded bool) {
	switch {
	case over == between:
		l.at, l.within = store.CustomerCursor{Value: to.Value, Key: l.end(false).Key}, true
	case bounded:
		l.at.Key = to.Key
	default:
		l.at.Key, l.within = l.end(true).Key, false
	}
}

// bound answers the nearest place at which a number of customers of any class lie behind, if there is one.
func (l *customerList) bound(ctx context.Context, over stretch, piece int) (to store.CustomerCursor, bounded bool, err error) {
	args := append(l.bounds(over, l.end(true)), sql.Named("passed", piece-1))
	to = l.end(true)
	err = l.each(ctx, l.shape.bound(over), append(args, l.args...), func(rows *sql.Rows) error {
		var c store.CustomerCursor
		if err := rows.Scan(&c.Key, &c.Value); err != nil {
			return fmt.Errorf("read a place in a list: %w", err)
		}
		if l.before(c, to) {
			to = c
		}
		bounded = true
		return nil
	})
	return to, bounded, err
}

// before says which of two places comes first in the list.
func (l *customerList) before(a, b store.CustomerCursor) bool {
	order := cmp.Or(cmp.Compare(a.Value, b.Value), cmp.Compare(a.Key, b.Key))
	return order < 0 != l.shape.descending && order != 0
}

// bounds are the arguments of a stretch from where the list is up to a place: that of the last one in it, or the figure
// that is no longer in it. The ends in the statement are exclusive.
func (l *customerList) bounds(over stretch, to store.CustomerCursor) []any {
	if over == between {
		low, high := l.at.Value, to.Value
		if l.shape.descending {
			low, high = high, low
		}
		return []any{sql.Named("low", low), sql.Named("high", high)}
	}
	low, high := l.at.Key, to.Key
	if l.shape.descending {
		low, high = high, low
	}
	if to != l.end(true) {
		if l.shape.descending {
			low--
		} else {
			high++
		}
	}
	return []any{sql.Named("figure", l.at.Value), sql.Named("low", low), sql.Named("high", high)}
}
