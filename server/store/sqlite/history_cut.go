package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

// The end of a slice is found within SQLite, which costs a fraction of reading what is in it. The customers of a tenant stand in
// the index of lists by their class, so the walks of the classes are merged.
const (
	cutOff      = "SELECT count(*), max(seq) FROM (%s ORDER BY seq LIMIT @size + 0)"
	ofTenant    = "SELECT seq FROM customers INDEXED BY customers_by_class WHERE class > 0 AND class = @tenant * 256 + %d AND seq > @after"
	ofLabel     = "SELECT customer AS seq FROM members WHERE label = @label AND customer > @after"
	isAnonymous = "customer IS NULL AND tenant_class > 0 AND tenant_class >> 8 = @tenant"
	ofAnonymous = "SELECT seq FROM responses INDEXED BY responses_anonymous WHERE " + isAnonymous + " AND seq > @after"
)

// cutTenant cuts the customers of a tenant.
func cutTenant() string {
	var arms []string
	for _, class := range form.CustomerClasses(store.CustomerFilter{}) {
		arms = append(arms, fmt.Sprintf(ofTenant, class))
	}
	return fmt.Sprintf(cutOff, strings.Join(arms, " UNION ALL "))
}

func cutLabel() string { return fmt.Sprintf(cutOff, ofLabel) }

func cutAnonymous() string { return fmt.Sprintf(cutOff, ofAnonymous) }

// CutCustomers walks indexes, all of them as of one moment.
func (s *Store) CutCustomers(ctx context.Context, tenant string, of store.CustomerCut, size int) (cut []store.CustomerSlice, err error) {
	ctx, span := form.Start(ctx, driver, "store.CutCustomers")
	defer func() { form.End(span, err) }()

	err = s.look(ctx, "cut customers", func(v *view) error {
		var scope int64
		if err := v.row(ctx, v.reader.findScope, tenant, "").Scan(&scope); err != nil {
			return err
		}
		if label := s.secret.CutLabel(tenant, of); label != "" {
			hash, err := form.ParseLabel(label)
			if err != nil {
				return err
			}
			cut, err = v.cutOff(ctx, v.reader.cutLabel, store.CustomerSlice{Label: label}, size, sql.Named("label", hash[:]))
			return err
		}
		customers, err := v.cutOff(ctx, v.reader.cutTenant, store.CustomerSlice{}, size, sql.Named("tenant", scope))
		if err != nil {
			return err
		}
		anonymous, err := v.cutOff(ctx, v.reader.cutAnonymous, store.CustomerSlice{Anonymous: true}, size, sql.Named("tenant", scope))
		cut = slices.Concat(customers, anonymous)
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil // the tenant has nothing yet
	}
	if err != nil {
		return nil, err
	}
	form.Count(span, "cmi.slices", len(cut))
	return cut, nil
}

// cutOff cuts one slice after the other off what a statement walks.
func (v *view) cutOff(ctx context.Context, stmt *sql.Stmt, next store.CustomerSlice, size int, of sql.NamedArg) (cut []store.CustomerSlice, err error) {
	for {
		var last sql.NullInt64
		row := v.row(ctx, stmt, of, sql.Named("after", next.To), sql.Named("size", max(size, 1)))
		if err := row.Scan(&next.N, &last); err != nil {
			return nil, fmt.Errorf("find the end of a slice: %w", err)
		}
		if next.N == 0 {
			return cut, nil
		}
		next.From, next.To = next.To+1, last.Int64
		cut = append(cut, next)
	}
}
