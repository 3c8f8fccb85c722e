package server_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store/postgres/pgtest"
)

// outageDeadline is what callers have for a call, tellTale how long they wait at most where time decides nothing.
const (
	outageDeadline = 5 * time.Second
	tellTale       = time.Minute
)

// traffic is load on a service whose store comes and goes.
type traffic struct {
	t       *testing.T
	r       *running
	survey  []*cmiv1.Response
	stop    chan struct{}
	callers sync.WaitGroup

	next, good, refused atomic.Int64
	mu                  sync.Mutex
	answered            map[string]string // the bits of each score
}

func newTraffic(t *testing.T, r *running) *traffic {
	t.Helper()
	survey := r.publishAirline(t)
	f := &traffic{t: t, r: r, survey: survey, stop: make(chan struct{}), answered: map[string]string{}}
	for range 16 {
		f.callers.Go(func() {
			for {
				select {
				case <-f.stop:
					return
				default:
					f.call(int(f.next.Add(1)))
				}
			}
		})
	}
	return f
}

// call records a response. It is answered, or refused as unavailable before the caller's time is over.
func (f *traffic) call(n int) {
	response := oneOf(f.survey, n)
	ctx, cancel := context.WithTimeout(f.t.Context(), outageDeadline)
	defer cancel()
	got, err := f.r.scoring().ScoreCustomer(ctx, one(false, response))
	switch status.Code(err) {
	case codes.OK:
		f.good.Add(1)
		f.mu.Lock()
		f.answered[response.GetResponseId()] = serialised(f.t, []*cmiv1.Score{got.GetScore()})[0]
		f.mu.Unlock()
	case codes.Unavailable:
		f.refused.Add(1)
		pause(f.stop, 10*time.Millisecond)
	default:
		f.t.Errorf("a call ended with %v", err)
	}
}

func pause(stop <-chan struct{}, while time.Duration) {
	select {
	case <-stop:
	case <-time.After(while):
	}
}

func oneOf(survey []*cmiv1.Response, n int) *cmiv1.Response {
	r := &cmiv1.Response{
		ResponseId: fmt.Sprintf("outage-%d", n), CustomerId: fmt.Sprintf("c-%d", n%50), Channel: survey[n%len(survey)].GetChannel(),
		Answers: survey[n%len(survey)].GetAnswers(),
	}
	return r
}

// awaitMore waits until a count has risen by some.
func awaitMore(t *testing.T, what string, count *atomic.Int64, by int64) {
	t.Helper()
	for end, from := time.Now().Add(tellTale), count.Load(); count.Load() < from+by; {
		if time.Now().After(end) {
			t.Fatalf("no more calls are %s", what)
		}
		time.Sleep(time.Millisecond)
	}
}

// check ends the traffic: everything that was answered is on record as it was answered.
func (f *traffic) check() {
	close(f.stop)
	f.callers.Wait()
	have := recorded(f.t, f.r)
	for id, bits := range f.answered {
		if have[id] != bits {
			f.t.Errorf("%s was answered, and is on record as %q", id, have[id])
		}
	}
	f.t.Logf("%d calls answered, %d refused, %d on record", f.good.Load(), f.refused.Load(), len(have))
}

// TestOutagesOfTheDatabase has the database stop, come back, hang and cut its connections under load. Callers hear in time that
// the store does not answer, nothing that was answered is lost, and the service goes on by itself.
func TestOutagesOfTheDatabase(t *testing.T) {
	t.Parallel()
	shared(t)
	own, err := pgtest.Start(t.Context())
	if errors.Is(err, pgtest.ErrNone) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := own.Stop(); err != nil {
			t.Error(err)
		}
	}()
	r := start(t, on(own.URL))
	f := newTraffic(t, r)
	awaitMore(t, "answered", &f.good, 50)
	for _, outage := range []struct {
		name       string
		begin, end func() error
	}{
		{"stopped as by a crash", func() error { return own.Halt(t.Context(), true) }, func() error { return own.Restart(t.Context()) }},
		{"stopped in good order", func() error { return own.Halt(t.Context(), false) }, func() error { return own.Restart(t.Context()) }},
		{"hung", own.Freeze, own.Thaw},
	} {
		if err := outage.begin(); err != nil {
			t.Fatalf("%s: %v", outage.name, err)
		}
		awaitMore(t, "refused while it is "+outage.name, &f.refused, 20)
		if err := outage.end(); err != nil {
			t.Fatalf("the end of %s: %v", outage.name, err)
		}
		awaitMore(t, "answered after it was "+outage.name, &f.good, 50)
	}
	for range 20 {
		cutConnections(t, own.URL)
		awaitMore(t, "answered after connections were cut", &f.good, 20)
	}
	f.check()
	if err := r.stop(); err != nil {
		t.Error(err)
	}
}

// cutConnections ends all connections of the service.
func cutConnections(t *testing.T, url string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }()
	if _, err := conn.Exec(t.Context(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'cmi'"); err != nil {
		t.Fatal(err)
	}
}
