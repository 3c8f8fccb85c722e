package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	"github.com/customer-momentum/cmi/bench/load"
	"github.com/customer-momentum/cmi/bench/target"
	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server"
)

const (
	// exchanges is how many tables are sent at once, window how many of the batches of each wait for an answer.
	exchanges = 2
	window    = 3
)

// playService is the whole service with the questionnaire in it.
func playService(ctx context.Context, o options) (err error) {
	server.RelaxCollector()
	if err := os.MkdirAll(o.home, 0o700); err != nil {
		return err
	}
	t, err := target.Start(ctx, target.Whole, target.Place{Dir: o.home})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.Close()) }()
	conn, err := dial(t.GRPC)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := publish(metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+t.Key), conn, o.items); err != nil {
		return err
	}
	return play(answer{Address: t.GRPC, Key: t.Key}, 0, func(string) error { return errors.New("a service scores what it is sent") })
}

// publish puts the questionnaire into the service.
func publish(ctx context.Context, conn *grpc.ClientConn, items int) error {
	to, q := cmiv1.NewQuestionnaireServiceClient(conn), questionnaire(items)
	if _, err := to.CreateQuestionnaire(ctx, &cmiv1.CreateQuestionnaireRequest{Questionnaire: q}); err != nil {
		return err
	}
	_, err := to.PublishQuestionnaire(ctx, &cmiv1.PublishQuestionnaireRequest{QuestionnaireId: q.GetQuestionnaireId()})
	return err
}

func dial(address string) (*grpc.ClientConn, error) {
	return grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
}

// playClient keeps the table as batches of Arrow, and sends all of them to a service.
func playClient(ctx context.Context, o options) error {
	conns := make([]*grpc.ClientConn, exchanges)
	for k := range conns {
		conn, err := dial(o.address)
		if err != nil {
			return err
		}
		defer conn.Close()
		conns[k] = conn
	}
	batches := recordBatches(o.tableRows, o.items)
	return play(answer{}, o.tableRows, func(way string) error {
		if way == "" {
			return send(ctx, conns, o.key, batches)
		}
		rows, err := strconv.Atoi(way)
		if err != nil {
			return err
		}
		return sendLong(ctx, conns[0], o.key, batches, rows)
	})
}

// sendLong sends the batches again and again over one stream, until it had so many rows at least.
func sendLong(ctx context.Context, conn *grpc.ClientConn, key string, batches []arrow.RecordBatch, rows int) error {
	next, sent := 0, 0
	e := load.Exchange{Key: key, Questionnaire: questionnaire(0).GetQuestionnaireId(), DryRun: true, Schema: batches[0].Schema(), Window: window}
	e.Next = func() arrow.RecordBatch {
		if sent >= rows {
			return nil
		}
		batch := batches[next%len(batches)]
		next, sent = next+1, sent+int(batch.NumRows())
		return batch
	}
	answered, err := e.Run(ctx, conn)
	if err == nil && answered != sent {
		err = fmt.Errorf("%d rows were answered of %d", answered, sent)
	}
	return err
}

// send sends all batches once, over some connections at once.
func send(ctx context.Context, conns []*grpc.ClientConn, key string, batches []arrow.RecordBatch) error {
	var next atomic.Int64
	var all sync.WaitGroup
	failed := make([]error, len(conns))
	for k, conn := range conns {
		all.Go(func() {
			e := load.Exchange{Key: key, Questionnaire: questionnaire(0).GetQuestionnaireId(), DryRun: true, Schema: batches[0].Schema(), Window: window}
			e.Next = func() arrow.RecordBatch {
				if at := int(next.Add(1)) - 1; at < len(batches) {
					return batches[at]
				}
				return nil
			}
			_, failed[k] = e.Run(ctx, conn)
		})
	}
	all.Wait()
	return errors.Join(failed...)
}

// recordBatches is the table as Arrow has it.
func recordBatches(rows, items int) (batches []arrow.RecordBatch) {
	fields := make([]arrow.Field, items)
	for k := range fields {
		fields[k] = arrow.Field{Name: itemID(k), Type: arrow.PrimitiveTypes.Int8, Nullable: true}
	}
	schema := arrow.NewSchema(fields, nil)
	for from := 0; from < rows; from += batchRows {
		n := min(batchRows, rows-from)
		columns := make([]arrow.Array, items)
		for k, c := range answers(items, from, n) {
			data := array.NewData(arrow.PrimitiveTypes.Int8, n, []*memory.Buffer{
				memory.NewBufferBytes(c.valid), memory.NewBufferBytes(arrow.Int8Traits.CastToBytes(c.values)),
			}, nil, array.UnknownNullCount, 0)
			columns[k] = array.MakeFromData(data)
		}
		batches = append(batches, array.NewRecordBatch(schema, columns, int64(n)))
	}
	return batches
}
