package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

// many are statements that do the same to different numbers of things at once, the widest first. A statement for many
// costs about two thirds of the time of as many statements.
type many []wide

// wide is a statement that takes a number of things at once, and the place where its arguments are laid out.
type wide struct {
	stmt  *sql.Stmt
	width int
	args  []any
}

// prepareMany makes statements for 64, 8 and 1 things. text has one %s, where the things go; thing is what one of them
// looks like there.
func prepareMany(ctx context.Context, conn *preparer, text, thing string) (many, error) {
	var all many
	for _, width := range []int{64, 8, 1} {
		text := fmt.Sprintf(text, thing+strings.Repeat(", "+thing, width-1))
		stmt, err := conn.PrepareContext(ctx, text)
		if err != nil {
			return nil, fmt.Errorf("prepare %s: %w", text, err)
		}
		all = append(all, wide{stmt: stmt, width: width, args: make([]any, 0, width*strings.Count(thing, "?"))})
	}
	return all, nil
}

// each cuts things into pieces as wide as there are statements.
func each[T any](m many, things []T, do func(s wide, piece []T) error) error {
	for _, s := range m {
		for len(things) >= s.width {
			if err := do(s, things[:s.width]); err != nil {
				return err
			}
			things = things[s.width:]
		}
	}
	return nil
}

// exec runs a statement and says how many rows it changed.
func (s wide) exec(ctx context.Context, args []any) (int64, error) {
	result, err := s.stmt.ExecContext(ctx, args...)
	clear(args)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}
