package server_test

import (
	"context"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/resolver"
	"google.golang.org/grpc/resolver/manual"

	"github.com/customer-momentum/cmi/examples/airline"
	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server"
	"github.com/customer-momentum/cmi/server/settings"
)

// documentedPolicy is the service config that the documentation gives to clients.
func documentedPolicy(t *testing.T) string {
	t.Helper()
	page, err := os.ReadFile("../docs/errors.md")
	if err != nil {
		t.Fatal(err)
	}
	start := strings.Index(string(page), "{\n  \"loadBalancingConfig\"")
	if start < 0 {
		t.Fatal("the documentation has no service config")
	}
	policy, _, _ := strings.Cut(string(page)[start:], "```")
	return policy
}

// atAddresses has a service listen where it did before.
func atAddresses(a server.Addresses) option {
	return func(s *settings.Settings, _ *server.Options) { s.GRPCAddress, s.HTTPAddress = a.GRPC, a.HTTP }
}

// TestRollingRestart restarts two replicas by turns under load: clients that follow the documented policy see no call fail.
func TestRollingRestart(t *testing.T) {
	t.Parallel()
	shared(t)
	where := newStore(t)
	replicas := []*running{start(t, on(where)), start(t, on(where))}
	replicas[0].publishAirline(t)

	addresses := manual.NewBuilderWithScheme("replicas")
	addresses.InitialState(resolver.State{Addresses: []resolver.Address{{Addr: replicas[0].GRPC}, {Addr: replicas[1].GRPC}}})
	conn, err := grpc.NewClient("replicas:///", grpc.WithResolvers(addresses), grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultServiceConfig(documentedPolicy(t)))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	survey, err := airline.Responses()
	if err != nil {
		t.Fatal(err)
	}
	var made, good atomic.Int64
	stop := make(chan struct{})
	var callers sync.WaitGroup
	for range 16 {
		callers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if err := callOnce(t.Context(), conn, survey, int(made.Add(1))); err != nil {
					t.Errorf("a call failed: %v", err)
					return
				}
				good.Add(1)
			}
		})
	}
	for restart := range 10 {
		awaitMore(t, "answered", &good, 100)
		i := restart % 2
		if err := replicas[i].stop(); err != nil {
			t.Errorf("the service ended with %v", err)
		}
		replicas[i] = start(t, on(where), atAddresses(replicas[i].Addresses))
	}
	awaitMore(t, "answered", &good, 100)
	close(stop)
	callers.Wait()
	if have := recorded(t, replicas[0]); int64(len(have)) != good.Load() {
		t.Errorf("%d responses are on record, and %d were answered", len(have), good.Load())
	}
	t.Logf("%d calls over 10 restarts", good.Load())
}

// callOnce records a response, or reads who gave the one before.
func callOnce(ctx context.Context, conn *grpc.ClientConn, survey []*cmiv1.Response, n int) error {
	ctx, cancel := context.WithTimeout(ctx, tellTale)
	defer cancel()
	response := oneOf(survey, n)
	if _, err := cmiv1.NewScoringServiceClient(conn).ScoreCustomer(ctx, one(false, response)); err != nil {
		return err
	}
	_, err := cmiv1.NewCustomerServiceClient(conn).GetCustomer(ctx, &cmiv1.GetCustomerRequest{CustomerId: response.GetCustomerId()})
	return err
}
