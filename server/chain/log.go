package chain

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/peer"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/errs"
	"github.com/customer-momentum/cmi/server/fault"
)

// callLog writes one line a call: who called what, how it ended and how long it took. Request, trace and span id come from
// the logger's handler, which finds them in the context. What was answered and by which customer is never written, and so
// neither are the messages of refusals, which quote it.
type callLog struct {
	to  *slog.Logger
	now func() time.Time
	// fine is the level of calls that went well.
	fine slog.Level
}

func fineLevel(logCalls bool) slog.Level {
	if logCalls {
		return slog.LevelInfo
	}
	return slog.LevelDebug
}

func (l *callLog) unary(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	start := l.now()
	answer, err := handler(ctx, req)
	l.write(ctx, info.FullMethod, start, err, nil)
	return answer, err
}

func (l *callLog) stream(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	start := l.now()
	counting := &counted{ServerStream: ss}
	err := handler(srv, counting)
	l.write(ss.Context(), info.FullMethod, start, err, counting)
	return err
}

// write writes the line. Nothing is gathered for it before it is known that somebody wants it.
func (l *callLog) write(ctx context.Context, fullMethod string, start time.Time, err error, messages *counted) {
	c := callOf(ctx)
	code, reason := errs.Classify(err)
	level := l.level(c.method, code, reason)
	if !l.to.Enabled(ctx, level) {
		return
	}
	attrs := make([]slog.Attr, 0, 12)
	attrs = append(attrs,
		slog.String("method", shortened(fullMethod)),
		slog.String("code", errs.CodeName(code)),
		slog.Duration("duration", l.now().Sub(start)))
	if reason != cmiv1.ErrorReason_ERROR_REASON_UNSPECIFIED {
		attrs = append(attrs, slog.String("reason", reason.String()))
	}
	if c.caller.Tenant != "" {
		attrs = append(attrs, slog.String("tenant", c.caller.Tenant))
	}
	if c.caller.KeyID != "" {
		attrs = append(attrs, slog.String("key", c.caller.KeyID))
	}
	if p, ok := peer.FromContext(ctx); ok && p.Addr != nil {
		attrs = append(attrs, slog.String("peer", p.Addr.String()))
	}
	if messages != nil {
		attrs = append(attrs, slog.Int64("received", messages.received.Load()), slog.Int64("sent", messages.sent.Load()))
	}
	l.to.LogAttrs(ctx, level, "call", append(attrs, because(err, code, reason)...)...)
}

// level says how much a call's end matters to whoever runs the service.
func (l *callLog) level(m *method, code codes.Code, reason cmiv1.ErrorReason) slog.Level {
	switch code {
	case codes.OK:
		if m.quiet {
			return slog.LevelDebug
		}
		return l.fine
	case codes.Internal, codes.Unknown, codes.DataLoss:
		return slog.LevelError
	case codes.Unavailable, codes.DeadlineExceeded, codes.ResourceExhausted, codes.PermissionDenied, codes.Unauthenticated:
		if reason == cmiv1.ErrorReason_SERVER_DRAINING || reason == cmiv1.ErrorReason_STREAM_IDLE {
			return slog.LevelInfo
		}
		return slog.LevelWarn
	default:
		return slog.LevelInfo
	}
}

// because tells the causes of what is the service's own trouble, which the client does not learn; and of a refusal only how
// many fields were at fault.
func because(err error, code codes.Code, reason cmiv1.ErrorReason) []slog.Attr {
	var attrs []slog.Attr
	switch code {
	case codes.Internal, codes.Unknown, codes.DataLoss, codes.Unavailable, codes.DeadlineExceeded:
		if reason == cmiv1.ErrorReason_SERVER_DRAINING || reason == cmiv1.ErrorReason_STREAM_IDLE {
			return nil
		}
		attrs = append(attrs, slog.String("error", err.Error()))
		if p, ok := errors.AsType[*panicked](err); ok {
			attrs = append(attrs, slog.String("stack", string(p.stack)))
		}
	case codes.OK:
	default:
		if e, ok := errors.AsType[*fault.Error](err); ok && len(e.Violations) > 0 {
			attrs = append(attrs, slog.Int("violations", len(e.Violations)))
		}
	}
	return attrs
}

// shortened bounds a method name that a client made up.
func shortened(name string) string {
	const most = 200
	if len(name) > most {
		return name[:most]
	}
	return name
}

// counted counts the messages of a stream.
type counted struct {
	grpc.ServerStream
	received, sent atomic.Int64
}

// RecvMsg counts a message that came in whole.
func (c *counted) RecvMsg(m any) error {
	err := c.ServerStream.RecvMsg(m)
	if err == nil {
		c.received.Add(1)
	}
	return err
}

// SendMsg counts a message that was handed to the transport.
func (c *counted) SendMsg(m any) error {
	err := c.ServerStream.SendMsg(m)
	if err == nil {
		c.sent.Add(1)
	}
	return err
}
