package chain_test

import (
	"context"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	reflectionpb "google.golang.org/grpc/reflection/grpc_reflection_v1"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/access"
)

// locked gives a fixture one key that may score and nothing else.
func locked(t *testing.T, f *fixture) (key string) {
	t.Helper()
	plain, sum, err := access.NewKey("loader")
	if err != nil {
		t.Fatal(err)
	}
	f.config.Keyring, err = access.NewKeyring([]access.Key{{ID: "loader", SHA256: sum, Tenant: "acme", Scopes: []string{"score"}}}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

func TestKeysOnBothKindsOfCalls(t *testing.T) {
	t.Parallel()
	doors(t, func(t *testing.T, f *fixture, open func(*scoring) grpc.ClientConnInterface) {
		key := locked(t, f)
		var inside access.Caller
		conn := open(&scoring{
			score: func(ctx context.Context, _ *cmiv1.ScoreCustomerRequest) (*cmiv1.ScoreCustomerResponse, error) {
				inside = access.FromContext(ctx)
				return &cmiv1.ScoreCustomerResponse{}, nil
			},
			scores: func(ss grpc.BidiStreamingServer[cmiv1.StreamScoresRequest, cmiv1.StreamScoresResponse]) error {
				inside = access.FromContext(ss.Context())
				return nil
			},
		})
		client := cmiv1.NewScoringServiceClient(conn)
		unary := func(ctx context.Context) error {
			_, err := client.ScoreCustomer(ctx, &cmiv1.ScoreCustomerRequest{})
			return err
		}
		stream := func(ctx context.Context) error {
			ss, err := client.StreamScores(ctx)
			if err != nil {
				return err
			}
			_, err = ss.Recv()
			return ignoreEOF(err)
		}
		read := func(ctx context.Context) error {
			_, err := client.GetScore(ctx, &cmiv1.GetScoreRequest{ResponseId: "r"})
			return err
		}
		for name, call := range map[string]func(context.Context) error{"unary": unary, "stream": stream} {
			for _, pairs := range [][]string{{"authorization", "Bearer " + key}, {"x-api-key", key}} {
				inside = access.Caller{}
				if err := call(metadata.AppendToOutgoingContext(t.Context(), pairs...)); err != nil {
					t.Errorf("%s with %s: %v", name, pairs[0], err)
				}
				if inside.Tenant != "acme" || inside.KeyID != "loader" {
					t.Errorf("%s with %s: the handler sees %v", name, pairs[0], inside)
				}
			}
			inside = access.Caller{}
			for _, c := range []struct {
				reason string
				pairs  []string
			}{
				{"KEY_MISSING", nil},
				{"KEY_INVALID", []string{"authorization", "Bearer loader.wrong"}},
				{"KEY_INVALID", []string{"authorization", "Basic x", "x-api-key", key}},
				{"KEY_INVALID", []string{"authorization", "Bearer " + key, "authorization", "Bearer " + key}},
				{"KEY_INVALID", []string{"x-api-key", key, "x-api-key", key}},
			} {
				expect(t, call(metadata.AppendToOutgoingContext(t.Context(), c.pairs...)), codes.Unauthenticated, c.reason)
			}
			if inside != (access.Caller{}) {
				t.Errorf("%s: the handler was called for %v", name, inside)
			}
		}
		err := read(metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer "+key))
		expect(t, err, codes.PermissionDenied, "SCOPE_MISSING")
	})
}

func TestWhoMayCallLearnsFirst(t *testing.T) {
	t.Parallel()
	f := newFixture()
	locked(t, f)
	_, err := cmiv1.NewScoringServiceClient(f.serve(t, &scoring{})).GetScore(t.Context(), &cmiv1.GetScoreRequest{ResponseId: "not valid"})
	expect(t, err, codes.Unauthenticated, "KEY_MISSING")
	if line := f.log.only(t); line["level"] != "WARN" || line["tenant"] != nil {
		t.Errorf("line %v", line)
	}
}

func TestHealthIsPublicAndReflectionIsNot(t *testing.T) {
	t.Parallel()
	f := newFixture()
	locked(t, f)
	conn := f.serve(t, &scoring{})
	if _, err := healthpb.NewHealthClient(conn).Check(t.Context(), &healthpb.HealthCheckRequest{}); err != nil {
		t.Error(err)
	}
	ss, err := reflectionpb.NewServerReflectionClient(conn).ServerReflectionInfo(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, err = ss.Recv()
	expect(t, err, codes.Unauthenticated, "KEY_MISSING")
}

// TestAMethodWithoutARuleIsRefused, on both kinds of calls, even where no keys are asked for.
func TestAMethodWithoutARuleIsRefused(t *testing.T) {
	t.Parallel()
	doors(t, func(t *testing.T, f *fixture, open func(*scoring) grpc.ClientConnInterface) {
		delete(f.config.Rules, cmiv1.ScoringService_ScoreCustomer_FullMethodName)
		delete(f.config.Rules, cmiv1.ScoringService_StreamScores_FullMethodName)
		client := cmiv1.NewScoringServiceClient(open(answering(nil)))
		_, err := client.ScoreCustomer(t.Context(), &cmiv1.ScoreCustomerRequest{})
		expect(t, err, codes.PermissionDenied, "NO_ACCESS_RULE")
		ss, err := client.StreamScores(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		_, err = ss.Recv()
		expect(t, err, codes.PermissionDenied, "NO_ACCESS_RULE")
	})
}
