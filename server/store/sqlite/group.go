package sqlite

import (
	"context"
	"fmt"

	"github.com/customer-momentum/cmi/server/store"
)

// write puts a group on disk and answers its requests. When one of them cannot be written for a reason of its own, all
// are tried again one by one: that costs nothing as long as all is well, where a savepoint for each would copy every
// page before its first change.
//
// A group may be empty: then the writer was only woken to clean.
func (w *writer) write(group []*request) {
	var err error
	if len(group) > 0 {
		err = w.transaction(group)
	}
	if err != nil && len(group) > 1 && ofOneRequest(err) {
		for _, r := range group {
			err := w.transaction([]*request{r})
			w.clean(context.Background())
			w.answer(r, err)
		}
		return
	}
	w.clean(context.Background())
	for _, r := range group {
		w.answer(r, err)
	}
}

func (w *writer) answer(r *request, err error) {
	if err != nil {
		err = fmt.Errorf("%w: write: %w", store.ErrUnavailable, err)
	}
	w.queue.leave(r)
	r.done <- err
}

// transaction writes all of the group or nothing. It has no deadline: its requests were claimed, so all of them wait for
// its end.
func (w *writer) transaction(group []*request) (err error) {
	ctx := context.Background()
	if _, err := w.begin.ExecContext(ctx); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() {
		if err != nil {
			w.undo(ctx)
		}
	}()
	all := partsOf(group)
	if err := w.insert(ctx, all.rows); err != nil {
		return err
	}
	if err := w.insertDeeds(ctx, w.interactions, all.deeds); err != nil {
		return err
	}
	if err := w.insertDeeds(ctx, w.outcomes, all.outcomes); err != nil {
		return err
	}
	for _, r := range group {
		if r.apply == nil {
			continue
		}
		if err := r.apply(ctx, w); err != nil {
			return err
		}
	}
	if err := w.means.flush(ctx); err != nil {
		return err
	}
	if _, err := w.commit.ExecContext(ctx); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// undo takes back what was not committed. SQLite itself may have done so already, after a full disk for example; the
// error that says so is of no interest, since the next begin tells whether the connection is well.
func (w *writer) undo(ctx context.Context) {
	_, _ = w.rollback.ExecContext(ctx)
	w.scopes.forget()
	w.kinds.forget()
	w.means.forget()
}

// partsOf is what the requests of a group insert, as if it were one.
func partsOf(group []*request) *request {
	if len(group) == 1 {
		return group[0]
	}
	all := &request{}
	for _, r := range group {
		all.rows = append(all.rows, r.rows...)
		all.deeds = append(all.deeds, r.deeds...)
		all.outcomes = append(all.outcomes, r.outcomes...)
	}
	return all
}
