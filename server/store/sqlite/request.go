package sqlite

import (
	"context"
	"sync/atomic"
)

// request is what one caller wants written. Its parts are read by the writer only after it was claimed, and by the caller
// only after it was answered.
type request struct {
	rows     []*row                               // to insert; all of a group's rows are inserted together, before anything else
	deeds    []*deed                              // interactions to insert after them, likewise
	outcomes []*deed                              // outcomes to insert after those, likewise
	apply    func(context.Context, *writer) error // what else to do in the transaction; an error undoes it. May run twice

	state atomic.Int32
	done  chan error // answered once, when what was written is on disk
}

const (
	waiting int32 = iota
	claimed       // the writer has it: whoever waits for it waits to the end
	dropped       // its caller went away before the writer came: it is not written
)

func newRequest() *request { return &request{done: make(chan error, 1)} }

func (r *request) claim() bool { return r.state.CompareAndSwap(waiting, claimed) }

func (r *request) drop() bool { return r.state.CompareAndSwap(waiting, dropped) }

// weight is how much of the queue's room it takes.
func (r *request) weight() int64 { return min(max(1, int64(r.size())), queueRows) }

// size is how many rows it inserts.
func (r *request) size() int { return len(r.rows) + len(r.deeds) + len(r.outcomes) }
