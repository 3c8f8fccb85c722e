package tables

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"
)

// open opens the input.
func (j *Job) open() (source, error) {
	in, err := j.In.open()
	if err != nil {
		return nil, err
	}
	from, err := j.read(in)
	if err != nil {
		return nil, errors.Join(j.about(err), in.close())
	}
	if j.Long == nil {
		return from, nil
	}
	long, err := newLongSource(from, j)
	if err != nil {
		return nil, errors.Join(j.about(err), from.close())
	}
	return long, nil
}

func (j *Job) read(in *input) (source, error) {
	switch j.In.Format {
	case CSV:
		return openCSV(in, j.Delimiter)
	case JSONLines:
		return openJSON(in)
	case Parquet:
		return openParquet(in)
	case Arrow, ArrowFile:
		return openArrow(in)
	}
	return nil, fmt.Errorf("%q is not a format", j.In.Format)
}

// about says of which table an error speaks.
func (j *Job) about(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", j.In, err)
}

// pipeline is a run at work.
type pipeline struct {
	job  *Job
	from source
	to   *table
	tally
	rejects *table // nil: nowhere
	// exchange has the lanes scored elsewhere; nil: they are scored here.
	exchange *exchange

	free, work, order chan *lane
}

// run scores all pieces, in as many lanes as keep everybody busy.
func (j *Job) run(ctx context.Context, from source, p *plan) (*Summary, error) {
	workers := j.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	lanes := workers + 2 // one is being read, and one written
	if j.Service != nil {
		lanes += lanesAhead
	}
	r := &pipeline{job: j, from: from, free: make(chan *lane, lanes), work: make(chan *lane, lanes), order: make(chan *lane, lanes)}
	if j.Service != nil {
		var err error
		if r.exchange, err = newExchange(j, r.order); err != nil {
			return nil, err
		}
	}
	all := make([]*lane, lanes)
	for k := range all {
		l, err := newLane(j, from, p)
		if err != nil {
			return nil, j.about(err)
		}
		all[k] = l
		r.free <- l
	}
	defer func() {
		for _, l := range all {
			l.release()
			l.piece.release()
		}
	}()
	if err := r.begin(all); err != nil {
		return nil, err
	}
	defer r.drop()
	if err := r.flow(ctx, workers); err != nil {
		return nil, err
	}
	if err := r.keep(); err != nil {
		return nil, err
	}
	return r.summary(), nil
}

// flow runs the goroutines of the pipeline until all is written, or something fails. The first failure in the order of the input
// is the one that is told.
func (r *pipeline) flow(ctx context.Context, workers int) error {
	ctx, cancel := context.WithCancel(ctx)
	var all sync.WaitGroup
	defer all.Wait()
	defer cancel()
	all.Go(func() { r.read(ctx) })
	if r.exchange != nil {
		all.Go(func() { r.exchange.run(ctx) })
	}
	for range workers {
		all.Go(func() {
			for l := range r.work {
				if l.err == nil {
					l.err = l.work()
				}
				l.done <- struct{}{}
			}
		})
	}
	for l := r.next(); l != nil; l = r.next() {
		if l.err != nil {
			return r.job.about(l.err)
		}
		if err := r.write(l); err != nil {
			return err
		}
		r.free <- l
	}
	if err := ctx.Err(); err != nil {
		return r.interrupted()
	}
	if r.exchange != nil {
		return r.failedThere()
	}
	return nil
}

// next answers the next lane that can be written; nil: there is none.
func (r *pipeline) next() *lane {
	if r.exchange != nil {
		return <-r.exchange.answered
	}
	l := <-r.order
	if l != nil {
		<-l.done
	}
	return l
}

func (r *pipeline) interrupted() error {
	if r.exchange != nil && !r.exchange.service.DryRun {
		return fmt.Errorf("interrupted after %d rows, which are recorded; the same command goes through all of them, and records none twice", r.rows)
	}
	return fmt.Errorf("interrupted after %d rows; nothing is kept", r.rows)
}

// failedThere says why the exchange ended, nil where it was done.
func (r *pipeline) failedThere() error {
	err := r.exchange.err
	if _, there := errors.AsType[*ServiceError](err); there {
		return err
	}
	return r.job.about(err)
}

// read reads pieces into free lanes. An error goes the way of a piece, so that it comes after those before it.
func (r *pipeline) read(ctx context.Context) {
	defer close(r.work)
	defer close(r.order)
	for {
		var l *lane
		select {
		case l = <-r.free:
		case <-ctx.Done():
			return
		}
		if ctx.Err() != nil {
			return
		}
		l.err = r.from.next(&l.piece)
		l.reached, l.of = r.from.progress()
		if errors.Is(l.err, io.EOF) {
			return
		}
		failed := l.err != nil
		r.order <- l
		r.work <- l
		if failed {
			return
		}
	}
}

// write writes what a lane made.
func (r *pipeline) write(l *lane) error {
	if err := r.to.sink.write(l.batch, l.encoded); err != nil {
		return err
	}
	for k := range l.rejects {
		l.rejects[k].Row += r.rows + 1
	}
	r.addRejects(l.rejects)
	if r.rejects != nil && len(l.rejects) > 0 {
		if err := r.rejects.writeRejects(l.rejects); err != nil {
			return err
		}
	}
	for k := range r.statuses {
		r.statuses[k] += l.counts.statuses[k]
		r.buckets[k] += l.counts.buckets[k]
	}
	r.rows += int64(l.rows)
	r.rejected += int64(len(l.scores.Refused))
	if r.job.Progress != nil {
		r.job.Progress(Progress{Rows: r.rows, Done: l.reached, Total: l.of})
	}
	return nil
}

// begin begins the output and the rejects.
func (r *pipeline) begin(lanes []*lane) (err error) {
	if r.to, err = newTable(r.job.Out, lanes[0].schema, r.job.Delimiter); err != nil {
		return err
	}
	for _, l := range lanes {
		l.encoder = r.to.sink.encoder()
	}
	if r.job.Rejects == nil {
		return nil
	}
	if r.rejects, err = newTable(*r.job.Rejects, rejectSchema(), r.job.Delimiter); err != nil {
		r.drop()
	}
	return err
}

// keep ends both; only then they have their names.
func (r *pipeline) keep() error {
	if r.rejects != nil {
		if err := r.rejects.end(); err != nil {
			return err
		}
	}
	if err := r.to.end(); err != nil {
		return err
	}
	if r.rejects != nil {
		if err := r.rejects.out.keep(); err != nil {
			return err
		}
	}
	return r.to.out.keep()
}

func (r *pipeline) drop() {
	for _, t := range []*table{r.to, r.rejects} {
		if t != nil {
			t.out.drop()
		}
	}
}
