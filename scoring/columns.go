package scoring

import (
	"fmt"
	"math"
	"slices"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// Columns scores responses that stand in columns, one for each item and a row for each response, to the same bits as
// [Scorer.Score] does one by one. It goes over a block of rows at a time, item by item in the questionnaire's order, so that
// each row meets the same sums in the same order as it would alone. It allocates nothing for a row.
//
// It has its working memory with it: one goroutine at a time may use it. Columns are given with [Columns.Set], anew for each
// batch; items without a column are skipped in all rows.
type Columns struct {
	scorer *Scorer
	items  []columnItem
	work   columnBlock
}

// columnItem is an item with its column.
type columnItem struct {
	item   *item
	used   *usedItem // nil: it enters no sum
	place  int       // among the used items of its pillar
	column Column
	// lookup turns small numbers into scores; it is kept as long as columns of the same kind come.
	lookup lookup
}

// Column is what the rows answered to one item.
type Column struct {
	// Values are the answers; nil: every row skipped the item.
	Values Values
	// Valid has a bit for each row that answered; the zero value: all of them.
	Valid Bits
	// NotApplicable has a bit for each row to which the item does not apply; the zero value: none. Such a row has no answer.
	NotApplicable Bits
}

// Columns makes room for columns.
func (s *Scorer) Columns() *Columns {
	c := &Columns{scorer: s, items: make([]columnItem, len(s.items))}
	for k := range s.items {
		c.items[k].item = &s.items[k]
	}
	var weights [pillarCount][]float64
	for k := range s.used {
		u := &s.used[k]
		it := &c.items[u.item]
		it.used, it.place = u, len(weights[u.pillar])
		weights[u.pillar] = append(weights[u.pillar], u.weight)
	}
	for p := range weights {
		c.work.pillars[p] = newPillarBlock(weights[p], s.minCoverage)
	}
	return c
}

// HasItem tells whether the questionnaire has an item of an id.
func (s *Scorer) HasItem(id string) bool {
	_, known := s.index[id]
	return known
}

// Set gives the column of an item for the next batch. The error says that there is no such item, or that the item does not take
// such values.
func (c *Columns) Set(itemID string, column Column) error {
	k, known := c.scorer.index[itemID]
	if !known {
		return fmt.Errorf("item %s is not in questionnaire %s version %d", quoted(itemID), quoted(c.scorer.id), c.scorer.version)
	}
	it := &c.items[k]
	if column.Values != nil && !column.Values.fits(it.item.scale) {
		return fmt.Errorf("item %s: %s are not allowed; %s", quoted(itemID), column.Values.kind(), it.item.scale.allowed())
	}
	it.column = column
	return nil
}

// Clear takes all columns away.
func (c *Columns) Clear() {
	for k := range c.items {
		c.items[k].column = Column{}
	}
}

// ColumnScores are the scores of rows. What is missing is NaN.
type ColumnScores struct {
	// Status is unspecified for a row that was refused: [Columns.Refusal] says why.
	Status  []cmiv1.ScoreStatus
	Bucket  []cmiv1.Bucket // unspecified where there is no CMI
	CMI     []float64      // 0..100
	Pillars [pillarCount][]float64
	// Display is the CMI in whole points, and 0 where there is none.
	Display []int32
	// Refused are the rows that were refused, by rising number.
	Refused []int
}

// Reset makes room for rows, all of which have no score yet.
func (out *ColumnScores) Reset(rows int) {
	out.grow(rows)
	for row := range rows {
		out.empty(row)
	}
}

// Put takes the score of a row in the form of the contract.
func (out *ColumnScores) Put(row int, score *cmiv1.Score) {
	out.empty(row)
	out.Status[row], out.Bucket[row], out.Display[row] = score.GetStatus(), score.GetBucket(), score.GetDisplayScore()
	if score.Cmi != nil {
		out.CMI[row] = *score.Cmi
	}
	for p, pillar := range score.GetPillars() {
		if pillar.Score != nil {
			out.Pillars[p][row] = *pillar.Score
		}
	}
}

// Refuse takes back the scores of rows, given in any order. Many are best given at once.
func (out *ColumnScores) Refuse(rows ...int) {
	rising := true
	for _, row := range rows {
		out.empty(row)
		rising = rising && (len(out.Refused) == 0 || out.Refused[len(out.Refused)-1] < row)
		out.Refused = append(out.Refused, row)
	}
	if !rising {
		slices.Sort(out.Refused)
		out.Refused = slices.Compact(out.Refused)
	}
}

func (out *ColumnScores) empty(row int) {
	out.Status[row], out.Bucket[row], out.CMI[row], out.Display[row] = 0, 0, math.NaN(), 0
	for p := range out.Pillars {
		out.Pillars[p][row] = math.NaN()
	}
}

// grow makes room for rows.
func (out *ColumnScores) grow(rows int) {
	out.Status, out.Bucket = sized(out.Status, rows), sized(out.Bucket, rows)
	out.CMI, out.Display = sized(out.CMI, rows), sized(out.Display, rows)
	for p := range out.Pillars {
		out.Pillars[p] = sized(out.Pillars[p], rows)
	}
	out.Refused = out.Refused[:0]
}

func sized[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

// Score scores the first rows of the columns that were given. It uses the memory of out again where that is large enough. The
// error says that a column has another number of rows.
func (c *Columns) Score(rows int, out *ColumnScores) error {
	if err := c.Check(rows); err != nil {
		return err
	}
	for k := range c.items {
		if it := &c.items[k]; it.column.Values != nil {
			it.column.Values.prepare(it)
		}
	}
	out.grow(rows)
	for from := 0; from < rows; from += blockRows {
		c.work.begin(min(blockRows, rows-from))
		for k := range c.items {
			c.work.take(&c.items[k], from)
		}
		c.finish(from, out)
	}
	return nil
}

// Check tells whether every column has a number of rows.
func (c *Columns) Check(rows int) error {
	for k := range c.items {
		it := &c.items[k]
		if v := it.column.Values; v != nil && v.Len() != rows {
			return fmt.Errorf("item %s: a column of %d rows is not allowed; one of %d is", quoted(it.item.id), v.Len(), rows)
		}
	}
	return nil
}

// Refusal says everything that is wrong with a row that was refused, as [Scorer.Score] says it of the same response with its
// answers in the questionnaire's order; nil for a row that is not.
func (c *Columns) Refusal(row int) error {
	_, err := c.scorer.Score(c.Response(row))
	return err
}

// Response answers the answers of a row as a response.
func (c *Columns) Response(row int) *cmiv1.Response {
	r := &cmiv1.Response{}
	for k := range c.items {
		it := &c.items[k]
		if it.column.NotApplicable.Has(row) {
			r.Answers = append(r.Answers, &cmiv1.Answer{
				ItemId: it.item.id, Value: &cmiv1.Answer_NoAnswer{NoAnswer: cmiv1.NoAnswer_NO_ANSWER_NOT_APPLICABLE},
			})
		}
		if it.column.Values != nil && it.column.Valid.hasOr(row) {
			a := &cmiv1.Answer{ItemId: it.item.id}
			it.column.Values.answer(it.item, row, a)
			r.Answers = append(r.Answers, a)
		}
	}
	return r
}
