package chain_test

import (
	"context"
	"testing"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
)

func TestMetrics(t *testing.T) {
	t.Parallel()
	f := newFixture()
	reader := sdkmetric.NewManualReader()
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))
	f.config.MeterProvider = provider
	inside := map[string]int64{}
	fail := false
	client := cmiv1.NewScoringServiceClient(f.inProcess(t, &scoring{
		score: func(ctx context.Context, _ *cmiv1.ScoreCustomerRequest) (*cmiv1.ScoreCustomerResponse, error) {
			inside = collect(t, reader)
			if fail {
				return nil, fault.New(cmiv1.ErrorReason_RESPONSE_EXISTS, "Exists.")
			}
			return &cmiv1.ScoreCustomerResponse{}, nil
		},
	}))
	const method = "/cmi.v1.ScoringService/ScoreCustomer"
	for range 3 {
		if _, err := client.ScoreCustomer(t.Context(), &cmiv1.ScoreCustomerRequest{}); err != nil {
			t.Fatal(err)
		}
	}
	fail = true
	if _, err := client.ScoreCustomer(t.Context(), &cmiv1.ScoreCustomerRequest{}); err == nil {
		t.Fatal("no error")
	}
	if got := inside["cmi.server.active_calls "+method+"  "]; got != 1 {
		t.Errorf("%d calls in flight while in one: %v", got, inside)
	}
	got := collect(t, reader)
	for key, want := range map[string]int64{
		"cmi.server.active_calls " + method + "  ":                       0,
		"cmi.server.calls " + method + " OK ":                            3,
		"cmi.server.calls " + method + " ALREADY_EXISTS RESPONSE_EXISTS": 1,
	} {
		if got[key] != want {
			t.Errorf("%s is %d, want %d; all: %v", key, got[key], want, got)
		}
	}
}

// collect answers every sum by name, method, code and reason.
func collect(t *testing.T, reader sdkmetric.Reader) map[string]int64 {
	t.Helper()
	var all metricdata.ResourceMetrics
	if err := reader.Collect(context.Background(), &all); err != nil {
		t.Error(err)
	}
	out := map[string]int64{}
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			sum, ok := m.Data.(metricdata.Sum[int64])
			if !ok {
				continue
			}
			for _, p := range sum.DataPoints {
				method, _ := p.Attributes.Value("rpc.method")
				code, _ := p.Attributes.Value("rpc.response.status_code")
				reason, _ := p.Attributes.Value("cmi.reason")
				out[m.Name+" "+method.AsString()+" "+code.AsString()+" "+reason.AsString()] = p.Value
			}
		}
	}
	return out
}
