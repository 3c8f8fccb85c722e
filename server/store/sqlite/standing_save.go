package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

// savedTogether bounds the standings that one transaction saves, so that nobody waits for long behind them.
const savedTogether = 1024

// Most standings that are computed anew come out as they were: then only the index by due is written.
const (
	findStanding = `SELECT seq, tenant, revision, class & 255, facets, cmi, velocity, p_value FROM customers
		WHERE key = ? AND profile IS NOT NULL`
	renewStanding   = "UPDATE customers SET due = ?, calibrated = ? WHERE seq = ?"
	replaceStanding = `UPDATE customers SET due = ?, calibrated = ?, class = ?, facets = ?, cmi = ?, velocity = ?, p_value = ?
		WHERE seq = ?`
)

// standings are the statements that save standings.
type standings struct {
	find    *sql.Stmt
	renew   *sql.Stmt
	replace *sql.Stmt
}

func prepareStandings(ctx context.Context, conn *preparer) (*standings, error) {
	s := &standings{}
	return s, prepareAll(ctx, conn, map[string]**sql.Stmt{
		findStanding: &s.find, renewStanding: &s.renew, replaceStanding: &s.replace,
	})
}

// SaveStandings saves standings in the order in which they are given, some at a time.
func (s *Store) SaveStandings(ctx context.Context, all []store.Standing) (err error) {
	ctx, span := form.Start(ctx, driver, "store.SaveStandings")
	defer func() { form.End(span, err) }()

	rows := make([]form.Standing, len(all))
	for i, one := range all {
		if rows[i], err = form.NewStanding(s.secret, one); err != nil {
			return fmt.Errorf("standing %d: %w", i, err)
		}
	}
	form.Count(span, "cmi.standings", len(all))
	for piece := range slices.Chunk(rows, savedTogether) {
		request := newRequest()
		request.apply = func(ctx context.Context, w *writer) error {
			for i := range piece {
				if err := w.saveStanding(ctx, &piece[i]); err != nil {
					return err
				}
			}
			return nil
		}
		if err := s.writer.submit(ctx, request); err != nil {
			return err
		}
	}
	return nil
}

// saveStanding saves a standing if the customer is there and stands at its revision.
func (w *writer) saveStanding(ctx context.Context, s *form.Standing) error {
	var seq, scope, revision int64
	var have form.Figures
	err := w.standings.find.QueryRowContext(ctx, s.Key[:]).Scan(&seq, &scope, &revision, &have.Class, &have.Facets,
		&have.CMI, &have.Velocity, &have.PValue)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read a standing: %w", err)
	}
	if revision != s.Revision {
		return nil
	}
	if have == s.Figures {
		if _, err := w.standings.renew.ExecContext(ctx, s.Until, s.Calibrated, seq); err != nil {
			return fmt.Errorf("renew a standing: %w", err)
		}
		return nil
	}
	f := s.Figures
	if _, err := w.standings.replace.ExecContext(ctx, s.Until, s.Calibrated, scope*form.PerScope+f.Class, f.Facets, f.CMI, f.Velocity,
		f.PValue, seq); err != nil {
		return fmt.Errorf("save a standing: %w", err)
	}
	return w.moveCMI(ctx, s.Tenant, seq, have, f)
}

// moveCMI moves the CMI of a customer between the means.
func (w *writer) moveCMI(ctx context.Context, tenant string, seq int64, before, after form.Figures) error {
	was, is := form.SumOf(before.CMI), form.SumOf(after.CMI)
	w.means.changes.Change(w.secret.LifecycleLabel(tenant, before.Lifecycle()), form.Sum{}.Minus(was))
	w.means.changes.Change(w.secret.LifecycleLabel(tenant, after.Lifecycle()), is)
	if was == is {
		return nil
	}
	labels, err := w.savedLabels(ctx, tenant, seq)
	if err != nil {
		return err
	}
	w.means.changes.ChangeLabels(labels, is.Minus(was))
	return nil
}
