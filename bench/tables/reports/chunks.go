package main

import (
	"context"
	"iter"
	"runtime"
)

// chunkRows is how many rows are made together.
const chunkRows = 2_048

// made is a chunk of rows, or why there is none.
type made[T any] struct {
	rows []T
	err  error
}

// chunked makes so many rows on all cores, chunk by chunk, and answers them in order.
func chunked[T any](ctx context.Context, rows int, row func(n int) (T, error)) iter.Seq2[[]T, error] {
	return func(yield func([]T, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		ahead := make(chan chan made[T], 2*runtime.NumCPU())
		go func() {
			defer close(ahead)
			for from := 0; from < rows; from += chunkRows {
				one := make(chan made[T], 1)
				select {
				case ahead <- one:
				case <-ctx.Done():
					return
				}
				go func() { one <- chunk(from, min(from+chunkRows, rows), row) }()
			}
		}()
		for one := range ahead {
			c := <-one
			if !yield(c.rows, c.err) || c.err != nil {
				return
			}
		}
		if err := ctx.Err(); err != nil {
			yield(nil, err)
		}
	}
}

func chunk[T any](from, to int, row func(n int) (T, error)) (c made[T]) {
	for n := from; n < to && c.err == nil; n++ {
		var one T
		one, c.err = row(n)
		c.rows = append(c.rows, one)
	}
	return c
}

// each answers the rows of chunks one by one.
func each[T any](chunks iter.Seq2[[]T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for rows, err := range chunks {
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, one := range rows {
				if !yield(one, nil) {
					return
				}
			}
		}
	}
}
