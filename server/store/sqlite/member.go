package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"

	"github.com/customer-momentum/cmi/server/store/form"
)

const (
	joinLabel        = "INSERT INTO members (label, customer) VALUES (?, ?)"
	leaveLabel       = "DELETE FROM members WHERE label = ? AND customer = ?"
	findMember       = "SELECT 1 FROM members WHERE label = ? AND customer = ?"
	findCMI          = "SELECT cmi FROM customers WHERE seq = ?"
	findSavedProfile = "SELECT s.body FROM customers AS c CROSS JOIN slots AS s ON s.seq = c.profile WHERE c.seq = ?"
	findToForget     = "SELECT facets, cmi FROM customers WHERE seq = ?"
	forget           = `UPDATE customers SET calibrated = 0, class = 0, facets = 0, cmi = NULL, velocity = NULL, p_value = NULL
		WHERE seq = ?`
)

// members are the statements that say who is in which account and segment.
type members struct {
	join     *sql.Stmt
	leave    *sql.Stmt
	find     *sql.Stmt
	cmi      *sql.Stmt
	profile  *sql.Stmt
	toForget *sql.Stmt
	forget   *sql.Stmt
}

func prepareMembers(ctx context.Context, conn *preparer) (*members, error) {
	m := &members{}
	return m, prepareAll(ctx, conn, map[string]**sql.Stmt{
		joinLabel: &m.join, leaveLabel: &m.leave, findMember: &m.find, findCMI: &m.cmi, findSavedProfile: &m.profile,
		findToForget: &m.toForget, forget: &m.forget,
	})
}

// relabel moves a customer, whose row is there, from the labels of one profile to those of another, and the CMI of the
// saved standing between their means. No profile has no labels.
func (w *writer) relabel(ctx context.Context, tenant string, seq int64, before, after *cmiv1.Customer) error {
	had, has := w.secret.LabelsOf(tenant, before), w.secret.LabelsOf(tenant, after)
	leave, join := form.Without(had, has), form.Without(has, had)
	if len(leave)+len(join) == 0 {
		return nil
	}
	var cmi sql.NullFloat64
	if err := w.members.cmi.QueryRowContext(ctx, seq).Scan(&cmi); err != nil {
		return fmt.Errorf("read the CMI of a customer: %w", err)
	}
	for _, l := range leave {
		if _, err := w.members.leave.ExecContext(ctx, l.Hash[:], seq); err != nil {
			return fmt.Errorf("take a customer out of a label: %w", err)
		}
	}
	for _, l := range join {
		if _, err := w.members.join.ExecContext(ctx, l.Hash[:], seq); err != nil {
			return fmt.Errorf("put a customer into a label: %w", err)
		}
	}
	w.means.changes.ChangeLabels(leave, form.Sum{}.Minus(form.SumOf(cmi)))
	w.means.changes.ChangeLabels(join, form.SumOf(cmi))
	return nil
}

// forgetStanding takes the standing of a customer out of all means, and out of the row. It comes before the profile is
// overwritten, which says in which means it is; whether relabel has taken the customer out of the labels already makes no
// difference.
func (w *writer) forgetStanding(ctx context.Context, tenant string, seq int64) error {
	var f form.Figures
	if err := w.members.toForget.QueryRowContext(ctx, seq).Scan(&f.Facets, &f.CMI); err != nil {
		return fmt.Errorf("read a standing: %w", err)
	}
	if f.CMI.Valid {
		labels, err := w.joined(ctx, tenant, seq)
		if err != nil {
			return err
		}
		out := form.Sum{}.Minus(form.SumOf(f.CMI))
		w.means.changes.ChangeLabels(labels, out)
		w.means.changes.Change(w.secret.LifecycleLabel(tenant, f.Lifecycle()), out)
	}
	if _, err := w.members.forget.ExecContext(ctx, seq); err != nil {
		return fmt.Errorf("forget a standing: %w", err)
	}
	return nil
}

// joined answers the labels of the saved profile that the customer is in.
func (w *writer) joined(ctx context.Context, tenant string, seq int64) ([]form.Label, error) {
	labels, err := w.savedLabels(ctx, tenant, seq)
	if err != nil {
		return nil, err
	}
	var in []form.Label
	for _, l := range labels {
		var one int
		switch err := w.members.find.QueryRowContext(ctx, l.Hash[:], seq).Scan(&one); {
		case errors.Is(err, sql.ErrNoRows):
		case err != nil:
			return nil, fmt.Errorf("find a member: %w", err)
		default:
			in = append(in, l)
		}
	}
	return in, nil
}

// savedLabels answers the labels of the profile that is saved of a customer.
func (w *writer) savedLabels(ctx context.Context, tenant string, seq int64) ([]form.Label, error) {
	var body []byte
	err := w.members.profile.QueryRowContext(ctx, seq).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read a profile: %w", err)
	}
	profile, err := decodeProfile(body)
	if err != nil {
		return nil, err
	}
	return w.secret.LabelsOf(tenant, profile), nil
}
