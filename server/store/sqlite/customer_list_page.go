package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"math"

	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

// customerList is a page in the making.
type customerList struct {
	view     *view
	tenant   string
	patience patience
	shape    customerShape
	args     []any // what the filter asks for
	every    bool  // nothing is asked but classes and labels
	limit    int
	at       store.CustomerCursor // all up to here, inclusive, were looked at
	within   bool                 // more with the same figure may lie behind at
	passed   int                  // how many customers of one class were looked at, at most
	page     store.CustomerPage
	texts    []string // the statements that were not prepared
}

// newCustomerList lays out all that a filter asks for but the labels.
func newCustomerList(v *view, p patience, tenant string, scope int64, f store.CustomerFilter, limit int) *customerList {
	classes := form.CustomerClasses(f)
	l := &customerList{
		view: v, patience: p, tenant: tenant, limit: limit,
		shape: customerShape{order: f.Order, descending: f.Descending, classes: len(classes), pValue: f.MaxPValue != nil},
	}
	for i, c := range classes {
		l.args = append(l.args, sql.Named(fmt.Sprintf("class%d", i), scope*form.PerScope+c))
	}
	facets, facetMask := form.FacetsAsked(f)
	l.every = facetMask == 0 && f.MaxPValue == nil
	l.args = append(l.args, sql.Named("stable", int64(f.StableBucket)), sql.Named("facets", facets), sql.Named("facetMask", facetMask))
	if f.MaxPValue != nil {
		l.args = append(l.args, sql.Named("pValue", *f.MaxPValue))
	}
	l.startAt(f.After)
	return l
}

// startAt starts the list behind a cursor, or before all customers.
func (l *customerList) startAt(after *store.CustomerCursor) {
	l.at, l.within = l.end(false), false
	if after != nil {
		l.at, l.within = *after, true
	}
	if l.shape.order == store.ByCreation {
		l.at.Value, l.within = 0, true
	}
}

// end is the place before all customers, or the one behind them.
func (l *customerList) end(behind bool) store.CustomerCursor {
	if behind == l.shape.descending {
		return store.CustomerCursor{Value: math.Inf(-1), Key: math.MinInt64}
	}
	return store.CustomerCursor{Value: math.Inf(1), Key: math.MaxInt64}
}

// read adds what a statement answers to the page. One more than fits is read, to know whether there is a next page.
func (l *customerList) read(ctx context.Context, text string, args ...any) error {
	args = append(args, sql.Named("limit", l.limit+1-len(l.page.Customers)))
	err := l.each(ctx, text, append(args, l.args...), func(rows *sql.Rows) error {
		listed, err := readCustomer(rows, l.shape.order)
		listed.Standing.Tenant = l.tenant
		l.page.Customers = append(l.page.Customers, listed)
		return err
	})
	if len(l.page.Customers) > l.limit {
		l.page.Customers = l.page.Customers[:l.limit]
		l.page.Next = &l.page.Customers[l.limit-1].Cursor
	}
	return err
}

// readCustomer reads a row of customerColumns.
func readCustomer(rows *sql.Rows, order store.CustomerOrder) (store.ListedCustomer, error) {
	var seq, revision, due int64
	var calibrated bool
	var f form.Figures
	var body sql.RawBytes
	err := rows.Scan(&seq, &revision, &due, &calibrated, &f.Class, &f.Facets, &f.CMI, &f.Velocity, &f.PValue, &body)
	if err != nil {
		return store.ListedCustomer{}, fmt.Errorf("read a customer: %w", err)
	}
	profile, err := decodeProfile(body)
	if err != nil {
		return store.ListedCustomer{}, err
	}
	listed := store.ListedCustomer{Profile: profile, Standing: f.Answer(), Cursor: store.CustomerCursor{Key: seq}}
	s := &listed.Standing
	s.CustomerID, s.Revision, s.Until, s.Calibrated = profile.GetCustomerId(), revision, due, calibrated
	switch order {
	case store.ByCMI:
		listed.Cursor.Value = f.CMI.Float64
	case store.ByVelocity:
		listed.Cursor.Value = f.Velocity.Float64
	}
	return listed, nil
}
