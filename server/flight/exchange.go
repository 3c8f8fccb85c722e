package flight

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/flight"
	"google.golang.org/grpc/metadata"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/columnar"
	"github.com/customer-momentum/cmi/server/fault"
	"github.com/customer-momentum/cmi/server/scores"
)

// DoExchange answers each batch of a table with a batch of scores, in order, once they are on disk. One goroutine takes batches,
// each is scored and recorded by a lane, and the handler's goroutine sends the results in the order of the batches.
//
// A batch is taken only once there is a lane for it, and a lane is free again only once the results of its batch were sent: that
// is what bounds the memory of a call, and what makes flow control reach the client. A call holds, for each lane, a message (as
// large as the server takes), what that is decompressed to, its dictionaries and its scores; see the bounds of [columnar].
//
// Whatever ends the taking (the client's end, a fault in a batch, idleness, the shutdown), the batches that were taken are
// answered first.
func (s *service) DoExchange(stream flight.FlightService_DoExchangeServer) error {
	in := &intake{stream: stream}
	c, err := s.opening(in)
	if err != nil {
		return err
	}
	run, err := s.scores.Open(stream.Context(), tenant(stream.Context()), c.plan)
	if err != nil {
		return err
	}
	results, err := columnar.NewResults(c.columns)
	if err != nil {
		return refused(inDescriptor+".columns", err)
	}
	if _, err := run.Table(); err != nil { // the questionnaire may not be scored
		return err
	}
	// Sent before the first batch is taken: a client knows at once that it was let in.
	if err := stream.SendHeader(metadata.MD{}); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(stream.Context())
	defer cancel()
	p := &pipeline{in: in, queue: make(chan *taken, s.options.PipelineDepth), lanes: make(chan *lane, s.options.PipelineDepth)}
	go p.take(ctx, run, c)
	return p.answer(ctx, newWriter(stream, results.Schema(), &s.spare))
}

// opening reads the command, which stands in the first message.
func (s *service) opening(in *intake) (*command, error) {
	descriptor, err := in.descriptor()
	if err != nil {
		return nil, err
	}
	c, err := s.described(descriptor)
	if err != nil {
		return nil, err
	}
	if c.list != nil {
		return nil, invalid(inDescriptor+".scores", "DoExchange scores a table; GetFlightInfo gives the ticket with which DoGet answers recorded scores")
	}
	return c, nil
}

// pipeline is one table under way.
type pipeline struct {
	in    *intake
	queue chan *taken
	// lanes are those that are free, and laid how many there are.
	lanes chan *lane
	laid  int
	// ended says why the taking ended, nil for the client's own end; read it once the queue is closed.
	ended error
}

// taken is a batch that was taken, and its results once done is closed.
type taken struct {
	number  int
	batch   arrow.RecordBatch
	note    []byte
	lane    *lane
	results arrow.RecordBatch
	err     error
	done    chan struct{}
}

// take takes batches until the table ends, and sets each to work. It runs in a goroutine of its own, which no interceptor guards.
func (p *pipeline) take(ctx context.Context, run *scores.Run, c *command) {
	defer close(p.queue)
	defer func() {
		if value := recover(); value != nil {
			p.ended = panicked(value)
		}
	}()
	table, err := columnar.NewReader(p.in.next)
	if errors.Is(err, io.EOF) {
		err = fault.Field(cmiv1.ErrorReason_STREAM_PROTOCOL, "data_header", "the stream ended before the schema of its table")
	}
	if err != nil {
		p.ended = refused("schema", err)
		return
	}
	defer table.Release()
	p.ended = p.takeAll(ctx, table, func() (*lane, error) { return newLane(run, c, table.Schema()) })
}

func (p *pipeline) takeAll(ctx context.Context, table *columnar.Reader, lay func() (*lane, error)) error {
	for number := 0; ; number++ {
		t := &taken{number: number, done: make(chan struct{})}
		var err error
		if t.lane, err = p.lane(ctx, lay); err != nil {
			return err
		}
		batch, err := table.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return refused(t.field(), err)
		}
		t.batch, t.note = batch, p.in.note
		p.queue <- t // never full: there are as many places as lanes
		go p.score(ctx, t)
	}
}

// lane answers a lane for the next batch. They are laid as they are needed: a table that trickles in needs one.
func (p *pipeline) lane(ctx context.Context, lay func() (*lane, error)) (*lane, error) {
	select {
	case l := <-p.lanes:
		return l, nil
	default:
	}
	if p.laid < cap(p.lanes) {
		p.laid++
		return lay()
	}
	select {
	case l := <-p.lanes:
		return l, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// score scores a batch in a goroutine of its own, which no interceptor guards: a panic in it would end the process.
func (p *pipeline) score(ctx context.Context, t *taken) {
	defer close(t.done)
	defer t.batch.Release()
	defer func() {
		if value := recover(); value != nil {
			t.err = panicked(value)
		}
	}()
	if t.results, t.err = t.lane.score(ctx, t.batch); t.err != nil {
		t.err = refused(t.field(), t.err)
	}
}

// field names a batch, counted from 0.
func (t *taken) field() string { return fmt.Sprintf("batches[%d]", t.number) }

// answer sends the results of every batch in order, then ends with what ended the taking.
func (p *pipeline) answer(ctx context.Context, to *writer) error {
	for t := range p.queue {
		select {
		case <-t.done:
		case <-ctx.Done():
			return ctx.Err()
		}
		if t.err != nil {
			return t.err
		}
		if err := to.write(t.results, t.note); err != nil {
			return err
		}
		t.results.Release()
		p.lanes <- t.lane
	}
	if p.ended != nil {
		return p.ended
	}
	return to.Close() // a table without batches is answered with the schema alone
}

// refused puts what is wrong with a table into the form of the service; other errors stay as they are.
func refused(field string, err error) error {
	if wrong, ok := errors.AsType[*columnar.Fault](err); ok {
		return invalid(field, "%s", wrong.Message)
	}
	return err
}

func panicked(value any) error { return fmt.Errorf("panic: %v\n%s", value, debug.Stack()) }
