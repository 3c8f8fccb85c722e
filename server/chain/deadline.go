package chain

import (
	"context"
	"sync"
	"time"
)

// deadline is a context that ends at a time, as that of context.WithDeadline does, and sets its timer only once somebody waits
// for the end. Scoring without recording waits for nothing, and the timer would cost one part in fifteen of such a call.
type deadline struct {
	context.Context // without a deadline that is earlier
	at              time.Time

	mu    sync.Mutex
	armed context.Context
	// end ends armed; ended says that it came first.
	end   context.CancelFunc
	ended bool
}

// Deadline answers when the context ends.
func (d *deadline) Deadline() (time.Time, bool) { return d.at, true }

// Done sets the timer.
func (d *deadline) Done() <-chan struct{} { return d.arm().Done() }

// AfterFunc is what contexts made of this one look for: it spares each of them a goroutine that waits.
func (d *deadline) AfterFunc(f func()) (stop func() bool) { return context.AfterFunc(d.arm(), f) }

// Err answers why the context ended, nil while it has not.
func (d *deadline) Err() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.armed != nil:
		return d.armed.Err()
	case d.Context.Err() != nil:
		return d.Context.Err()
	case d.ended:
		return context.Canceled
	case !time.Now().Before(d.at):
		return context.DeadlineExceeded
	default:
		return nil
	}
}

func (d *deadline) arm() context.Context {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.armed == nil {
		d.armed, d.end = context.WithDeadline(d.Context, d.at)
		if d.ended {
			d.end()
		}
	}
	return d.armed
}

// cancel ends the context and frees the timer where there is one.
func (d *deadline) cancel() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ended = true
	if d.end != nil {
		d.end()
	}
}
