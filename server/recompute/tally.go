package recompute

import (
	"math"
	"math/big"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// buckets is how many there are, with none for the first.
const buckets = 4

// perPoint is how many units of a sum are one point. CMIs are whole numbers of them.
const perPoint = 1e9

// tally counts and sums in whole numbers, so that what it comes to does not depend on the order. It holds what one piece comes
// to; many of them go into a total.
type tally struct {
	Moves    [buckets * buckets]int64 `json:"moves"` // buckets * before + after
	Compared int64                    `json:"compared,omitempty"`
	Before   int64                    `json:"before,omitempty"`   // sums of those compared, in units
	Change   int64                    `json:"change,omitempty"`   // after minus before
	Absolute int64                    `json:"absolute,omitempty"` // of the changes without their sign
	Min      int64                    `json:"min,omitempty"`      // the smallest change; only where Compared
	Max      int64                    `json:"max,omitempty"`
}

// add takes in a response.
func (t *tally) add(before, after *cmiv1.Score) {
	t.Moves[buckets*int(before.GetBucket())+int(after.GetBucket())]++
	if before.Cmi == nil || after.Cmi == nil {
		return
	}
	was := units(before.GetCmi())
	change := units(after.GetCmi()) - was
	if t.Compared == 0 {
		t.Min, t.Max = change, change
	}
	t.Compared++
	t.Before += was
	t.Change += change
	t.Absolute += max(change, -change)
	t.Min, t.Max = min(t.Min, change), max(t.Max, change)
}

func units(cmi float64) int64 { return int64(math.Round(cmi * perPoint)) }

// total is the sum of tallies. Its sums may become larger than a number of 64 bits: a hundred million scores of 100 would.
type total struct {
	moves                    [buckets * buckets]int64
	compared                 int64
	before, change, absolute big.Int
	min, max                 int64
}

func (t *total) add(part *tally) {
	for i, n := range part.Moves {
		t.moves[i] += n
	}
	if part.Compared == 0 {
		return
	}
	if t.compared == 0 {
		t.min, t.max = part.Min, part.Max
	}
	t.compared += part.Compared
	t.min, t.max = min(t.min, part.Min), max(t.max, part.Max)
	for _, s := range []struct {
		sum  *big.Int
		part int64
	}{{&t.before, part.Before}, {&t.change, part.Change}, {&t.absolute, part.Absolute}} {
		s.sum.Add(s.sum, big.NewInt(s.part))
	}
}

// merge adds another total.
func (t *total) merge(other *total) {
	for i, n := range other.moves {
		t.moves[i] += n
	}
	if other.compared == 0 {
		return
	}
	if t.compared == 0 {
		t.min, t.max = other.min, other.max
	}
	t.compared += other.compared
	t.min, t.max = min(t.min, other.min), max(t.max, other.max)
	t.before.Add(&t.before, &other.before)
	t.change.Add(&t.change, &other.change)
	t.absolute.Add(&t.absolute, &other.absolute)
}

// responses is how many were taken in.
func (t *total) responses() (n int64) {
	for _, moved := range t.moves {
		n += moved
	}
	return n
}

// comparison puts it into the form of the contract.
func (t *total) comparison() *cmiv1.ScoreComparison {
	c := &cmiv1.ScoreComparison{Responses: int32(t.responses()), Compared: int32(t.compared)}
	for move, n := range t.moves {
		if n == 0 {
			continue
		}
		before, after := cmiv1.Bucket(move/buckets), cmiv1.Bucket(move%buckets)
		c.Moves = append(c.Moves, &cmiv1.BucketMove{Before: before, After: after, Responses: int32(n)})
		if before != after {
			c.BucketChanges += int32(n)
		}
	}
	if t.compared == 0 {
		return c
	}
	c.MeanBefore = t.mean(&t.before)
	c.MeanAfter = t.mean(new(big.Int).Add(&t.before, &t.change))
	c.MeanChange = t.mean(&t.change)
	c.MeanAbsoluteChange = t.mean(&t.absolute)
	c.MinChange = proto.Float64(float64(t.min) / perPoint)
	c.MaxChange = proto.Float64(float64(t.max) / perPoint)
	return c
}

// mean is the double that is nearest to the mean of a sum, in points.
func (t *total) mean(sum *big.Int) *float64 {
	nearest, _ := new(big.Rat).SetFrac(sum, new(big.Int).Mul(big.NewInt(t.compared), big.NewInt(perPoint))).Float64()
	return &nearest
}
