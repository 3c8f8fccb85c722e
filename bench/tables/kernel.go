package main

import (
	"errors"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/customer-momentum/cmi/scoring"
)

// kernel is the engine with a table in memory, and room for the results of every row.
type kernel struct {
	rows    int
	batches [][]column
	results []scoring.ColumnScores
	workers []*scoring.Columns // one for each core
}

func newKernel(rows, items int) (*kernel, error) {
	scorer, err := scoring.Compile(questionnaire(items))
	if err != nil {
		return nil, err
	}
	k := &kernel{rows: rows}
	for from := 0; from < rows; from += batchRows {
		k.batches = append(k.batches, answers(items, from, min(batchRows, rows-from)))
	}
	k.results = make([]scoring.ColumnScores, len(k.batches))
	for range runtime.NumCPU() {
		k.workers = append(k.workers, scorer.Columns())
	}
	return k, nil
}

// score scores all rows, a goroutine on each core. The results of all of them stand in memory when it is over.
func (k *kernel) score() error {
	var next atomic.Int64
	var all sync.WaitGroup
	failed := make([]error, len(k.workers))
	for w, columns := range k.workers {
		all.Go(func() {
			for failed[w] == nil {
				at := int(next.Add(1)) - 1
				if at >= len(k.batches) {
					return
				}
				failed[w] = k.batch(columns, at)
			}
		})
	}
	all.Wait()
	return errors.Join(failed...)
}

func (k *kernel) batch(columns *scoring.Columns, at int) error {
	batch := k.batches[at]
	if err := give(columns, batch); err != nil {
		return err
	}
	return columns.Score(len(batch[0].values), &k.results[at])
}
