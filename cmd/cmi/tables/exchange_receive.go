package tables

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/flight"
	"google.golang.org/grpc/status"

	"github.com/customer-momentum/cmi/server/columnar"
)

// incoming reads batches of scores from a stream.
type incoming struct {
	stream flight.FlightService_DoExchangeClient
	note   string // of the last message
}

// next is a [columnar.Source].
func (i *incoming) next() (header, body []byte, err error) {
	m, err := i.stream.Recv()
	if err != nil {
		return nil, nil, err
	}
	i.note = string(m.GetAppMetadata())
	return m.GetDataHeader(), m.GetDataBody(), nil
}

// receive takes answers until the service ends the stream, and hands on the lanes that are answered.
func (x *exchange) receive(ctx context.Context, stream flight.FlightService_DoExchangeClient) error {
	in := &incoming{stream: stream}
	table, err := columnar.NewReader(in.next)
	if errors.Is(err, io.EOF) {
		return nil // there was nothing to answer
	}
	if err != nil {
		return &ServiceError{err}
	}
	defer table.Release()
	for {
		batch, err := table.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return &ServiceError{err}
		}
		err = x.take(ctx, batch, in.note)
		batch.Release()
		if err != nil {
			return err
		}
	}
}

// take takes the answer to the batch that was sent first.
func (x *exchange) take(ctx context.Context, batch arrow.RecordBatch, note string) error {
	x.mutex.Lock()
	if len(x.sent) == 0 {
		x.mutex.Unlock()
		return &ServiceError{errors.New("the service answered a batch that was not sent")}
	}
	of := x.sent[0]
	x.sent = x.sent[1:]
	x.mutex.Unlock()
	if note != strconv.Itoa(of.number) || batch.NumRows() != int64(of.rows) {
		return &ServiceError{fmt.Errorf("the service answered batch %.20q with %d rows in place of batch %d with %d", note, batch.NumRows(), of.number, of.rows)}
	}
	if err := guarded(func() error { return of.lane.take(batch) }); err != nil {
		return &ServiceError{err}
	}
	x.heard = time.Now()
	if of.lane.parcel.got < len(of.lane.parcel.rows) {
		return nil
	}
	x.mutex.Lock()
	x.waiting = x.waiting[1:]
	x.mutex.Unlock()
	if err := guarded(func() error { of.lane.settle(); return nil }); err != nil {
		return err
	}
	select {
	case x.answered <- of.lane:
		return nil
	case <-ctx.Done():
		return status.FromContextError(ctx.Err()).Err()
	}
}
