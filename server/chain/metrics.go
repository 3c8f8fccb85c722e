package chain

import (
	"context"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/errs"
)

// scope is what metrics name as their source.
const scope = "github.com/customer-momentum/cmi/server/chain"

// metrics counts what the trace link, which measures durations by method and code, does not: calls by reason, and calls in
// flight. Both are read when somebody looks; a call that goes well only moves plain counters.
type metrics struct {
	mu     sync.Mutex
	failed map[ending]int64
}

// ending is one way for calls of a method to fail.
type ending struct {
	method *method
	code   codes.Code
	reason cmiv1.ErrorReason
}

func newMetrics(provider metric.MeterProvider, all *methods) (*metrics, error) {
	m := &metrics{failed: map[ending]int64{}}
	meter := provider.Meter(scope)
	if _, err := meter.Int64ObservableCounter("cmi.server.calls",
		metric.WithDescription("Calls that ended, by method, code and reason."), metric.WithUnit("{call}"),
		metric.WithInt64Callback(func(_ context.Context, o metric.Int64Observer) error {
			all.each(func(of *method) {
				if fine := of.fine.Load(); fine > 0 {
					o.Observe(fine, metric.WithAttributes(methodAttribute(of), codeAttribute(codes.OK)))
				}
			})
			m.observeFailed(o)
			return nil
		})); err != nil {
		return nil, err
	}
	if _, err := meter.Int64ObservableUpDownCounter("cmi.server.active_calls",
		metric.WithDescription("Calls in flight, by method."), metric.WithUnit("{call}"),
		metric.WithInt64Callback(func(_ context.Context, o metric.Int64Observer) error {
			all.each(func(of *method) { o.Observe(of.active.Load(), metric.WithAttributes(methodAttribute(of))) })
			return nil
		})); err != nil {
		return nil, err
	}
	return m, nil
}

func methodAttribute(m *method) attribute.KeyValue { return attribute.String("rpc.method", m.name) }

func codeAttribute(c codes.Code) attribute.KeyValue {
	return attribute.String("rpc.response.status_code", errs.CodeName(c))
}

func (m *metrics) observeFailed(o metric.Int64Observer) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for e, n := range m.failed {
		attrs := []attribute.KeyValue{methodAttribute(e.method), codeAttribute(e.code)}
		if e.reason != cmiv1.ErrorReason_ERROR_REASON_UNSPECIFIED {
			attrs = append(attrs, attribute.String("cmi.reason", e.reason.String()))
		}
		o.Observe(n, metric.WithAttributes(attrs...))
	}
}

func (m *metrics) unary(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	of := callOf(ctx).method
	of.active.Add(1)
	answer, err := handler(ctx, req)
	of.active.Add(-1)
	m.count(of, err)
	return answer, err
}

func (m *metrics) stream(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	of := callOf(ss.Context()).method
	of.active.Add(1)
	err := handler(srv, ss)
	of.active.Add(-1)
	m.count(of, err)
	return err
}

func (m *metrics) count(of *method, err error) {
	if err == nil {
		of.fine.Add(1)
		return
	}
	code, reason := errs.Classify(err)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.failed[ending{of, code, reason}]++
}
