package server_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/customer-momentum/cmi/server"
	"github.com/customer-momentum/cmi/server/settings"
)

// The number of times that the service is killed, and the most that one start may take on a machine that is busy with other
// things.
const (
	streamKills = 50
	unaryKills  = 6
	startBound  = 20 * time.Second
)

// TestKilledAgainAndAgain kills the real service, a process of its own, while it records, and starts it again on the same
// store. Its clients then send again what was not answered, and some of what was. In the end every response is recorded once,
// and as it was answered. When to kill is chosen by how far the clients have come, never by time.
func TestKilledAgainAndAgain(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(2026, 11))
	kept := newStore(t)
	l := newLedger(t, random)
	var slowest time.Duration
	var inFlight int
	for kill := range streamKills + unaryKills {
		v := startVictim(t, kept)
		slowest = max(slowest, v.took)
		if kill == 0 {
			v.publishAirline(t)
		}
		if kill < streamKills {
			v.killDuringStream(t, l, 1+random.IntN(12))
		} else {
			v.killDuringCalls(t, l, 1+random.IntN(80))
		}
		inFlight += len(l.pending)
	}
	v := startVictim(t, kept)
	slowest = max(slowest, v.took)
	stream, err := v.scoring().StreamScores(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := l.converse(stream, conversationPlan{}); !errors.Is(err, io.EOF) {
		t.Fatalf("the last stream ended with %v", err)
	}
	l.checkAgainst(v.running)
	v.kill(t)
	t.Logf("%d kills during a stream and %d during unary calls; %d responses answered, %d of them sent again after an answer; "+
		"%d were in flight at a kill, of which %d had been recorded; the slowest start took %v",
		streamKills, unaryKills, len(l.answered), l.repeated, inFlight, l.lateAnswers, slowest)
	if slowest > startBound {
		t.Errorf("a start after a kill took %v", slowest)
	}
	if inFlight == 0 || l.lateAnswers == 0 || l.repeated == 0 {
		t.Error("no kill hit anything on its way: the test tried nothing")
	}
}

// victimStore names the variable that makes TestVictim the service; victimClock the one that stops its clock at now.
const (
	victimStore = "CMI_SERVER_VICTIM_STORE"
	victimClock = "CMI_SERVER_VICTIM_CLOCK"
)

// TestVictim is not a test of anything: it is the process that other tests kill. It says on its standard output where it
// listens, and ends by itself when its standard input does, so that it never outlives them.
func TestVictim(t *testing.T) {
	kept := os.Getenv(victimStore)
	if kept == "" {
		t.Skip("this is the service that other tests run and kill; it is not to be run alone")
	}
	o := server.Options{Version: "victim"}
	if os.Getenv(victimClock) != "" {
		o.Now = func() time.Time { return now }
	}
	service, err := server.New(t.Context(), settings.Settings{
		GRPCAddress: "127.0.0.1:0", HTTPAddress: "127.0.0.1:0", Store: kept,
	}, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(service.Addresses()); err != nil {
		t.Fatal(err)
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(1)
	}()
	t.Fatalf("the service ended by itself: %v", service.Serve(context.Background()))
}

// victim is the service in a process of its own.
type victim struct {
	*running
	process *exec.Cmd
	// alive is its standard input.
	alive io.Closer
	// began and took are when it was started and how long it took to listen.
	began time.Time
	took  time.Duration
}

func startVictim(t *testing.T, kept string, environment ...string) *victim {
	t.Helper()
	process := exec.Command(os.Args[0], "-test.run=^TestVictim$")
	process.Env = append(append(os.Environ(), victimStore+"="+kept), environment...)
	process.Stderr = os.Stderr
	out, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	in, err := process.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	v := &victim{running: &running{}, process: process, alive: in, began: time.Now()}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil || json.Unmarshal(line, &v.Addresses) != nil {
		_ = process.Process.Kill()
		_ = process.Wait()
		t.Fatalf("the service did not start: %q %v", line, err)
	}
	v.took = time.Since(v.began)
	v.conn, err = grpc.NewClient(v.GRPC, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// shoot kills the process and does not wait for anything.
func (v *victim) shoot() { _ = v.process.Process.Kill() }

// kill kills the process, makes sure that it was that which ended it, and cleans up behind it.
func (v *victim) kill(t *testing.T) {
	t.Helper()
	v.shoot()
	if err := v.process.Wait(); err == nil || err.Error() != "signal: killed" {
		t.Errorf("the service ended by itself: %v", err)
	}
	_ = v.alive.Close() // Wait may have closed it
	if err := v.conn.Close(); err != nil {
		t.Error(err)
	}
}

// killDuringStream kills the service once it has answered a number of chunks, while others are on their way.
func (v *victim) killDuringStream(t *testing.T, l *ledger, chunks int) {
	t.Helper()
	stream, err := v.scoring().StreamScores(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	err = l.converse(stream, conversationPlan{endless: true, after: chunks, then: v.shoot, began: v.began})
	if errors.Is(err, io.EOF) {
		t.Error("a stream that was cut off looks like one that ended well")
	}
	v.kill(t)
}

// killDuringCalls kills the service once it has answered a number of calls, while eight clients make more.
func (v *victim) killDuringCalls(t *testing.T, l *ledger, calls int) {
	t.Helper()
	var mu sync.Mutex
	var clients sync.WaitGroup
	for range 8 {
		clients.Go(func() {
			for {
				mu.Lock()
				response := l.take(1)[0]
				mu.Unlock()
				got, err := v.scoring().ScoreCustomer(t.Context(), one(false, response))
				mu.Lock()
				if err != nil {
					l.pending = append(l.pending, response)
					mu.Unlock()
					return
				}
				l.answer(response.GetResponseId(), got.GetScore(), v.began)
				calls--
				if calls == 0 {
					v.shoot()
				}
				mu.Unlock()
			}
		})
	}
	clients.Wait()
	v.kill(t)
}
