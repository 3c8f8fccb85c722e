package tables

import (
	"bytes"
	"context"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/flight"
	"github.com/apache/arrow-go/v18/arrow/ipc"
)

// mostSent is how many bytes a batch has on the wire, unless a single row has more: well below what services take in a message.
const mostSent = 4 << 20

// sentBatch is a batch that was sent and not answered.
type sentBatch struct {
	lane   *lane
	rows   int
	number int
}

// outgoing writes batches to a stream. They are gathered first, since how large a batch is shows itself only then.
type outgoing struct {
	stream   flight.FlightService_DoExchangeClient
	writer   *flight.Writer
	messages []*flight.FlightData
}

func newOutgoing(stream flight.FlightService_DoExchangeClient, schema *arrow.Schema, command []byte) *outgoing {
	o := &outgoing{stream: stream}
	o.writer = flight.NewRecordWriter(o, ipc.WithSchema(schema))
	o.writer.SetFlightDescriptor(&flight.FlightDescriptor{Type: flight.DescriptorCMD, Cmd: command})
	return o
}

// Send takes a message from the writer, whose memory it is.
func (o *outgoing) Send(m *flight.FlightData) error {
	o.messages = append(o.messages, &flight.FlightData{
		FlightDescriptor: m.GetFlightDescriptor(), DataHeader: bytes.Clone(m.GetDataHeader()), DataBody: bytes.Clone(m.GetDataBody()),
	})
	return nil
}

// write writes a batch of as many of the rows as fit into a message, and answers how many these are. The last message that is then
// gathered is the batch; before it are the schema and dictionaries.
func (o *outgoing) write(rows arrow.RecordBatch, from int64) (int64, error) {
	for n := rows.NumRows() - from; ; n /= 2 {
		part := rows.NewSlice(from, from+n)
		err := o.writer.Write(part)
		part.Release()
		if err != nil {
			return 0, err
		}
		last := len(o.messages) - 1
		if n <= 1 || len(o.messages[last].GetDataBody()) <= mostSent {
			return n, nil
		}
		o.messages = o.messages[:last]
	}
}

// flush sends what was gathered; note goes with the batch.
func (o *outgoing) flush(note string) error {
	o.messages[len(o.messages)-1].AppMetadata = []byte(note)
	for k, m := range o.messages {
		o.messages[k] = nil
		if err := o.stream.Send(m); err != nil {
			return err
		}
	}
	o.messages = o.messages[:0]
	return nil
}

// send sends the lanes that wait, and then those that come, until one of them could not be read or there are no more.
func (x *exchange) send(ctx context.Context, stream flight.FlightService_DoExchangeClient) error {
	x.mutex.Lock()
	again := append([]*lane(nil), x.waiting...)
	x.mutex.Unlock()
	var to *outgoing
	for k := 0; ; k++ {
		var l *lane
		if k < len(again) {
			l = again[k]
		} else {
			var err error
			if l, err = x.next(ctx); err != nil {
				return err
			}
		}
		if l == nil || l.err != nil {
			return stream.CloseSend()
		}
		if to == nil {
			to = newOutgoing(stream, l.parcel.batch.Schema(), x.command)
		}
		if err := x.sendLane(l, to); err != nil {
			return err
		}
	}
}

// next takes the next lane, which waits from then on; nil: there is none.
func (x *exchange) next(ctx context.Context) (*lane, error) {
	x.mutex.Lock()
	ended := x.ended
	x.mutex.Unlock()
	if ended {
		return nil, nil
	}
	select {
	case l, more := <-x.order:
		if more {
			<-l.done
		}
		x.mutex.Lock()
		defer x.mutex.Unlock()
		if x.ended = !more; x.ended {
			return nil, nil
		}
		x.waiting = append(x.waiting, l)
		return l, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// sendLane sends what of a lane was not answered. One without rows is sent all the same: its answer is that it is its turn.
func (x *exchange) sendLane(l *lane, to *outgoing) error {
	// The lane is the sender's until its last batch is sent; then it may be answered, and be used for other rows.
	rows := l.parcel.batch
	rows.Retain()
	defer rows.Release()
	for at := int64(l.parcel.got); ; {
		n, err := to.write(rows, at)
		if err != nil {
			return err
		}
		x.mutex.Lock()
		number := x.number
		x.number++
		x.sent = append(x.sent, sentBatch{lane: l, rows: int(n), number: number})
		x.mutex.Unlock()
		if err := to.flush(strconv.Itoa(number)); err != nil {
			return err
		}
		if at += n; at >= rows.NumRows() {
			return nil
		}
	}
}
