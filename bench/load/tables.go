package load

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"google.golang.org/grpc"

	"github.com/customer-momentum/cmi/bench/sample"
)

// tables sends the sample in batches of columns by Arrow Flight.
type tables struct {
	conns []*grpc.ClientConn
	// batches are one for each caller: only their ids are written anew.
	batches []*sample.Batch
}

func newTables(o Order) (*tables, error) {
	conns, err := dial(o)
	t := &tables{conns: conns}
	for range o.Callers {
		t.batches = append(t.batches, sample.NewBatch(o.Chunk))
	}
	return t, err
}

func (t *tables) close() error { return closeAll(t.conns) }

func (t *tables) run(ctx context.Context, o Order, next *atomic.Uint64) (Report, error) {
	var answered atomic.Int64
	faults := make([]error, o.Callers)
	start := time.Now()
	more := o.more(start)
	var all sync.WaitGroup
	for i, batch := range t.batches {
		all.Go(func() {
			e := Exchange{Key: o.Key, Questionnaire: sample.Questionnaire, DryRun: o.DryRun, Schema: batch.Schema(), Window: o.Window}
			e.Next = func() arrow.RecordBatch {
				if !more(o.Chunk) {
					return nil
				}
				return batch.From(next.Add(uint64(o.Chunk)) - uint64(o.Chunk))
			}
			rows, err := e.Run(ctx, t.conns[i%len(t.conns)])
			answered.Add(int64(rows))
			faults[i] = err
		})
	}
	all.Wait()
	return Report{Responses: int(answered.Load()), Seconds: since(start)}, errors.Join(faults...)
}
