package server_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server"
	"github.com/customer-momentum/cmi/server/errs"
	"github.com/customer-momentum/cmi/server/settings"
)

// A shutdown that waits for somebody waits for patience, and one that does not is over long before prompt: whoever reads the
// clock in these tests asks on which side of the wide gap between the two it stands.
const (
	patience = 10 * time.Minute
	prompt   = time.Minute
)

// patiently gives calls in flight so long that a test which has to wait for them does not end well.
func patiently(s *settings.Settings, _ *server.Options) { s.ShutdownTimeout = patience }

// on keeps the data in a given store.
func on(url string) option {
	return func(s *settings.Settings, _ *server.Options) { s.Store = url }
}

// stopping begins the shutdown. The function that it answers waits for the end, which must come promptly and well.
func (r *running) stopping(t *testing.T) (wait func()) {
	t.Helper()
	begin := time.Now()
	ended := make(chan error, 1)
	go func() { ended <- r.stop() }()
	var once sync.Once
	wait = func() {
		once.Do(func() {
			select {
			case err := <-ended:
				if err != nil {
					t.Errorf("the service ended with %v", err)
				}
			case <-time.After(prompt):
				t.Errorf("the service still runs after %v", time.Since(begin))
				if err := <-ended; err != nil {
					t.Error(err)
				}
			}
		})
	}
	t.Cleanup(wait)
	return wait
}

// sentAway checks that a stream ended as a drain ends it.
func sentAway(t *testing.T, err error) {
	t.Helper()
	st, _ := status.FromError(err)
	if st.Code() != codes.Unavailable || errs.Reason(st) != cmiv1.ErrorReason_SERVER_DRAINING {
		t.Errorf("the stream ended with %v, not by the drain", err)
	}
	for _, detail := range st.Details() {
		if retry, ok := detail.(*errdetails.RetryInfo); ok && retry.GetRetryDelay().AsDuration() > 0 {
			return
		}
	}
	t.Errorf("the stream was not told when to come back: %v", st.Details())
}

// opened opens a stream of every kind, each with its config sent and let in.
func (r *running) opened(t *testing.T) map[string]scoreStream {
	t.Helper()
	all := map[string]scoreStream{}
	stream, err := r.scoring().StreamScores(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	all["gRPC"] = stream
	for name, client := range clients(t) {
		all[name] = r.openLines(t, client)
	}
	for name, stream := range all {
		if err := stream.Send(config(false)); err != nil {
			t.Fatal(name, err)
		}
	}
	if _, err := stream.Header(); err != nil {
		t.Fatal(err)
	}
	return all
}

// Streams on which nothing moves, and one who watches the health, do not hold the service up: they are sent away.
func TestDrainSendsIdleStreamsAway(t *testing.T) {
	t.Parallel()
	r := start(t, patiently)
	survey := r.publishAirline(t)
	streams := r.opened(t)
	for name, stream := range streams {
		// Idle, but not fresh.
		if err := stream.Send(chunk(1, survey[:3]...)); err != nil {
			t.Fatal(name, err)
		}
		if _, err := stream.Recv(); err != nil {
			t.Fatal(name, err)
		}
	}
	watch, err := healthpb.NewHealthClient(r.conn).Watch(t.Context(), &healthpb.HealthCheckRequest{})
	if err != nil {
		t.Fatal(err)
	}
	awaitHealth(t, watch, healthpb.HealthCheckResponse_SERVING)

	wait := r.stopping(t)
	awaitHealth(t, watch, healthpb.HealthCheckResponse_NOT_SERVING)
	_, err = watch.Recv()
	sentAway(t, err)
	for name, stream := range streams {
		t.Run(name, func(t *testing.T) {
			answer, err := stream.Recv()
			if err == nil {
				t.Fatalf("an answer to nothing: %v", answer)
			}
			sentAway(t, err)
		})
	}
	wait()
}

// awaitHealth reads until the health is as given.
func awaitHealth(t *testing.T, watch grpc.ServerStreamingClient[healthpb.HealthCheckResponse], want healthpb.HealthCheckResponse_ServingStatus) {
	t.Helper()
	for {
		got, err := watch.Recv()
		if err != nil {
			t.Fatalf("health was never %v: %v", want, err)
		}
		if got.GetStatus() == want {
			return
		}
	}
}

// A stream under load answers what was taken and is sent away. Its client goes on with the next server on the same store, and
// in the end nothing is lost and nothing doubled. That goes for every door.
func TestDrainUnderLoadLosesNothing(t *testing.T) {
	t.Parallel()
	for _, door := range []string{"gRPC", "HTTP/1.1", "HTTP/2"} {
		t.Run(door, func(t *testing.T) {
			t.Parallel()
			where := newStore(t)
			l := newLedger(t, rand.New(rand.NewPCG(1, 2)))
			for life, chunks := range []int{1, 5, 9} {
				r := start(t, patiently, on(where))
				if life == 0 {
					r.publishAirline(t)
				}
				var wait func()
				err := l.converse(r.opened(t)[door], conversationPlan{
					endless: true, configured: true, after: chunks, then: func() { wait = r.stopping(t) },
				})
				sentAway(t, err)
				wait()
			}
			r := start(t, on(where))
			if err := l.converse(r.opened(t)[door], conversationPlan{configured: true}); !errors.Is(err, io.EOF) {
				t.Errorf("the last stream ended with %v", err)
			}
			l.checkAgainst(r)
			t.Logf("%s over three drains, %d of them repeated", l, l.repeated)
		})
	}
}

// Of unary calls that meet a shutdown each is either answered, and then on record as it was answered, or refused, and then not
// on record.
func TestDrainFinishesCallsInFlight(t *testing.T) {
	t.Parallel()
	where := newStore(t)
	r := start(t, patiently, on(where))
	r.publishAirline(t)
	l := newLedger(t, nil)

	var mu sync.Mutex
	answered, refused, unheard := map[string]string{}, map[string]bool{}, map[string]bool{}
	enough := make(chan struct{})
	// settle enters how a call ended, and says whether to go on.
	settle := func(id string, score *cmiv1.Score, ended map[string]bool) bool {
		mu.Lock()
		defer mu.Unlock()
		if ended != nil {
			ended[id] = true
			return false
		}
		answered[id] = serialised(t, []*cmiv1.Score{score})[0]
		if len(answered) == 300 {
			close(enough)
		}
		return true
	}
	next := func() *cmiv1.Response {
		mu.Lock()
		defer mu.Unlock()
		return l.take(1)[0]
	}
	var callers sync.WaitGroup
	for range 32 {
		callers.Go(func() {
			for going := true; going; {
				response := next()
				got, err := r.scoring().ScoreCustomer(t.Context(), one(false, response))
				var ended map[string]bool
				switch status.Code(err) {
				case codes.OK:
				case codes.Unavailable:
					ended = refused
				default:
					t.Errorf("a call in flight ended with %v", err)
					ended = unheard
				}
				going = settle(response.GetResponseId(), got.GetScore(), ended)
			}
		})
	}
	for _, client := range clients(t) {
		for range 8 {
			callers.Go(func() {
				for going := true; going; {
					response := next()
					score, err := postQuietly(t.Context(), r, client, response)
					var ended map[string]bool
					if err != nil {
						// A connection that was closed between two requests does not tell whether the second one was heard.
						ended = unheard
					}
					going = settle(response.GetResponseId(), score, ended)
				}
			})
		}
	}
	<-enough
	r.stopping(t)()
	callers.Wait()

	kept := recorded(t, start(t, on(where)))
	for id, bits := range answered {
		if kept[id] != bits {
			t.Errorf("%s was answered, and is not on record as it was answered", id)
		}
		delete(kept, id)
	}
	for id := range refused {
		if _, there := kept[id]; there {
			t.Errorf("%s was refused, and is on record", id)
		}
	}
	for id := range kept {
		if !unheard[id] {
			t.Errorf("%s is on record, and nobody sent it", id)
		}
	}
	t.Logf("%d calls answered, %d refused, %d without an answer", len(answered), len(refused), len(unheard))
}

// postQuietly scores by HTTP and answers an error where there is no score.
func postQuietly(ctx context.Context, r *running, client *http.Client, response *cmiv1.Response) (*cmiv1.Score, error) {
	body, err := protojson.Marshal(one(false, response))
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+r.HTTP+"/v1/scores", strings.NewReader(string(body)))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%d %s", answer.StatusCode, text)
	}
	var got cmiv1.ScoreCustomerResponse
	if err := protojson.Unmarshal(text, &got); err != nil {
		return nil, err
	}
	return got.GetScore(), nil
}

// Readiness goes first: while the shutdown delay lasts, whoever asks is told to look elsewhere, and whoever calls all the same
// is served.
func TestDrainTakesReadinessAwayFirst(t *testing.T) {
	t.Parallel()
	r := start(t, patiently, func(s *settings.Settings, _ *server.Options) { s.ShutdownDelay = 8 * time.Second })
	survey := r.publishAirline(t)
	streams := r.opened(t)
	watch, err := healthpb.NewHealthClient(r.conn).Watch(t.Context(), &healthpb.HealthCheckRequest{Service: "cmi.v1.ScoringService"})
	if err != nil {
		t.Fatal(err)
	}
	awaitHealth(t, watch, healthpb.HealthCheckResponse_SERVING)
	client := clients(t)["HTTP/1.1"]
	probe := func(path string, want int, reason string) {
		t.Helper()
		if code, body := r.do(t, client, http.MethodGet, path, "", nil); code != want || !strings.Contains(string(body), reason) {
			t.Errorf("%s answers %d %s", path, code, body)
		}
	}
	probe("/readyz", http.StatusOK, "")
	wait := r.stopping(t)
	awaitHealth(t, watch, healthpb.HealthCheckResponse_NOT_SERVING)
	probe("/readyz", http.StatusServiceUnavailable, "SERVER_DRAINING")
	probe("/healthz", http.StatusOK, "")
	scoreOneByOne(t, r, false, survey[:1])
	postOneByOne(t, r, client, false, survey[1:2])
	for name, stream := range streams {
		if err := stream.Send(chunk(1, survey[:3]...)); err != nil {
			t.Fatal(name, err)
		}
		if _, err := stream.Recv(); err != nil {
			t.Fatal(name, err)
		}
	}
	for _, stream := range streams {
		_, err := stream.Recv()
		sentAway(t, err)
	}
	wait()
}

// Clients that never read, and such as connect and say nothing or half a word, are cut off when the time is over.
func TestDrainIsBoundedWhateverClientsDo(t *testing.T) {
	t.Parallel()
	hold := map[string]func(t *testing.T, r *running, survey []*cmiv1.Response){
		"a gRPC stream that is never read": holdUnreadStream,
		"an HTTP stream that is never read": func(t *testing.T, r *running, survey []*cmiv1.Response) {
			holdUnreadLines(t, r, survey)
		},
		"silence on the gRPC port":         func(t *testing.T, r *running, _ []*cmiv1.Response) { holdSilent(t, r.GRPC, "") },
		"half a greeting on the gRPC port": func(t *testing.T, r *running, _ []*cmiv1.Response) { holdSilent(t, r.GRPC, "PRI * HTTP/2.0\r\n") },
		"silence on the HTTP port":         func(t *testing.T, r *running, _ []*cmiv1.Response) { holdSilent(t, r.HTTP, "") },
		"half a request on the HTTP port":  func(t *testing.T, r *running, _ []*cmiv1.Response) { holdSilent(t, r.HTTP, "GET /readyz HTTP/1.1\r\n") },
		"a body that never ends": func(t *testing.T, r *running, _ []*cmiv1.Response) {
			holdSilent(t, r.HTTP, "POST /v1/scores HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
		},
	}
	for name, hold := range hold {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := start(t, func(s *settings.Settings, _ *server.Options) { s.ShutdownTimeout = 500 * time.Millisecond })
			survey := r.publishAirline(t)
			hold(t, r, survey)
			r.stopping(t)()
		})
	}
}

// holdSilent says something, and then nothing more.
func holdSilent(t *testing.T, address, say string) {
	t.Helper()
	for range 3 {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		if _, err := io.WriteString(conn, say); err != nil {
			t.Fatal(err)
		}
	}
}

// holdUnreadStream makes the service wait for a client to read: all of a large chunk is on record, and its answer is far
// larger than what the client lets in.
func holdUnreadStream(t *testing.T, r *running, survey []*cmiv1.Response) {
	t.Helper()
	conn, err := grpc.NewClient(r.GRPC, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithStaticStreamWindowSize(64<<10), grpc.WithStaticConnWindowSize(64<<10))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	stream, err := cmiv1.NewScoringServiceClient(conn).StreamScores(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []*cmiv1.StreamScoresRequest{explained(), chunk(1, survey[:1000]...)} {
		if err := stream.Send(m); err != nil {
			t.Fatal(err)
		}
	}
	r.awaitRecord(t, survey[999].GetResponseId())
}

// holdUnreadLines is holdUnreadStream over HTTP, with more than the buffers of a connection hold.
func holdUnreadLines(t *testing.T, r *running, survey []*cmiv1.Response) {
	t.Helper()
	conn, err := net.Dial("tcp", r.HTTP)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.(*net.TCPConn).SetReadBuffer(4096); err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Fprintf(conn, "POST /v1/scores:stream HTTP/1.1\r\nHost: localhost\r\n"+
		"Content-Type: application/x-ndjson\r\nContent-Length: %d\r\n\r\n", 1<<40); err != nil {
		t.Fatal(err)
	}
	for sequence := range int32(6) {
		part := make([]*cmiv1.Response, 1000)
		for i := range part {
			part[i] = &cmiv1.Response{ResponseId: fmt.Sprintf("u-%d-%d", sequence, i), Answers: survey[i].GetAnswers()}
		}
		text := lines(t, chunk(sequence, part...))
		if sequence == 0 {
			text = lines(t, explained()) + text
		}
		if _, err := io.WriteString(conn, text); err != nil {
			t.Fatal(err)
		}
	}
	r.awaitRecord(t, "u-5-999")
}

func explained() *cmiv1.StreamScoresRequest {
	m := config(false)
	m.GetConfig().Explain = true
	return m
}

// awaitRecord waits until a response is on record.
func (r *running) awaitRecord(t *testing.T, id string) {
	t.Helper()
	for {
		_, err := r.scoring().GetScore(t.Context(), &cmiv1.GetScoreRequest{ResponseId: id})
		if err == nil {
			return
		}
		if status.Code(err) != codes.NotFound {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Millisecond) // not to keep the machine from the very thing that is waited for
	}
}
