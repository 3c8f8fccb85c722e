package queue

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivermigrate"
)

// Version is that of River's tables, as this River knows them. A store's own schema says by its number which version it goes
// with, so another River is a new migration.
const Version = 6

// Tables are River's.
func Tables() []string {
	return []string{"river_client", "river_client_queue", "river_job", "river_leader", "river_migration", "river_queue"}
}

// Up makes River's tables, or what is missing of them. in runs work in a transaction: each version is one, since PostgreSQL
// does not let a value of an enumeration be used in the one that added it.
func Up[TTx any](ctx context.Context, driver riverdriver.Driver[TTx], in func(context.Context, func(context.Context, TTx) error) error) error {
	return migrate(ctx, driver, rivermigrate.DirectionUp, in)
}

// Down takes River's tables away, and with them the jobs that are in the queue.
func Down[TTx any](ctx context.Context, driver riverdriver.Driver[TTx], in func(context.Context, func(context.Context, TTx) error) error) error {
	return migrate(ctx, driver, rivermigrate.DirectionDown, in)
}

func migrate[TTx any](
	ctx context.Context, driver riverdriver.Driver[TTx], direction rivermigrate.Direction,
	in func(context.Context, func(context.Context, TTx) error) error,
) error {
	migrator, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return fmt.Errorf("read the migrations of the queue: %w", err)
	}
	for more := true; more; {
		err := in(ctx, func(ctx context.Context, tx TTx) error {
			// What it warns of is several versions in one transaction.
			done, err := migrator.MigrateTx(ctx, tx, direction, &rivermigrate.MigrateOpts{MaxSteps: 1}) //nolint:staticcheck // as said
			if err != nil {
				return err
			}
			more = len(done.Versions) > 0
			return nil
		})
		if err != nil {
			return fmt.Errorf("migrate the queue: %w", err)
		}
	}
	return nil
}
