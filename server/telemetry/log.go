package telemetry

import (
	"context"
	"fmt"
	"io"
	"log/slog"

	"go.opentelemetry.io/otel/trace"

	"github.com/customer-momentum/cmi/server/telemetry/requestid"
)

// NewLogger makes a structured logger whose lines name the call and the trace that their context belongs to. The format is
// "text" for people or "json" for machines.
func NewLogger(w io.Writer, level slog.Leveler, format string) (*slog.Logger, error) {
	options := &slog.HandlerOptions{Level: level}
	switch format {
	case "text":
		return slog.New(&naming{slog.NewTextHandler(w, options)}), nil
	case "json":
		return slog.New(&naming{slog.NewJSONHandler(w, options)}), nil
	default:
		return nil, fmt.Errorf("%q is not a log format; there are text and json", format)
	}
}

// naming adds request_id, trace_id and span_id.
type naming struct {
	slog.Handler
}

// Handle writes a line with the names found in ctx.
func (h *naming) Handle(ctx context.Context, r slog.Record) error {
	if id := requestid.From(ctx); id != "" {
		r.AddAttrs(slog.String("request_id", id))
	}
	if span := trace.SpanContextFromContext(ctx); span.IsValid() {
		r.AddAttrs(slog.String("trace_id", span.TraceID().String()), slog.String("span_id", span.SpanID().String()))
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs keeps the names on loggers derived with attributes.
func (h *naming) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &naming{h.Handler.WithAttrs(attrs)}
}

// WithGroup keeps the names on loggers derived with a group.
func (h *naming) WithGroup(name string) slog.Handler { return &naming{h.Handler.WithGroup(name)} }
