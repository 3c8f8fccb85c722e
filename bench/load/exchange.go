package load

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/flight"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
)

// Exchange is one table that is sent by Arrow Flight, and answered.
type Exchange struct {
	Key           string
	Questionnaire string
	DryRun        bool
	Schema        *arrow.Schema
	// Window is how many batches wait for an answer.
	Window int
	// Next answers the next batch, nil at the end. A batch may be changed once the next one is asked for.
	Next func() arrow.RecordBatch
}

// Run sends the table, and answers how many rows were answered. Every one must have a score.
func (e Exchange) Run(ctx context.Context, conn *grpc.ClientConn) (rows int, err error) {
	ctx, cancel := context.WithCancel(metadata.NewOutgoingContext(ctx, credentials(e.Key)))
	defer cancel()
	command, err := json.Marshal(map[string]any{"questionnaireId": e.Questionnaire, "dryRun": e.DryRun})
	if err != nil {
		return 0, err
	}
	stream, err := flight.NewFlightServiceClient(conn).DoExchange(ctx)
	if err != nil {
		return 0, err
	}
	room, sent := make(chan struct{}, e.Window), make(chan error, 1)
	go func() { sent <- e.send(ctx, stream, command, room) }()
	rows, err = e.receive(stream, room)
	cancel()
	if err != nil {
		return 0, errors.Join(err, <-sent)
	}
	return rows, <-sent
}

// send sends the batches, each when there is room for it.
func (e Exchange) send(ctx context.Context, stream flight.FlightService_DoExchangeClient, command []byte, room chan struct{}) error {
	to := flight.NewRecordWriter(stream, ipc.WithSchema(e.Schema))
	to.SetFlightDescriptor(&flight.FlightDescriptor{Type: flight.DescriptorCMD, Cmd: command})
	for batch := e.Next(); batch != nil; batch = e.Next() {
		select {
		case room <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
		if err := to.Write(batch); err != nil {
			return err
		}
	}
	return errors.Join(to.Close(), stream.CloseSend())
}

// receive reads the answers, each of which makes room.
func (e Exchange) receive(stream flight.FlightService_DoExchangeClient, room chan struct{}) (rows int, err error) {
	from, err := flight.NewRecordReader(stream)
	if err != nil {
		return 0, err
	}
	defer from.Release()
	for from.Next() {
		batch := from.RecordBatch()
		if err := scored(batch); err != nil {
			return 0, err
		}
		rows += int(batch.NumRows())
		<-room
	}
	return rows, from.Err()
}

// scored tells whether every row of a batch has a score. Only a refused one has no status.
func scored(batch arrow.RecordBatch) error {
	at := batch.Schema().FieldIndices("status")
	if len(at) != 1 {
		return fmt.Errorf("the results have no status: %v", batch.Schema())
	}
	if refused := batch.Column(at[0]).NullN(); refused > 0 {
		why := "no reason given"
		if k := batch.Schema().FieldIndices("error"); len(k) == 1 {
			for row := range int(batch.NumRows()) {
				if texts, ok := batch.Column(k[0]).(*array.String); ok && texts.IsValid(row) {
					why = texts.Value(row)
					break
				}
			}
		}
		return fmt.Errorf("%d of %d rows were refused: %s", refused, batch.NumRows(), why)
	}
	return nil
}
