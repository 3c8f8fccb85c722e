package tables

import (
	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
)

// Summary is what a run came to.
type Summary struct {
	Rows int64 `json:"rows"`
	// Rejected are rows that were refused; they are among Rows, without a score.
	Rejected int64 `json:"rejected"`
	// Statuses and Buckets count rows by their names, without the prefixes.
	Statuses map[string]int64 `json:"statuses"`
	Buckets  map[string]int64 `json:"buckets"`
	// Reasons count what was wrong, several things of a row each, by item and kind.
	Reasons []Reason `json:"reasons,omitempty"`
}

// Reason is something that was wrong, and how often.
type Reason struct {
	Item string `json:"item,omitempty"`
	Kind string `json:"kind"`
	// Count is how many times, and First the first row with it.
	Count int64 `json:"count"`
	First int64 `json:"firstRow"`
}

// counts are the counts of a summary by the numbers of the contract.
type counts struct {
	statuses [8]int64
	buckets  [8]int64
}

func (c *counts) add(scores *scoring.ColumnScores) {
	for _, s := range scores.Status {
		c.statuses[s&7]++
	}
	for _, b := range scores.Bucket {
		c.buckets[b&7]++
	}
}

// tally grows with the batches of a run.
type tally struct {
	counts
	rows, rejected int64
	reasons        map[[2]string]int // places in the list
	list           []Reason
}

// addRejects takes those of a batch, whose rows are counted from 1 by now.
func (t *tally) addRejects(all []Reject) {
	for k := range all {
		key := [2]string{all[k].Item, all[k].kind}
		at, known := t.reasons[key]
		if !known {
			if t.reasons == nil {
				t.reasons = map[[2]string]int{}
			}
			at = len(t.list)
			t.reasons[key] = at
			t.list = append(t.list, Reason{Item: key[0], Kind: key[1], First: all[k].Row})
		}
		t.list[at].Count++
	}
}

func (t *tally) summary() *Summary {
	s := &Summary{Rows: t.rows, Rejected: t.rejected, Statuses: map[string]int64{}, Buckets: map[string]int64{}, Reasons: t.list}
	for n, name := range cmiv1.ScoreStatus_name {
		if n != 0 {
			s.Statuses[name[len("SCORE_STATUS_"):]] = t.statuses[n]
		}
	}
	for n, name := range cmiv1.Bucket_name {
		if n != 0 {
			s.Buckets[name[len("BUCKET_"):]] = t.buckets[n]
		}
	}
	return s
}
