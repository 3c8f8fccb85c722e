package scores

import (
	"context"
	"errors"
	"strings"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
	"github.com/customer-momentum/cmi/server/fault"
)

// tableChunk is how many rows of a table are scored one by one, and recorded, at once.
const tableChunk = 2048

// Heads say what the rows of a table are beside their answers.
type Heads interface {
	// Customers tells whether they name customers.
	Customers() bool
	// Disallowed adds the rows that say something that the engine does not allow.
	Disallowed(rows int, to []int) []int
	// Put says of a response what a row says of it.
	Put(row int, response *cmiv1.Response)
}

// Table scores responses that stand in columns, by the plan of a run: by the columns kernel where they are neither recorded nor
// measured, and else row by row, on the way that every door takes. Either way gives the same bits. One goroutine at a time may
// use it.
type Table struct {
	run     *Run
	columns *scoring.Columns

	// Scores are those of the last call of Score, until the next one.
	Scores scoring.ColumnScores
	// Why says of each row in Scores.Refused why it was refused, where that was asked for.
	Why []string
	// MostWhy is how many bytes Why may have before it has the reasons alone. 0: any number.
	MostWhy int
	// Replayed is how many rows were answered from the record.
	Replayed int
	// whyBytes is how many bytes Why has.
	whyBytes int
	bad      []int // rows that are refused for what they say beside their answers
}

// Table makes room for tables. The error says why the questionnaire may not be scored.
func (r *Run) Table() (*Table, error) {
	if r.refused != nil {
		return nil, r.refused
	}
	return &Table{run: r, columns: r.scorer.Columns()}, nil
}

// Scorer answers what the table is scored by.
func (t *Table) Scorer() *scoring.Scorer { return t.run.scorer }

// Columns takes the columns to score.
func (t *Table) Columns() *scoring.Columns { return t.columns }

// Score scores the rows of the columns that were given, into Scores; why asks for Why. A row that is refused never fails its
// neighbours. An error means that a column has another number of rows, or that the store failed: then rows may have been
// recorded, and sending them again is safe.
func (t *Table) Score(ctx context.Context, rows int, heads Heads, why bool) error {
	t.Why, t.whyBytes, t.Replayed = t.Why[:0], 0, 0
	if !t.run.plan.DryRun || heads.Customers() && len(t.run.scorer.BehaviourNeeds()) > 0 {
		return t.each(ctx, rows, heads, why)
	}
	if err := t.columns.Score(rows, &t.Scores); err != nil {
		return err
	}
	t.bad = heads.Disallowed(rows, t.bad[:0])
	t.Scores.Refuse(t.bad...)
	if !why {
		return nil
	}
	for _, row := range t.Scores.Refused {
		_, err := t.run.one(t.response(row, heads), nil)
		t.explain(err)
	}
	return nil
}

// response is a row in the form of the contract. Its texts are its own.
func (t *Table) response(row int, heads Heads) *cmiv1.Response {
	r := t.columns.Response(row)
	heads.Put(row, r)
	return r
}

// each scores rows one by one.
func (t *Table) each(ctx context.Context, rows int, heads Heads, why bool) error {
	if err := t.columns.Check(rows); err != nil {
		return err
	}
	t.Scores.Reset(rows)
	responses := make([]*cmiv1.Response, 0, min(rows, tableChunk))
	for from := 0; from < rows; from += tableChunk {
		responses = responses[:0]
		for row := from; row < min(rows, from+tableChunk); row++ {
			responses = append(responses, t.response(row, heads))
		}
		results, err := t.run.ScoreAll(ctx, responses, "rows")
		if err != nil {
			return err
		}
		for k, result := range results {
			t.put(from+k, result, why)
		}
	}
	return nil
}

// put puts the score of a row among the others.
func (t *Table) put(row int, result Result, why bool) {
	if result.Replayed {
		t.Replayed++
	}
	if result.Err != nil {
		t.Scores.Refuse(row)
		if why {
			t.explain(result.Err)
		}
		return
	}
	t.Scores.Put(row, result.Score)
}

// explain says of the next refused row why it was.
func (t *Table) explain(err error) {
	err = located(err, "row")
	why := fault.ReasonOf(err).String()
	if t.MostWhy == 0 || t.whyBytes < t.MostWhy {
		why += ": " + because(err)
	}
	t.whyBytes += len(why)
	t.Why = append(t.Why, why)
}

// because says in one line everything that is wrong.
func because(err error) string {
	refusal, ok := errors.AsType[*fault.Error](err)
	if !ok {
		return err.Error()
	}
	if len(refusal.Violations) == 0 {
		return refusal.Message
	}
	all := make([]string, len(refusal.Violations))
	for k, v := range refusal.Violations {
		all[k] = v.Description
	}
	return strings.Join(all, "; ")
}
