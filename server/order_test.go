package server_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"

	"github.com/customer-momentum/cmi/examples/population"
	"github.com/customer-momentum/cmi/server"
	"github.com/customer-momentum/cmi/server/settings"
)

// history is a simulated population whose answers lie before the clock of the servers under test.
type history struct {
	questionnaire *cmiv1.Questionnaire
	customers     []*cmiv1.Customer
	interactions  []*cmiv1.Interaction
	responses     []*cmiv1.Response // in the order of time
}

func newHistory() history {
	p := population.New(population.Survey)
	p.Seed, p.Customers, p.Waves, p.Every = 7, 25, 9, 30*24*time.Hour
	p.Start = now.AddDate(0, 0, -30*9-40)
	h := history{questionnaire: p.Questionnaire()}
	for i := range p.Customers {
		one := p.Customer(i)
		if i%3 > 0 { // of the others the service knows no more than what they do and answer
			h.customers = append(h.customers, one.Profile)
		}
		h.interactions = append(h.interactions, one.Interactions...)
		h.responses = append(h.responses, one.Responses...)
	}
	slices.SortStableFunc(h.responses, func(a, b *cmiv1.Response) int {
		return a.GetSubmittedAt().AsTime().Compare(b.GetSubmittedAt().AsTime())
	})
	return h
}

// customerIDs are those of everybody in the history.
func (h history) customerIDs() []string {
	var ids []string
	for _, r := range h.responses {
		ids = append(ids, r.GetCustomerId())
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

func (r *running) customers() cmiv1.CustomerServiceClient {
	return cmiv1.NewCustomerServiceClient(r.conn)
}

// prepare publishes the questionnaire and sends profiles and interactions.
func (h history) prepare(t *testing.T, r *running) {
	t.Helper()
	r.publish(t, h.questionnaire)
	saved, err := r.customers().BatchPutCustomers(t.Context(), &cmiv1.BatchPutCustomersRequest{Customers: h.customers})
	if err != nil {
		t.Fatal(err)
	}
	for _, result := range saved.GetResults() {
		if result.GetError() != nil {
			t.Fatal(result.GetError())
		}
	}
	stream, err := r.customers().StreamInteractions(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for batch := range slices.Chunk(h.interactions, 100) {
		if err := stream.Send(&cmiv1.StreamInteractionsRequest{Interactions: batch}); err != nil {
			t.Fatal(err)
		}
	}
	done, err := stream.CloseAndRecv()
	if err != nil || int(done.GetRecorded()) != len(h.interactions) {
		t.Fatalf("recorded %v of %d interactions: %v", done, len(h.interactions), err)
	}
}

// one records a response.
func (r *running) one(ctx context.Context, questionnaire string, response *cmiv1.Response) error {
	_, err := r.scoring().ScoreCustomer(ctx, &cmiv1.ScoreCustomerRequest{QuestionnaireId: questionnaire, Response: response})
	return err
}

// streamed records responses over one stream.
func (r *running) streamed(ctx context.Context, questionnaire string, responses []*cmiv1.Response) error {
	stream, err := r.scoring().StreamScores(ctx)
	if err != nil {
		return err
	}
	err = stream.Send(&cmiv1.StreamScoresRequest{Message: &cmiv1.StreamScoresRequest_Config{
		Config: &cmiv1.StreamScoresConfig{QuestionnaireId: questionnaire},
	}})
	sequence := int32(0)
	for chunk := range slices.Chunk(responses, 7) {
		if err == nil {
			err = stream.Send(&cmiv1.StreamScoresRequest{Message: &cmiv1.StreamScoresRequest_Chunk{
				Chunk: &cmiv1.ResponseChunk{Sequence: sequence, Responses: chunk},
			}})
		}
		sequence++
	}
	if err == nil {
		err = stream.CloseSend()
	}
	for err == nil {
		var message *cmiv1.StreamScoresResponse
		message, err = stream.Recv()
		for _, result := range message.GetChunk().GetResults() {
			if result.GetError() != nil {
				return fmt.Errorf("%s: %s", result.GetResponseId(), result.GetError().GetMessage())
			}
		}
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// settle waits until everybody's standing is computed: lists wait for a second only, the means of groups that are said of a
// customer for less, and this machine may be busy.
func (r *running) settle(t *testing.T) {
	t.Helper()
	for {
		list, err := r.customers().ListCustomers(t.Context(), &cmiv1.ListCustomersRequest{PageSize: 1})
		if err != nil {
			t.Fatal(err)
		}
		if list.GetPending() == 0 {
			return
		}
	}
}

// said is what the service says of everybody at a time, nil now, to the last bit.
func (h history) said(t *testing.T, r *running, at *timestamppb.Timestamp) []byte {
	t.Helper()
	var all []byte
	exact := proto.MarshalOptions{Deterministic: true}
	add := func(m proto.Message, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		if all, err = exact.MarshalAppend(all, m); err != nil {
			t.Fatal(err)
		}
	}
	r.settle(t)
	for _, id := range h.customerIDs() {
		course, err := r.customers().GetTrajectory(t.Context(), &cmiv1.GetTrajectoryRequest{CustomerId: id, AsOf: at})
		add(course, err)
		one, err := r.customers().GetCustomer(t.Context(), &cmiv1.GetCustomerRequest{CustomerId: id, AsOf: at})
		if err == nil {
			one.Customer.CreatedAt, one.Customer.UpdatedAt = nil, nil // by when they came to be known
		}
		add(one, err)
	}
	for _, order := range []string{"cmi", "velocity desc"} {
		list, err := r.customers().ListCustomers(t.Context(), &cmiv1.ListCustomersRequest{OrderBy: order, PageSize: 1000, AsOf: at})
		for _, c := range list.GetCustomers() {
			c.CreatedAt, c.UpdatedAt = nil, nil
		}
		list.NextPageToken = "" // holds a place among those of this store
		add(list, err)
	}
	return all
}

// TestOrderOfArrivalDoesNotMatter records one history in all sorts of ways: what is said of it is the same to the last bit,
// now and at times in the past.
func TestOrderOfArrivalDoesNotMatter(t *testing.T) {
	t.Parallel()
	h := newHistory()
	id := h.questionnaire.GetQuestionnaireId()
	shuffled := func(seed uint64) []*cmiv1.Response {
		all := slices.Clone(h.responses)
		rand.New(rand.NewPCG(seed, 3)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		return all
	}
	oneByOne := func(all []*cmiv1.Response) func(t *testing.T, r *running) *running {
		return func(t *testing.T, r *running) *running {
			for _, response := range all {
				if err := r.one(t.Context(), id, response); err != nil {
					t.Fatal(err)
				}
			}
			return r
		}
	}
	reversed := slices.Clone(h.responses)
	slices.Reverse(reversed)
	ways := map[string]func(t *testing.T, r *running) *running{
		"in order": oneByOne(h.responses),
		"reversed": oneByOne(reversed),
		"shuffled": oneByOne(shuffled(1)),
		"in parallel": func(t *testing.T, r *running) *running {
			group, ctx := errgroup.WithContext(t.Context())
			all := shuffled(2)
			for part := range slices.Chunk(all, len(all)/4+1) {
				group.Go(func() error { return r.streamed(ctx, id, part[:len(part)/2]) })
				for _, response := range part[len(part)/2:] {
					group.Go(func() error { return r.one(ctx, id, response) })
				}
			}
			if err := group.Wait(); err != nil {
				t.Fatal(err)
			}
			return r
		},
		"with restarts in between": func(t *testing.T, _ *running) *running {
			kept := newStore(t)
			r := start(t, on(kept))
			h.prepare(t, r)
			all := shuffled(3)
			for part := range slices.Chunk(all, len(all)/3+1) {
				if err := r.streamed(t.Context(), id, part); err != nil {
					t.Fatal(err)
				}
				if err := r.stop(); err != nil {
					t.Fatal(err)
				}
				r = start(t, on(kept))
			}
			return r
		},
	}
	times := []*timestamppb.Timestamp{nil, timestamppb.New(now.AddDate(0, 0, -70)), timestamppb.New(now.AddDate(0, 0, -130)), timestamppb.New(now.AddDate(0, 0, -200))}

	// The past first, as it was while it was the present: nothing later is recorded yet.
	early := start(t, at(times[1].AsTime()))
	h.prepare(t, early)
	before := slices.IndexFunc(h.responses, func(r *cmiv1.Response) bool { return r.GetSubmittedAt().AsTime().After(times[1].AsTime()) })
	if before < 50 || before > len(h.responses)-20 {
		t.Fatalf("%d of %d responses lie before %v", before, len(h.responses), times[1].AsTime())
	}

	// On the embedded store, whichever one the others are on: both say the same.
	first := start(t, on("sqlite:"+filepath.Join(t.TempDir(), "cmi.db")))
	h.prepare(t, first)
	ways["in order"](t, first)
	var want [][]byte
	for _, at := range times {
		want = append(want, h.said(t, first, at))
	}
	t.Run("ways", func(t *testing.T) {
		for name, record := range ways {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				var r *running
				if name != "with restarts in between" {
					r = start(t)
					h.prepare(t, r)
				}
				r = record(t, r)
				for i, at := range times {
					if string(h.said(t, r, at)) != string(want[i]) {
						t.Errorf("as of %v something else is said than when all came in order", at.AsTime())
					}
				}
			})
		}
	})
	t.Run("before later data came", func(t *testing.T) {
		oneByOne(h.responses[:before])(t, early)
		var then []*cmiv1.Trajectory
		for _, id := range h.customerIDs() {
			course, err := early.customers().GetTrajectory(t.Context(), &cmiv1.GetTrajectoryRequest{CustomerId: id, AsOf: times[1]})
			if err != nil {
				t.Fatal(err)
			}
			then = append(then, course.GetTrajectory())
		}
		oneByOne(h.responses[before:])(t, early)
		for i, id := range h.customerIDs() {
			course, err := early.customers().GetTrajectory(t.Context(), &cmiv1.GetTrajectoryRequest{CustomerId: id, AsOf: times[1]})
			if err != nil || !proto.Equal(course.GetTrajectory(), then[i]) {
				t.Errorf("%s: after later data came, the past is %v (%v), was %v", id, course.GetTrajectory(), err, then[i])
			}
		}
	})
}

// at sets the clock.
func at(when time.Time) option {
	return func(_ *settings.Settings, o *server.Options) { o.Now = func() time.Time { return when } }
}
