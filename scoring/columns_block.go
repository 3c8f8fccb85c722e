package scoring

import (
	"math"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// blockRows is how many rows are worked on at once: few enough that what is added up stays near the processor.
const blockRows = 1024

// columnBlock is what some rows have come to so far.
type columnBlock struct {
	n       int
	bad     [blockRows]bool
	pillars [pillarCount]pillarBlock
	idle    [blockRows]float64 // the sum of an item that enters none, to show which answers are not allowed; then that of the pillars
	absent  [blockRows]uint16  // rows without an answer to the item at hand
	before  [blockRows]float64 // their sums without it
	sets    [blockRows]uint8   // which of the pillars that weigh are there, a bit for each
}

func (b *columnBlock) begin(rows int) {
	b.n = rows
	clear(b.bad[:rows])
	for p := range b.pillars {
		b.pillars[p].begin(rows)
	}
}

// take adds an item to the sums of a block. All rows get what stands in the column; those without an answer, where anything may
// stand, get their sums back afterwards.
func (b *columnBlock) take(it *columnItem, from int) {
	sum := b.idle[:b.n]
	var pillar *pillarBlock
	if it.used != nil {
		pillar = &b.pillars[it.used.pillar]
		sum = pillar.sum[:b.n]
	} else {
		clear(sum)
	}
	v := it.column.Values
	absent := b.absent[:0]
	if v == nil {
		absent = all(absent, b.n)
	} else {
		absent = it.column.Valid.gaps(from, b.n, absent)
		for k, i := range absent {
			b.before[k] = sum[i]
		}
		v.add(it, from, sum)
		for k, i := range absent {
			sum[i] = b.before[k]
		}
		if it.used == nil {
			for i, x := range sum {
				b.bad[i] = b.bad[i] || x != 0
			}
		}
	}
	excluded := b.exclude(it, from, pillar)
	if len(absent) == 0 {
		if pillar != nil {
			pillar.full(it, b.n)
		}
		return
	}
	if it.item.required {
		for _, i := range absent {
			b.bad[i] = b.bad[i] || !excluded || !it.column.NotApplicable.Has(from+int(i))
		}
	}
	if pillar != nil {
		pillar.gap(it, absent, b)
	}
}

// exclude marks the rows to which an item does not apply, and tells whether there are any. One that was answered all the same has
// two answers.
func (b *columnBlock) exclude(it *columnItem, from int, pillar *pillarBlock) (any bool) {
	if it.column.NotApplicable.none() {
		return false
	}
	for i := range b.n {
		if !it.column.NotApplicable.Has(from + i) {
			continue
		}
		any = true
		b.bad[i] = b.bad[i] || it.column.Values != nil && it.column.Valid.hasOr(from+i)
		if pillar != nil {
			pillar.exclusions = true
			pillar.excluded[it.place/64][i] |= 1 << (it.place % 64)
		}
	}
	return any
}

func all(rows []uint16, n int) []uint16 {
	for i := range n {
		rows = append(rows, uint16(i))
	}
	return rows
}

// finish turns the sums of a block into scores.
func (c *Columns) finish(from int, out *ColumnScores) {
	s, b := c.scorer, &c.work
	total, sets := b.idle[:b.n], b.sets[:b.n]
	clear(total)
	clear(sets)
	for p := range b.pillars {
		scores := out.Pillars[p][from : from+b.n]
		b.pillars[p].means(scores)
		b.weigh(p, s.pillars[p].weight, scores)
	}
	status, bucket := out.Status[from:from+b.n], out.Bucket[from:from+b.n]
	cmi, shown := out.CMI[from:from+b.n], out.Display[from:from+b.n]
	for i, sum := range total {
		what := &s.outcomes[sets[i]]
		status[i] = what.status
		if what.status == cmiv1.ScoreStatus_SCORE_STATUS_UNSCORED || b.bad[i] {
			bucket[i], cmi[i], shown[i] = 0, math.NaN(), 0
			continue
		}
		x := what.cmi(sum)
		cmi[i], bucket[i], shown[i] = x, s.bucket(x), display(x)
	}
	for i, bad := range b.bad[:b.n] {
		if bad {
			out.Refused = append(out.Refused, from+i)
			out.empty(from + i)
		}
	}
}

// weigh adds the scores of a pillar to what the CMI is the mean of.
func (b *columnBlock) weigh(p int, weight float64, scores []float64) {
	total, sets, sums := b.idle[:len(scores)], b.sets[:len(scores)], b.pillars[p].sum[:len(scores)]
	for i, score := range scores {
		if score == score && weight > 0 {
			total[i] += float64(weight * score)
			sets[i] |= 1 << p
		} else if sums[i] != sums[i] { // an answer that is not allowed
			b.bad[i] = true
		}
	}
}
