package postgres

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

// What is read of some customers, who stand where %[1]s is: c has their rows, $5 and on is what else is given. OFFSET 0 has the
// inner query run for one customer after the other, so that what is read of one comes together, in the order of the index.
const (
	findSlicesScores = `SELECT c.seq, r.* FROM %[1]s CROSS JOIN LATERAL (SELECT seq, submitted_at, questionnaire_class, digest
		FROM responses WHERE customer = c.key AND submitted_at >= $5 AND submitted_at < $6 AND voided_at IS NULL %[2]s
		ORDER BY submitted_at, seq OFFSET 0) AS r`
	findSlicesAnonymous = `SELECT seq, seq, submitted_at, questionnaire_class, digest FROM responses WHERE ` + isAnonymous + `
		AND seq BETWEEN $2 AND $3 AND $4::uuid IS NULL AND submitted_at >= $5 AND submitted_at < $6 AND voided_at IS NULL %[2]s`
	ofQuestionnaires   = "AND questionnaire_class >> 8 = ANY($7::bigint[])"
	findSlicesProfiles = "SELECT c.seq, p.body FROM %[1]s JOIN profiles AS p ON p.customer = c.seq"
	findSlicesContacts = `SELECT c.seq, i.occurred_at FROM %[1]s CROSS JOIN LATERAL (SELECT occurred_at FROM interactions
		WHERE customer = c.key AND occurred_at <= $5 ORDER BY occurred_at OFFSET 0) AS i`
	findSlicesOutcomes = `SELECT c.seq, o.body FROM %[1]s CROSS JOIN LATERAL (SELECT body FROM outcomes
		WHERE customer = c.key AND occurred_at <= $5 ORDER BY occurred_at OFFSET 0) AS o`
	// The customers of a tenant stand in the index of lists by their class. OFFSET 0 has it walked first.
	thoseOfTenant = `(SELECT t.seq, t.key FROM (SELECT customer FROM standings WHERE class = ANY(ARRAY[$1::bigint * 256, $1::bigint * 256 + 1,
		$1::bigint * 256 + 2, $1::bigint * 256 + 3]) AND customer BETWEEN $2 AND $3 AND $4::uuid IS NULL OFFSET 0) AS s
		JOIN customers AS t ON t.seq = s.customer WHERE t.seq BETWEEN $2 AND $3) AS c`
	thoseOfLabel = `(SELECT t.seq, t.key FROM members AS m JOIN customers AS t ON t.seq = m.customer
		WHERE m.label = $4 AND m.customer BETWEEN $2 AND $3 AND t.tenant = $1 AND NOT t.erased) AS c`
	// walkIndexes has the planner look at the values that are given, and not at what they might be.
	walkIndexes = "SET LOCAL plan_cache_mode = force_custom_plan"
)

// some are customers, or anonymous responses, in the terms of a statement.
type some struct {
	scores string // what reads their scores
	from   string
	args   []any
}

// someIn are those of a slice, as far as they are of a tenant.
func someIn(tenant int64, slice store.CustomerSlice) (some, error) {
	of := some{scores: findSlicesScores, from: thoseOfTenant, args: []any{tenant, slice.From, slice.To, pgtype.UUID{}}}
	switch {
	case slice.Anonymous:
		of.scores = findSlicesAnonymous
	case slice.Label != "":
		label, err := form.ParseLabel(slice.Label)
		if err != nil {
			return some{}, err
		}
		of.from, of.args[3] = thoseOfLabel, uuid(label)
	}
	return of, nil
}

// text is a statement about them.
func (s some) text(read string) string { return fmt.Sprintf(read, s.from, "") }

// and are their arguments, and more behind them.
func (s some) and(more ...any) []any { return slices.Concat(s.args, more) }

// readScores reads what they answered, from indexes alone, and those without a digest one by one.
func readScores(ctx context.Context, c conn, whose some, h *form.Histories) error {
	from, before, only := h.Reach()
	if only != nil && len(only) == 0 {
		return nil
	}
	more, args := "", whose.and(from, before)
	if only != nil {
		more, args = ofQuestionnaires, append(args, only)
	}
	err := eachRaw(ctx, c, fmt.Sprintf(whose.scores, whose.from, more), args, func(row [][]byte) error {
		return h.Score(integer(row[0]), integer(row[1]), integer(row[2]), integer(row[3]), row[4])
	})
	if err != nil {
		return err
	}
	old := h.Old()
	if len(old) == 0 {
		return nil
	}
	return eachRaw(ctx, c, findScores, []any{old}, func(row [][]byte) error { return h.Digest(integer(row[0]), row[1]) })
}

// eachRaw gives the rows of a query to take as they come, in the binary format: with very many rows it costs less to read the
// few numbers in them than to have them scanned. A row is good until the next one.
func eachRaw(ctx context.Context, c conn, text string, args []any, take func(row [][]byte) error) error {
	rows, err := c.Query(ctx, text, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := take(rows.RawValues()); err != nil {
			return err
		}
	}
	return rows.Err()
}

// integer is a bigint.
func integer(value []byte) int64 {
	if len(value) != 8 {
		return 0
	}
	return int64(binary.BigEndian.Uint64(value))
}
