package main

import (
	"context"
	"fmt"
)

// grown is what a table of some size came to.
type grown struct {
	rows, items int
	result
}

// growthRows is how many rows tables have while their items grow.
const growthRows = 1_000_000

// measureGrowth compares the engine and DuckDB on tables of growing sizes.
func measureGrowth(ctx context.Context, _ string, o options, found *findings) error {
	for rows := 10_000; rows <= o.most; rows *= 10 {
		found.longer = append(found.longer, grown{rows: rows, items: ratings})
	}
	for _, items := range []int{6, 12, 24, 48, 60} {
		found.wider = append(found.wider, grown{rows: min(growthRows, o.most), items: items})
	}
	for _, all := range [][]grown{found.longer, found.wider} {
		for k := range all {
			g := &all[k]
			sides, err := memorySides(ctx, g.rows, g.items, wayChunks, wayTable)
			if err != nil {
				return err
			}
			name := fmt.Sprintf("growth-%d-%d", g.rows, g.items)
			if g.result, err = conduct(ctx, name, sides, o); err != nil {
				return err
			}
		}
	}
	return nil
}
