package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

// What is read of some customers, who stand where %s is: c has their rows. CROSS JOIN keeps the order in which the tables are
// written here, so that what is read of one customer comes together, by the index that is named.
const (
	readScores = `SELECT c.seq, r.seq, submitted_at, questionnaire_class, digest FROM %s
		CROSS JOIN responses AS r INDEXED BY responses_by_customer ON r.customer = c.key WHERE %s AND voided_at = ` + unmarked
	readAnonymous = `SELECT seq, seq, submitted_at, questionnaire_class, digest FROM %s WHERE %s AND voided_at = ` + unmarked
	readProfiles  = "SELECT c.seq, body FROM %s CROSS JOIN slots ON slots.seq = c.profile WHERE %s"
	readContacts  = `SELECT c.seq, occurred_at FROM %s
		CROSS JOIN interactions AS i INDEXED BY interactions_by_customer ON i.customer = c.key WHERE %s`
	readOutcomes = `SELECT c.seq, body FROM %s
		CROSS JOIN outcomes AS o INDEXED BY outcomes_by_customer ON o.customer = c.key WHERE %s`
	readScoresWhole = "SELECT seq, score FROM responses WHERE seq IN (SELECT value FROM json_each(@places))"
)

// some are customers, or anonymous responses, in the terms of a statement.
type some struct {
	scores      string // what reads their scores
	from, where string
	args        []sql.NamedArg
}

// someIn are those of a slice, as far as they are of a tenant.
func someIn(tenant int64, slice store.CustomerSlice) (some, error) {
	of := some{args: []sql.NamedArg{sql.Named("tenant", tenant), sql.Named("from", slice.From), sql.Named("to", slice.To)}}
	switch {
	case slice.Anonymous:
		of.scores, of.from = readAnonymous, "responses INDEXED BY responses_anonymous"
		of.where = isAnonymous + " AND seq BETWEEN @from AND @to"
	case slice.Label != "":
		label, err := form.ParseLabel(slice.Label)
		if err != nil {
			return some{}, err
		}
		of.scores, of.from = readScores, "members AS m CROSS JOIN customers AS c ON c.seq = m.customer"
		of.where = "m.label = @label AND m.customer BETWEEN @from AND @to AND c.tenant = @tenant AND c.profile IS NOT NULL"
		of.args = append(of.args, sql.Named("label", label[:]))
	default:
		of.scores, of.from = readScores, "customers AS c INDEXED BY customers_by_class"
		of.where = "c.class > 0 AND c.class IN (" + customerClasses() + ") AND c.seq BETWEEN @from AND @to"
	}
	return of, nil
}

// customerClasses are those of a tenant: its customers stand in the index of lists by them.
func customerClasses() string {
	var classes []string
	for _, class := range form.CustomerClasses(store.CustomerFilter{}) {
		classes = append(classes, fmt.Sprintf("@tenant * %d + %d", form.PerScope, class))
	}
	return strings.Join(classes, ", ")
}

// text is a statement about them, with what more is asked.
func (s some) text(read, more string) string { return fmt.Sprintf(read, s.from, s.where) + more }

// and are their arguments, and more behind them.
func (s some) and(more ...sql.NamedArg) []sql.NamedArg { return slices.Concat(s.args, more) }

// scores reads what they answered, from indexes alone.
func (g *glance) scores(ctx context.Context, whose some, h *form.Histories) error {
	from, before, only := h.Reach()
	if only != nil && len(only) == 0 {
		return nil
	}
	more, args := "", whose.and()
	// A bound that bounds nothing would be looked at for each row all the same.
	if from > math.MinInt64 {
		more, args = more+" AND submitted_at >= @since", append(args, sql.Named("since", from))
	}
	if before < math.MaxInt64 {
		more, args = more+" AND submitted_at < @before", append(args, sql.Named("before", before))
	}
	if only != nil {
		more += " AND questionnaire_class >> 8 IN (" + joined(only) + ")"
	}
	err := g.each(ctx, whose.text(whose.scores, more), args, func(row []column) error {
		return h.Score(integer(row[0]), integer(row[1]), integer(row[2]), integer(row[3]), bytesIn(row[4]))
	})
	if err != nil {
		return err
	}
	if err := g.digestOld(ctx, h); err != nil {
		return err
	}
	return h.NameQuestionnaires(func(scope int64) (string, error) { return g.questionnaire(ctx, scope) })
}

// digestOld reads the scores that were recorded before there were digests.
func (g *glance) digestOld(ctx context.Context, h *form.Histories) error {
	old := h.Old()
	if len(old) == 0 {
		return nil
	}
	places, err := json.Marshal(old)
	if err != nil {
		return fmt.Errorf("name places: %w", err)
	}
	return g.each(ctx, readScoresWhole, []sql.NamedArg{sql.Named("places", string(places))}, func(row []column) error {
		return h.Digest(integer(row[0]), bytesIn(row[1]))
	})
}

func joined(numbers []int64) string {
	words := make([]string, len(numbers))
	for i, n := range numbers {
		words[i] = strconv.FormatInt(n, 10)
	}
	return strings.Join(words, ", ")
}
