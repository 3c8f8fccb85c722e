package insight

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
	"github.com/customer-momentum/cmi/server/store"
)

const (
	// sliceSize is how many customers are read together: some ten thousand scores, and well below a second.
	sliceSize = 4000
	// answersTogether is about how many responses are in memory with their answers, for each slice that is being read.
	answersTogether = 2000
	// mostTogether is how many are asked for at once: one customer may have more.
	mostTogether = 5000
)

// report is one that was asked for.
type report interface {
	// scope says whom it is about.
	scope() *scope
	// begin makes an empty part.
	begin() part
	// answer puts the sum of all parts into the form of the contract.
	answer(ctx context.Context, books *library, sum part) (proto.Message, error)
}

// part is what some of the subjects of a report come to. encoding/json carries it without loss.
type part interface {
	take(one *subject) error
	merge(other part) error
}

// make makes a report within a call.
func (i *Insight) make(ctx context.Context, r report) (proto.Message, error) {
	cut, err := i.store.CutCustomers(ctx, r.scope().tenant, r.scope().cut(), sliceSize)
	if err != nil {
		return nil, fmt.Errorf("cut the customers: %w", err)
	}
	return i.makeOf(ctx, r, cut)
}

// makeOf is make over slices that were cut before.
func (i *Insight) makeOf(ctx context.Context, r report, cut []store.CustomerSlice) (proto.Message, error) {
	r.scope().expected = sizeOf(cut)
	sum, books := r.begin(), i.library(r.scope().tenant)
	err := i.walk(ctx, r, books, cut, sum)
	var said proto.Message
	if err == nil {
		said, err = r.answer(ctx, books, sum)
	}
	if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return nil, fault.New(cmiv1.ErrorReason_DEADLINE_EXCEEDED,
			"The report ran out of time over %d customers. RunReport makes it as an operation, which has no such limit.", r.scope().expected).Because(err)
	}
	return said, err
}

// sizeOf is how many customers and anonymous responses a cut has.
func sizeOf(cut []store.CustomerSlice) (n int) {
	for _, slice := range cut {
		n += slice.N
	}
	return n
}

// walked is what a slice came to.
type walked struct {
	part part
	err  error
}

// walk reads slices, several at once, and merges what they come to in their order.
func (i *Insight) walk(ctx context.Context, r report, books *library, cut []store.CustomerSlice, sum part) error {
	ctx, cancel := context.WithCancel(ctx)
	var busy sync.WaitGroup
	defer busy.Wait()
	defer cancel()
	// As many are on their way as there are places, so that one that is slow does not let others pile up.
	ahead := make(chan chan walked, cap(i.places))
	busy.Go(func() {
		defer close(ahead)
		for _, slice := range cut {
			one := make(chan walked, 1)
			select {
			case ahead <- one:
			case <-ctx.Done():
				return
			}
			busy.Go(func() { one <- i.guarded(ctx, r, books, slice) })
		}
	})
	for one := range ahead {
		came := <-one
		if came.err != nil {
			return came.err
		}
		if err := sum.merge(came.part); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// guarded is slice for a goroutine whose panics nobody else would tell of.
func (i *Insight) guarded(ctx context.Context, r report, books *library, slice store.CustomerSlice) (came walked) {
	defer func() {
		if value := recover(); value != nil {
			came = walked{err: fmt.Errorf("panic: %v\n%s", value, debug.Stack())}
		}
	}()
	part, err := i.slice(ctx, r, books, slice)
	return walked{part, err}
}

// slice reads one slice.
func (i *Insight) slice(ctx context.Context, r report, books *library, slice store.CustomerSlice) (part, error) {
	p := r.begin()
	return p, i.subjects(ctx, r.scope(), books, slice, p.take)
}

// subjects lets every subject of a slice be taken, one after the other, with the answers that the scope needs, once there is a place.
func (i *Insight) subjects(ctx context.Context, s *scope, books *library, slice store.CustomerSlice, take func(*subject) error) error {
	select {
	case i.places <- struct{}{}:
		defer func() { <-i.places }()
	case <-ctx.Done():
		return ctx.Err()
	}
	histories, err := i.store.HistoriesIn(ctx, s.tenant, slice, s.ask())
	if err != nil {
		return fmt.Errorf("read customers: %w", err)
	}
	var waiting []*subject // for their answers
	var places []int64
	for _, h := range histories {
		one, err := i.subject(ctx, s, books, h)
		if err != nil {
			return err
		}
		if one == nil {
			continue
		}
		if s.answers == nil {
			if err := take(one); err != nil {
				return err
			}
			continue
		}
		one.chosen = s.answers(one)
		for _, k := range one.chosen {
			places = append(places, one.scores[k].Place)
		}
		if waiting = append(waiting, one); len(places) >= answersTogether {
			if err := i.read(ctx, s, waiting, places, take); err != nil {
				return err
			}
			waiting, places = waiting[:0], places[:0]
		}
	}
	return i.read(ctx, s, waiting, places, take)
}

// read reads the answers that subjects wait for, and lets each of them be taken.
func (i *Insight) read(ctx context.Context, s *scope, waiting []*subject, places []int64, take func(*subject) error) error {
	var kept []*store.Kept
	for some := range slices.Chunk(places, mostTogether) {
		read, err := i.store.ResponsesAt(ctx, s.tenant, some)
		if err != nil {
			return fmt.Errorf("read answers: %w", err)
		}
		kept = append(kept, read...)
	}
	for _, one := range waiting {
		for _, k := range one.chosen {
			one.scores[k].kept, kept = kept[0], kept[1:]
		}
		if err := take(one); err != nil {
			return err
		}
	}
	return ctx.Err()
}
