package tables

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/apache/arrow-go/v18/arrow/flight"
	rpc "google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/customer-momentum/cmi/internal/rest"
)

const (
	// lanesAhead is how many lanes there are beside those of a run in process, for what was sent and is not answered yet.
	lanesAhead = 8
	// firstPause and lastPause are how long it takes at first, and at most, to ask a service again that went away.
	firstPause, lastPause = 250 * time.Millisecond, 5 * time.Second
	// patience is how long a service may be away: longer than one takes to be started again.
	patience = 5 * time.Minute
)

// exchange has lanes scored by a service, in their order. A lane waits in it until the service answered, so that what was not
// answered can be sent again over another connection; responses that were recorded all the same are answered from the record.
type exchange struct {
	service *Service
	client  flight.Client
	command []byte
	note    func(text string)

	order    <-chan *lane
	answered chan *lane
	err      error // read once answered is closed

	mutex sync.Mutex
	// waiting are the lanes that were taken and not answered, and sent the batches of them, both by order.
	waiting []*lane
	sent    []sentBatch
	// ended tells that there is no lane after those that are waiting.
	ended  bool
	heard  time.Time // when the service answered last
	number int       // of the next batch
}

func newExchange(j *Job, order <-chan *lane) (*exchange, error) {
	command, err := j.command()
	if err != nil {
		return nil, err
	}
	x := &exchange{
		service: j.Service, client: flight.NewClientFromConn(j.Service.Conn, nil), command: command, note: j.Note,
		order: order, answered: make(chan *lane, cap(order)),
	}
	if x.note == nil {
		x.note = func(string) {}
	}
	return x, nil
}

// run goes on until every lane was answered, over as many connections as it takes.
func (x *exchange) run(ctx context.Context) {
	defer close(x.answered)
	most := x.service.Patience
	if most == 0 {
		most = patience
	}
	x.heard = time.Now()
	pause := firstPause
	for {
		before := x.heard
		if x.err = x.attempt(ctx); x.err == nil || ctx.Err() != nil || !passing(x.err) || time.Since(x.heard) > most {
			return
		}
		if x.heard.After(before) {
			pause = firstPause
		}
		if pause == firstPause { // said once, however long it takes
			x.note(fmt.Sprintf("the service went away (%s); what was not answered is sent again", status.Convert(errors.Unwrap(x.err)).Message()))
		}
		if x.service.Reconnect != nil {
			x.service.Reconnect()
		}
		rest.For(ctx, pause)
		pause = min(2*pause, lastPause)
	}
}

// passing tells errors that pass by themselves: the service is started again, its store is, or nothing moved for too long.
func passing(err error) bool {
	if _, there := errors.AsType[*ServiceError](err); !there {
		return false
	}
	code := status.Code(err)
	return code == rpc.Unavailable || code == rpc.DeadlineExceeded
}

// attempt sends what waits, and all that comes, over one stream.
func (x *exchange) attempt(ctx context.Context) error {
	if len(x.waiting) == 0 { // a table without rows has nothing to ask for
		l, err := x.next(ctx)
		if l == nil {
			return err
		}
	}
	if err := x.waiting[0].err; err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := x.client.DoExchange(ctx)
	if err != nil {
		return &ServiceError{err}
	}
	x.sent = nil
	var sending error
	done := make(chan struct{})
	go func() {
		defer close(done)
		if sending = x.send(ctx, stream); sending != nil && !errors.Is(sending, io.EOF) {
			cancel() // io.EOF: the stream is over, and the receiving side learns why
		}
	}()
	err = x.receive(ctx, stream)
	cancel()
	<-done
	if sending != nil && !errors.Is(sending, io.EOF) && !errors.Is(sending, context.Canceled) {
		return sending
	}
	if err == nil {
		err = x.unfinished()
	}
	return err
}

// unfinished says what is left once the service answered everything: nothing, or a lane that could not be read.
func (x *exchange) unfinished() error {
	x.mutex.Lock()
	defer x.mutex.Unlock()
	for _, l := range x.waiting {
		if l.err != nil {
			return l.err
		}
	}
	if len(x.waiting) > 0 || !x.ended {
		return &ServiceError{errors.New("the service ended the table before it had answered all of it")}
	}
	return nil
}
