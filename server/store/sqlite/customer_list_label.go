package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/customer-momentum/cmi/server/store/form"
)

const countMembers = "SELECT count(*) FROM (SELECT 1 FROM members WHERE label = @label LIMIT @limit + 0)"

// ask adds labels to what the list asks for, those with the fewest members first, and says whether there is one
// with few that are to be sorted.
func (l *customerList) ask(ctx context.Context, labels []form.Hash) (few bool, err error) {
	type sized struct {
		label   form.Hash
		members int
	}
	all := make([]sized, len(labels))
	for i, label := range labels {
		all[i].label = label
		args := []any{sql.Named("label", label[:]), sql.Named("limit", l.patience.members+1)}
		err := l.each(ctx, countMembers, args, func(rows *sql.Rows) error { return rows.Scan(&all[i].members) })
		if err != nil {
			return false, fmt.Errorf("count the members of a label: %w", err)
		}
	}
	slices.SortStableFunc(all, func(a, b sized) int { return cmp.Compare(a.members, b.members) })
	for i, one := range all {
		l.args = append(l.args, sql.Named(fmt.Sprintf("label%d", i), one.label[:]))
	}
	l.shape.labels = len(all)
	return len(all) > 0 && all[0].members <= l.patience.members && !l.shape.led(), nil
}

// sorted reads all who have the first label, and sorts those who match.
func (l *customerList) sorted(ctx context.Context) error {
	return l.read(ctx, l.shape.sorted(), sql.Named("figure", l.at.Value), sql.Named("seq", l.at.Key))
}
