package sqlite

import (
	"context"
	"sync"

	"golang.org/x/sync/semaphore"
)

const (
	// queueRows bounds the rows that are handed in and not yet on disk. Callers beyond it wait, in order, as long as their
	// ctx lets them: a disk that cannot follow slows its callers down instead of filling the memory.
	queueRows = 32_768
	// groupRows is where the writer stops adding requests to a transaction, so that nobody waits for long. One that is
	// larger goes alone.
	groupRows = 8_192
)

// queue is where requests wait for the writer.
type queue struct {
	room *semaphore.Weighted

	mu      sync.Mutex
	arrived *sync.Cond
	line    []*request
	closed  bool
	woken   bool
}

func newQueue() *queue {
	q := &queue{room: semaphore.NewWeighted(queueRows)}
	q.arrived = sync.NewCond(&q.mu)
	return q
}

func (q *queue) put(ctx context.Context, r *request) error {
	if err := q.room.Acquire(ctx, r.weight()); err != nil {
		return err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		q.leave(r)
		return errClosed()
	}
	q.line = append(q.line, r)
	q.arrived.Signal()
	return nil
}

// take waits for requests and answers those that wait, up to the bound of a group, or an empty group once it is woken.
// After close it answers the rest, then none at all.
func (q *queue) take() []*request {
	q.mu.Lock()
	defer q.mu.Unlock()
	for {
		for len(q.line) == 0 && !q.closed && !q.woken {
			q.arrived.Wait()
		}
		if len(q.line) == 0 && q.closed {
			return nil
		}
		if q.woken && len(q.line) == 0 {
			q.woken = false
			return []*request{}
		}
		if group := q.group(); len(group) > 0 {
			return group
		}
	}
}

// group takes from the head of the line, and lets go of those whose callers went away.
func (q *queue) group() []*request {
	var group []*request
	rows, n := 0, 0
	for _, r := range q.line {
		if len(group) > 0 && rows+r.size() > groupRows {
			break
		}
		n++
		if !r.claim() {
			q.leave(r)
			continue
		}
		group = append(group, r)
		rows += r.size()
	}
	rest := copy(q.line, q.line[n:])
	clear(q.line[rest:])
	q.line = q.line[:rest]
	return group
}

// leave gives back the room that a request took. Everyone who was put in leaves once.
func (q *queue) leave(r *request) { q.room.Release(r.weight()) }

// wake has take answer though nothing may have come.
func (q *queue) wake() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.woken = true
	q.arrived.Signal()
}

func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.arrived.Broadcast()
}
