package drivers

import (
	"context"
	"encoding/binary"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// centredRows are the complete rows of a table, one behind the other, as distances from the means.
type centredRows struct {
	moments *Moments
	rows    []float64
}

func (t Table) centred() centredRows {
	c := centredRows{moments: t.moments()}
	c.rows = make([]float64, 0, c.moments.n*len(c.moments.means))
	target := len(t.Predictors)
	for i, y := range t.Target {
		if !t.whole(i) {
			continue
		}
		for k, column := range t.Predictors {
			c.rows = append(c.rows, column[i]-c.moments.means[k])
		}
		c.rows = append(c.rows, y-c.moments.means[target])
	}
	return c
}

// draw answers the models of so many draws, but for those of which none can be made. Each draw has random numbers of its own, so
// that it does not matter how many are made at a time.
func (c centredRows) draw(ctx context.Context, samples int, seed uint64, method Method) ([]*Analysis, error) {
	draws := make([]*Analysis, max(0, samples))
	var next atomic.Int64
	var working sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(draws)) {
		working.Go(func() {
			counts := make([]uint32, c.moments.n)
			for k := int(next.Add(1)) - 1; k < len(draws) && ctx.Err() == nil; k = int(next.Add(1)) - 1 {
				count(counts, seed, k)
				draws[k], _ = c.weighted(counts).model(method)
			}
		})
	}
	working.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(draws, func(a *Analysis) bool { return a == nil }), nil
}

// count puts into counts how often a draw takes each row.
func count(counts []uint32, seed uint64, draw int) {
	var key [32]byte
	binary.LittleEndian.PutUint64(key[:], seed)
	binary.LittleEndian.PutUint64(key[8:], uint64(draw))
	rng := rand.New(rand.NewChaCha8(key))
	clear(counts)
	for range counts {
		counts[rng.IntN(len(counts))]++
	}
}
