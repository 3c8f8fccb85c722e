package sqlite

import (
	"context"
	"fmt"
	"time"
)

const (
	// cleanPatience is how long an erasure waits for those who read, in milliseconds. Reads are short; whoever begins
	// anew does not need the log any more.
	cleanPatience = 50
	// cleanPause and cleanPauseMost bound the pause until it is tried again, where a reader stayed longer than that.
	cleanPause     = 50 * time.Millisecond
	cleanPauseMost = time.Second
)

// cleaning is what the writer knows of bytes that are still in the log and should not be.
type cleaning struct {
	due   bool
	after time.Time     // not tried again before
	pause time.Duration // until the next time
	timer *time.Timer   // wakes the writer for it
}

// soil says that the log holds bytes that were erased.
func (c *cleaning) soil() {
	c.due, c.after, c.pause = true, time.Time{}, cleanPause
}

func (c *cleaning) stop() {
	if c.timer != nil {
		c.timer.Stop()
	}
}

// clean folds the log into the file and cuts it off, where that is due. A reader that holds on to an older state is in the
// way of that: then it is tried again after a pause. A crash in between does no harm: the next start cleans first.
func (w *writer) clean(ctx context.Context) {
	if !w.cleaning.due || time.Now().Before(w.cleaning.after) {
		return
	}
	if err := w.cutLog(ctx); err == nil {
		w.cleaning.due = false
		return
	}
	w.cleaning.after = time.Now().Add(w.cleaning.pause)
	w.cleaning.stop()
	w.cleaning.timer = time.AfterFunc(w.cleaning.pause, w.queue.wake)
	w.cleaning.pause = min(2*w.cleaning.pause, cleanPauseMost)
}

// cutLog tries it once, and waits less long for readers than a write waits for the file.
func (w *writer) cutLog(ctx context.Context) error {
	var patience int
	if err := w.conn.QueryRowContext(ctx, "PRAGMA busy_timeout").Scan(&patience); err != nil {
		return err
	}
	if _, err := w.conn.ExecContext(ctx, fmt.Sprintf("PRAGMA busy_timeout = %d", min(patience, cleanPatience))); err != nil {
		return err
	}
	var busy, frames, moved int
	err := w.conn.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &frames, &moved)
	if _, back := w.conn.ExecContext(ctx, fmt.Sprintf("PRAGMA busy_timeout = %d", patience)); back != nil {
		return back
	}
	if err == nil && busy != 0 {
		err = fmt.Errorf("%d of %d frames are in use", frames-moved, frames)
	}
	return err
}
