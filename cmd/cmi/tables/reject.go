package tables

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
)

// Reject is something that is wrong with a row that was refused.
type Reject struct {
	// Row counts the rows of the input from 1; the header of CSV is none.
	Row int64
	// Item is the item, or the reserved name, of the cell at fault, and Value what the input has there. Both are empty where it is
	// the row as a whole.
	Item, Value string
	Reason      string
	// kind is the reason without what differs from cell to cell.
	kind string
}

// rejectSchema is that of a table of rejects.
func rejectSchema() *arrow.Schema {
	return arrow.NewSchema([]arrow.Field{
		{Name: "row", Type: arrow.PrimitiveTypes.Int64},
		{Name: "item", Type: arrow.BinaryTypes.String},
		{Name: "value", Type: arrow.BinaryTypes.String},
		{Name: "reason", Type: arrow.BinaryTypes.String},
	}, nil)
}

// rejectBatch makes a table of rejects.
func rejectBatch(all []Reject) arrow.RecordBatch {
	b := array.NewRecordBuilder(memory.DefaultAllocator, rejectSchema())
	defer b.Release()
	for k := range all {
		b.Field(0).(*array.Int64Builder).Append(all[k].Row)
		for column, text := range []string{all[k].Item, all[k].Value, all[k].Reason} {
			b.Field(column + 1).(*array.StringBuilder).Append(strings.ToValidUTF8(text, "\uFFFD"))
		}
	}
	return b.NewRecordBatch()
}

// refusals say why rows of a lane were refused.
type refusals struct {
	scorer *scoring.Scorer
	plan   *plan
	places map[string]int // in the plan
	// required are the items that must be answered.
	required []string
}

func newRefusals(j *Job, p *plan) *refusals {
	r := &refusals{scorer: j.Scorer, plan: p, places: map[string]int{}}
	for k := range p.fields {
		r.places[p.fields[k].name] = k
	}
	for _, item := range j.Questionnaire.GetItems() {
		if item.GetRequired() {
			r.required = append(r.required, item.GetItemId())
		}
	}
	return r
}

// of says everything that is wrong with a row: cells that make no answer, and what the engine says of the others.
func (r *refusals) of(row int, response *cmiv1.Response, bad []badCell, cell func(row, column int) string) []Reject {
	var all []Reject
	gone := map[string]bool{}
	for _, one := range bad {
		f := &r.plan.fields[one.field]
		value := cell(row, one.column)
		if one.what == unknownOption {
			// The engine says what it says of such an answer wherever it comes from.
			answer := value
			if label, ok := f.rules.label([]byte(value)); ok {
				answer = label
			}
			response.Answers = append(response.Answers, &cmiv1.Answer{ItemId: f.name, Value: &cmiv1.Answer_Choice{Choice: answer}})
			continue
		}
		gone[f.name] = true
		reason := f.unreadableAs()
		switch {
		case one.what == repeated:
			reason = "is a second answer"
		case one.column == f.na:
			reason = "is neither true nor false"
		}
		all = append(all, Reject{Row: int64(row), Item: f.name, Value: value, Reason: quoted(value) + " " + reason, kind: reason})
	}
	slices.SortStableFunc(response.Answers, func(a, b *cmiv1.Answer) int { return r.places[a.ItemId] - r.places[b.ItemId] })
	return r.violations(row, response, gone, cell, all)
}

// violations adds what the engine says.
func (r *refusals) violations(row int, response *cmiv1.Response, gone map[string]bool, cell func(row, column int) string, all []Reject) []Reject {
	_, err := r.scorer.Score(response)
	bad, ok := errors.AsType[*scoring.Invalid](err)
	if !ok {
		if err != nil {
			all = append(all, Reject{Row: int64(row), Reason: err.Error(), kind: "not scored"})
		}
		return all
	}
	skipped := r.skipped(response)
	for _, v := range bad.Violations {
		reject := Reject{Row: int64(row), Reason: v.Message, kind: "not allowed"}
		reject.Item, skipped = itemOf(v.Path, response, skipped)
		if v.Path == "answers" {
			if gone[reject.Item] {
				continue // it was answered, but not so that anybody can read it
			}
			reject.kind = "missing"
		}
		if k, ok := r.places[reject.Item]; ok && r.plan.fields[k].column >= 0 {
			reject.Value = cell(row, r.plan.fields[k].column)
		}
		all = append(all, reject)
	}
	return all
}

// itemOf tells which item or head a violation is about. Those of items without an answer name none in their path: they come in the
// order of the questionnaire, as skipped does.
func itemOf(path string, response *cmiv1.Response, skipped []string) (name string, rest []string) {
	path, _, _ = strings.Cut(path, ".")
	if at, ok := strings.CutPrefix(path, "answers["); ok {
		if k, err := strconv.Atoi(strings.TrimSuffix(at, "]")); err == nil && k < len(response.GetAnswers()) {
			return response.GetAnswers()[k].GetItemId(), skipped
		}
	}
	switch {
	case path == "answers" && len(skipped) > 0:
		return skipped[0], skipped[1:]
	case path == "answers" || path == "":
		return "", skipped
	}
	return "@" + path, skipped
}

// skipped are the required items without an answer.
func (r *refusals) skipped(response *cmiv1.Response) []string {
	var all []string
	for _, id := range r.required {
		answered := func(a *cmiv1.Answer) bool { return a.GetItemId() == id }
		if !slices.ContainsFunc(response.GetAnswers(), answered) {
			all = append(all, id)
		}
	}
	return all
}

// why puts what is wrong with a row into one line, for the column of errors.
func why(all []Reject) string {
	const most = 10
	var b strings.Builder
	for k := range all {
		if k > 0 {
			b.WriteString("; ")
		}
		if k == most {
			fmt.Fprintf(&b, "and %d more", len(all)-k)
			break
		}
		if all[k].kind != "not allowed" && all[k].kind != "missing" && all[k].Item != "" {
			fmt.Fprintf(&b, "item %q: ", all[k].Item)
		}
		b.WriteString(all[k].Reason)
	}
	return b.String()
}
