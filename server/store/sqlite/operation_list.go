package sqlite

import (
	"context"
	"database/sql"
	"math"

	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

// Operations of a tenant are few, so those that have ended, or have not, are passed over one by one.
const (
	listOperations = "SELECT " + operationColumns + ` FROM operations INDEXED BY operations_by_tenant
		WHERE tenant = @tenant AND id IS NOT NULL AND seq < @after AND (@ended IS NULL OR (ended_at IS NOT NULL) = @ended)
		ORDER BY seq DESC LIMIT @limit + 0`
	listOpenOperations = "SELECT " + operationColumns + ` FROM operations INDEXED BY operations_by_end
		WHERE id IS NOT NULL AND ended_at IS NULL ORDER BY seq LIMIT @limit + 0`
)

// ListOperations walks the operations of a tenant from the latest on.
func (s *Store) ListOperations(ctx context.Context, tenant string, filter store.OperationFilter, limit int) (page []store.Operation, err error) {
	ctx, span := form.Start(ctx, driver, "store.ListOperations")
	defer func() { form.End(span, err) }()

	page, err = s.listOperations(ctx, listOperations, operationArgs(tenant, filter, limit))
	form.Count(span, "cmi.results", len(page))
	return page, err
}

func operationArgs(tenant string, filter store.OperationFilter, limit int) []any {
	after := filter.After
	if after == 0 {
		after = math.MaxInt64
	}
	var ended sql.NullBool
	if filter.Ended != nil {
		ended = sql.NullBool{Bool: *filter.Ended, Valid: true}
	}
	return []any{
		sql.Named("tenant", tenant), sql.Named("after", after), sql.Named("ended", ended), sql.Named("limit", max(limit, 0)),
	}
}

// OpenOperations walks those of all tenants that have not ended.
func (s *Store) OpenOperations(ctx context.Context, limit int) (page []store.Operation, err error) {
	ctx, span := form.Start(ctx, driver, "store.OpenOperations")
	defer func() { form.End(span, err) }()

	page, err = s.listOperations(ctx, listOpenOperations, []any{sql.Named("limit", max(limit, 0))})
	form.Count(span, "cmi.results", len(page))
	return page, err
}

func (s *Store) listOperations(ctx context.Context, text string, args []any) (page []store.Operation, err error) {
	done, err := s.use(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	err = s.reader.each(ctx, text, args, func(rows *sql.Rows) error {
		op, err := scanOperation(rows)
		page = append(page, op)
		return err
	})
	if err != nil {
		return nil, unavailable(ctx, "list operations", err)
	}
	return page, nil
}
