package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"strconv"
	"sync"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// TestSimulateSends a population to the real service, which knows it afterwards; sent again, all of it is there already.
func TestSimulateSends(t *testing.T) {
	t.Parallel()
	s := serve(t)
	send := func(args ...string) result {
		return cmi(t, "", append([]string{"simulate", "--server", s.GRPC, "--customers", "30", "--waves", "5", "--seed", "9"}, args...)...)
	}
	interactions, responses := 0, 0
	for i := range simulated().Customers {
		c := simulated().Customer(i)
		interactions += len(c.Interactions)
		responses += len(c.Responses)
	}
	folder := t.TempDir()
	r := send("--out", folder)
	r.expect(t, exitOK)
	says(t, r.out, "Written into "+folder, "simulated-survey, version 1, published by this run", "30 saved, 30 of them new",
		strconv.Itoa(interactions)+" recorded, 0 there already", strconv.Itoa(responses)+" scored, 0 of them there already")
	r = send()
	r.expect(t, exitOK)
	says(t, r.out, "version 1, there already", "30 saved, 0 of them new",
		"0 recorded, "+strconv.Itoa(interactions)+" there already", strconv.Itoa(responses)+" scored, "+strconv.Itoa(responses)+" of them there already")
	// Another plan under the same ids does not pass for the same.
	r = send("--start", "2025-11-02")
	r.expect(t, exitNo)
	r.sentence(t, "refused", "interactions (INTERACTION_EXISTS)", "responses (RESPONSE_EXISTS)")
}

// fakeService receives populations in place of the real one.
type fakeService struct {
	cmiv1.UnimplementedQuestionnaireServiceServer
	cmiv1.UnimplementedCustomerServiceServer
	cmiv1.UnimplementedScoringServiceServer

	mutex     sync.Mutex
	versions  []*cmiv1.Questionnaire
	received  []string // the ids, in the order in which they came
	breakAt   string   // ends the stream that brings this id
	refuse    string   // refuses what has this id
	anonymous bool     // refuses everybody
}

// start serves until the test ends, and answers the address.
func (f *fakeService) start(t *testing.T) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	cmiv1.RegisterQuestionnaireServiceServer(server, f)
	cmiv1.RegisterCustomerServiceServer(server, f)
	cmiv1.RegisterScoringServiceServer(server, f)
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(listener)
	}()
	t.Cleanup(func() { server.Stop(); <-served })
	return listener.Addr().String()
}

func (f *fakeService) GetQuestionnaire(_ context.Context, r *cmiv1.GetQuestionnaireRequest) (*cmiv1.GetQuestionnaireResponse, error) {
	if f.anonymous {
		return nil, status.Error(codes.Unauthenticated, "who are you?")
	}
	for _, q := range slices.Backward(f.versions) {
		if q.GetVersion() == r.GetVersion() || r.GetVersion() == 0 && q.GetState() == cmiv1.State_STATE_PUBLISHED {
			return &cmiv1.GetQuestionnaireResponse{Questionnaire: q}, nil
		}
	}
	return nil, status.Error(codes.NotFound, "there is none")
}

func (f *fakeService) CreateQuestionnaire(_ context.Context, r *cmiv1.CreateQuestionnaireRequest) (*cmiv1.CreateQuestionnaireResponse, error) {
	if len(f.versions) > 0 {
		return nil, status.Error(codes.AlreadyExists, "there is one")
	}
	q := proto.CloneOf(r.GetQuestionnaire())
	q.Version, q.State = 1, cmiv1.State_STATE_DRAFT
	f.versions = append(f.versions, q)
	return &cmiv1.CreateQuestionnaireResponse{Questionnaire: q}, nil
}

func (f *fakeService) PublishQuestionnaire(context.Context, *cmiv1.PublishQuestionnaireRequest) (*cmiv1.PublishQuestionnaireResponse, error) {
	f.versions[0].State = cmiv1.State_STATE_PUBLISHED
	return &cmiv1.PublishQuestionnaireResponse{Questionnaire: f.versions[0]}, nil
}

// take notes an id and says what is wrong with it.
func (f *fakeService) take(id string) (refusal *spb.Status, end error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	switch id {
	case f.breakAt:
		return nil, status.Error(codes.Internal, "the disk is full")
	case f.refuse:
		info, err := anypb.New(&errdetails.ErrorInfo{Reason: "NOT_LIKED"})
		return &spb.Status{Code: int32(codes.FailedPrecondition), Message: "it is not liked", Details: []*anypb.Any{info}}, err
	}
	f.received = append(f.received, id)
	return nil, nil
}

func (f *fakeService) BatchPutCustomers(_ context.Context, r *cmiv1.BatchPutCustomersRequest) (*cmiv1.BatchPutCustomersResponse, error) {
	answer := &cmiv1.BatchPutCustomersResponse{}
	for _, c := range r.GetCustomers() {
		refusal, end := f.take(c.GetCustomerId())
		if end != nil {
			return nil, end
		}
		result := &cmiv1.PutCustomerResult{CustomerId: c.GetCustomerId(), Created: true, Result: &cmiv1.PutCustomerResult_Customer{Customer: c}}
		if refusal != nil {
			result.Created, result.Result = false, &cmiv1.PutCustomerResult_Error{Error: refusal}
		}
		answer.Results = append(answer.Results, result)
	}
	return answer, nil
}

func (f *fakeService) StreamInteractions(stream cmiv1.CustomerService_StreamInteractionsServer) error {
	answer := &cmiv1.StreamInteractionsResponse{Errors: map[string]int32{}}
	for {
		message, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return stream.SendAndClose(answer)
		}
		if err != nil {
			return err
		}
		for _, it := range message.GetInteractions() {
			answer.Interactions++
			refusal, end := f.take(it.GetInteractionId())
			if end != nil {
				return end
			}
			if refusal != nil {
				answer.Errors["NOT_LIKED"]++
				answer.Refused = append(answer.Refused, &cmiv1.RefusedInteraction{Error: refusal})
				continue
			}
			answer.Recorded++
		}
	}
}

func (f *fakeService) StreamScores(stream cmiv1.ScoringService_StreamScoresServer) error {
	summary := &cmiv1.StreamScoresSummary{}
	for {
		message, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return stream.Send(&cmiv1.StreamScoresResponse{Message: &cmiv1.StreamScoresResponse_Summary{Summary: summary}})
		}
		if err != nil {
			return err
		}
		if message.GetConfig() != nil {
			continue
		}
		chunk := &cmiv1.ResultChunk{Sequence: message.GetChunk().GetSequence()}
		for _, r := range message.GetChunk().GetResponses() {
			summary.Responses++
			refusal, end := f.take(r.GetResponseId())
			if end != nil {
				return end
			}
			result := &cmiv1.ScoreResult{Result: &cmiv1.ScoreResult_Score{Score: &cmiv1.Score{ResponseId: r.GetResponseId()}}}
			if refusal != nil {
				result.Result = &cmiv1.ScoreResult_Error{Error: refusal}
			}
			chunk.Results = append(chunk.Results, result)
		}
		if err := stream.Send(&cmiv1.StreamScoresResponse{Message: &cmiv1.StreamScoresResponse_Chunk{Chunk: chunk}}); err != nil {
			return err
		}
	}
}

// simulateTo runs the command in this process.
func simulateTo(t *testing.T, address string) result {
	t.Helper()
	var out, said bytes.Buffer
	code := run(t.Context(), []string{"simulate", "--server", address, "--customers", "30", "--waves", "5", "--seed", "9"}, streams{out: &out, err: &said})
	return result{code, out.String(), said.String()}
}

// TestSimulateSendsEverythingInOrder: profiles, then interactions, then responses, each once.
func TestSimulateSendsEverythingInOrder(t *testing.T) {
	t.Parallel()
	f := &fakeService{}
	simulateTo(t, f.start(t)).expect(t, exitOK)
	var customers, interactions, responses []string
	for i := range simulated().Customers {
		c := simulated().Customer(i)
		customers = append(customers, c.Profile.GetCustomerId())
		for _, it := range c.Interactions {
			interactions = append(interactions, it.GetInteractionId())
		}
		for _, r := range c.Responses {
			responses = append(responses, r.GetResponseId())
		}
	}
	if want := slices.Concat(customers, interactions, responses); !slices.Equal(f.received, want) {
		t.Errorf("%d ids came, want %d in the order of the population", len(f.received), len(want))
	}
}

func TestSimulateSaysWhatIsRefused(t *testing.T) {
	t.Parallel()
	for what, id := range map[string]string{"customers": "s9-c0000003", "interactions": "s9-c0000003-i00001", "responses": "s9-c0000003-w0005"} {
		r := simulateTo(t, (&fakeService{refuse: id}).start(t))
		r.expect(t, exitNo)
		r.sentence(t, "refused: 1 "+what+" (NOT_LIKED); the first because it is not liked")
		says(t, r.out, "questionnaire")
	}
}

func TestSimulateSaysWhereItStopped(t *testing.T) {
	t.Parallel()
	for what, id := range map[string]string{"profiles": "s9-c0000003", "interactions": "s9-c0000003-i00001", "responses": "s9-c0000003-w0005"} {
		r := simulateTo(t, (&fakeService{breakAt: id}).start(t))
		r.expect(t, exitNo)
		r.sentence(t, "the disk is full", "while sending the "+what, "the same command")
	}
	r := simulateTo(t, (&fakeService{anonymous: true}).start(t))
	r.expect(t, exitNo)
	r.sentence(t, "who are you", "--key")
}

// TestSimulatePublishesOnce: a draft that an interrupted run left is published, what is published is used, and another
// questionnaire of the same id is refused.
func TestSimulatePublishesOnce(t *testing.T) {
	t.Parallel()
	draft := simulated().Questionnaire()
	draft.Version, draft.State, draft.Etag = 1, cmiv1.State_STATE_DRAFT, "x"
	f := &fakeService{versions: []*cmiv1.Questionnaire{draft}}
	address := f.start(t)
	r := simulateTo(t, address)
	r.expect(t, exitOK)
	says(t, r.out, "published by this run")
	r = simulateTo(t, address)
	r.expect(t, exitOK)
	says(t, r.out, "version 1, there already")
	for _, state := range []cmiv1.State{cmiv1.State_STATE_DRAFT, cmiv1.State_STATE_PUBLISHED} {
		other := simulated().Questionnaire()
		other.Version, other.State, other.Title = 1, state, "Somebody else's"
		f := &fakeService{versions: []*cmiv1.Questionnaire{other}}
		r := simulateTo(t, f.start(t))
		r.expect(t, exitNo)
		r.sentence(t, `another questionnaire of the id "simulated-survey"`)
		if other.GetState() != state || len(f.received) > 0 {
			t.Errorf("it is %v now, and %d ids came", other.GetState(), len(f.received))
		}
	}
}

// TestInterruptedSimulationSaysSo, and how it goes on.
func TestInterruptedSimulationSaysSo(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, args := range [][]string{{"--out", t.TempDir()}, {"--server", (&fakeService{}).start(t)}} {
		var said bytes.Buffer
		code := run(ctx, append([]string{"simulate"}, args...), streams{out: io.Discard, err: &said})
		r := result{code: code, err: said.String()}
		r.expect(t, exitNo)
		r.sentence(t, "interrupted")
	}
}

// unread is a stream whose answers nobody reads.
type unread struct {
	cmiv1.ScoringService_StreamScoresClient
	chunks int
	at     int // at how many chunks to call full
	full   func()
}

func (u *unread) Send(r *cmiv1.StreamScoresRequest) error {
	if r.GetChunk() != nil {
		u.chunks++
	}
	if u.chunks == u.at {
		u.full()
	}
	return nil
}

// TestFewChunksAreInFlight: without answers, sending stops when the window is full.
func TestFewChunksAreInFlight(t *testing.T) {
	t.Parallel()
	plan := simulated()
	plan.Customers = 10_000 // enough for 200 chunks
	ctx, cancel := context.WithCancel(t.Context())
	stream := &unread{at: chunksInFlight, full: cancel}
	r := &receiver{plan: plan, shown: newSimulateBar(io.Discard, plan.Customers)}
	_, err := r.writeChunks(ctx, stream, plan.Questionnaire(), make(chan struct{}, chunksInFlight))
	if !errors.Is(err, context.Canceled) || stream.chunks != chunksInFlight {
		t.Errorf("%d chunks were sent without an answer, want %d (%v)", stream.chunks, chunksInFlight, err)
	}
}
