package telemetry

import (
	"slices"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/genproto/googleapis/rpc/code"
	"google.golang.org/grpc/codes"
)

// maxMethods bounds how many names are remembered: clients make up names of methods that do not exist.
const maxMethods = 256

// measured is what is the same for every call of a method.
type measured struct {
	name  string
	attrs []attribute.KeyValue
	start []trace.SpanStartOption
	fine  []metric.RecordOption
}

func newMeasured(name string) *measured {
	m := &measured{
		name:  name,
		attrs: []attribute.KeyValue{attribute.String("rpc.system.name", "grpc"), attribute.String("rpc.method", name)},
		start: []trace.SpanStartOption{trace.WithSpanKind(trace.SpanKindServer)},
	}
	m.fine = m.outcome(codes.OK)
	return m
}

func (m *measured) outcome(c codes.Code) []metric.RecordOption {
	name := code.Code(c).String()
	attrs := append(slices.Clone(m.attrs), attribute.String("rpc.response.status_code", name))
	if fault(c) {
		attrs = append(attrs, attribute.String("error.type", name))
	}
	return []metric.RecordOption{metric.WithAttributeSet(attribute.NewSet(attrs...))}
}

// fault tells codes that are the server's trouble; the others are answers that clients may expect.
func fault(c codes.Code) bool {
	switch c {
	case codes.Unknown, codes.DeadlineExceeded, codes.Unimplemented, codes.Internal, codes.Unavailable, codes.DataLoss:
		return true
	default:
		return false
	}
}
