package sqlite

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
)

const (
	// queueRows bounds the rows of a line that are handed in and not yet on disk. Callers beyond it wait, in order, as long as their
	// ctx lets them: a disk that cannot follow slows its callers down instead of filling the memory.
	queueRows = 32_768
	// groupRows is where the writer stops adding requests of a line to a transaction, at most. One that is larger goes without
	// others of its line.
	groupRows = 8_192
	// leastRows is where it stops at least, and longGroup how long a transaction should take: where they take longer, fewer rows go
	// into one.
	leastRows = 256
	longGroup = 50 * time.Millisecond
	// fewRows is up to how many rows a request stands in the line of the small ones.
	fewRows = 64
)

// queue is where requests wait for the writer: in one line those that write little, as calls about one customer do, and in another
// what comes in bulk. Each transaction takes from both, so that neither waits for the other: a call about one customer waits for the
// transaction under way and its own, however much bulk is in line.
type queue struct {
	few, bulk line

	mu      sync.Mutex
	rows    int // where to stop adding requests of a line
	arrived *sync.Cond
	closed  bool
	woken   bool
}

// line is requests in the order in which they came.
type line struct {
	room    *semaphore.Weighted
	waiting []*request
}

func newQueue() *queue {
	q := &queue{
		few: line{room: semaphore.NewWeighted(queueRows)}, bulk: line{room: semaphore.NewWeighted(queueRows)}, rows: groupRows,
	}
	q.arrived = sync.NewCond(&q.mu)
	return q
}

// lineOf is where a request stands.
func (q *queue) lineOf(r *request) *line {
	if r.size() <= fewRows {
		return &q.few
	}
	return &q.bulk
}

func (q *queue) put(ctx context.Context, r *request) error {
	l := q.lineOf(r)
	if err := l.room.Acquire(ctx, r.weight()); err != nil {
		return err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		q.leave(r)
		return errClosed()
	}
	l.waiting = append(l.waiting, r)
	q.arrived.Signal()
	return nil
}

// take waits for requests and answers those that wait, up to the bound of a group, or an empty group once it is woken.
// After close it answers the rest, then none at all.
func (q *queue) take() []*request {
	q.mu.Lock()
	defer q.mu.Unlock()
	for {
		for q.empty() && !q.closed && !q.woken {
			q.arrived.Wait()
		}
		if q.empty() && q.closed {
			return nil
		}
		if q.woken && q.empty() {
			q.woken = false
			return []*request{}
		}
		if group := q.bulk.take(q.few.take(nil, q.rows), q.rows); len(group) > 0 {
			return group
		}
	}
}

func (q *queue) empty() bool { return len(q.few.waiting)+len(q.bulk.waiting) == 0 }

// took hears how long a group took, and makes the next ones smaller or larger.
func (q *queue) took(while time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case while > longGroup:
		q.rows = max(q.rows/2, leastRows)
	case while < longGroup/2:
		q.rows = min(q.rows*2, groupRows)
	}
}

// take adds from the head of the line to a group, up to a number of rows, and lets go of those whose callers went away.
func (l *line) take(group []*request, most int) []*request {
	rows, n, taken := 0, 0, false
	for _, r := range l.waiting {
		if taken && rows+r.size() > most {
			break
		}
		n++
		if !r.claim() {
			l.leave(r)
			continue
		}
		group, rows, taken = append(group, r), rows+r.size(), true
	}
	rest := copy(l.waiting, l.waiting[n:])
	clear(l.waiting[rest:])
	l.waiting = l.waiting[:rest]
	return group
}

// leave gives back the room that a request took. Everyone who was put in leaves once.
func (l *line) leave(r *request) { l.room.Release(r.weight()) }

func (q *queue) leave(r *request) { q.lineOf(r).leave(r) }

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
