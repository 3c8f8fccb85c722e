package main

import (
	"fmt"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
)

const (
	// batchRows is how many rows the engine is given at once, and how many a batch of Arrow has.
	batchRows = 1 << 16
	// answersOf is how many answers a rating has: 1 to 5.
	answersOf = 5
	// missingOf says that one answer in so many is missing.
	missingOf = 10
	pillars   = 3
)

// questionnaire is one of ratings from 1 to 5, as many of each pillar.
func questionnaire(items int) *cmiv1.Questionnaire {
	q := &cmiv1.Questionnaire{QuestionnaireId: "tables", Version: 1}
	for k := range items {
		q.Items = append(q.Items, &cmiv1.Item{
			ItemId: itemID(k), Pillar: cmiv1.Pillar(1 + k/(items/pillars)),
			Scale: &cmiv1.Item_Rating{Rating: &cmiv1.Rating{Min: 1, Max: answersOf}},
		})
	}
	return q
}

func itemID(k int) string { return fmt.Sprintf("i%d", k) }

// column is what some rows answered to an item: the answers, and a bit for each that is there.
type column struct {
	values []int8
	valid  []byte
}

// answers makes the answers of the rows from one on; the same for whoever asks.
func answers(items, from, rows int) []column {
	columns := make([]column, items)
	for k := range columns {
		c := column{make([]int8, rows), make([]byte, (rows+7)/8)}
		for i := range rows {
			draw := scatter(uint64(from+i)*uint64(items) + uint64(k))
			c.values[i] = int8(1 + draw%answersOf)
			if (draw>>32)%missingOf != 0 {
				c.valid[i/8] |= 1 << (i % 8)
			}
		}
		columns[k] = c
	}
	return columns
}

// scatter turns neighbouring numbers into ones that look drawn at random (SplitMix64: G. L. Steele, D. Lea and C. H. Flood, Fast
// splittable pseudorandom number generators, OOPSLA 2014).
func scatter(n uint64) uint64 {
	n = (n + 1) * 0x9e3779b97f4a7c15
	n = (n ^ n>>30) * 0xbf58476d1ce4e5b9
	n = (n ^ n>>27) * 0x94d049bb133111eb
	return n ^ n>>31
}

// give gives columns to the engine.
func give(to *scoring.Columns, columns []column) error {
	for k, c := range columns {
		values := scoring.Column{Values: scoring.Numbers(c.values), Valid: scoring.Bits{Bytes: c.valid}}
		if err := to.Set(itemID(k), values); err != nil {
			return err
		}
	}
	return nil
}
