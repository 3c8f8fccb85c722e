package chain

import (
	"context"

	"github.com/customer-momentum/cmi/server/access"
	"github.com/customer-momentum/cmi/server/telemetry/requestid"
)

// call is what the links know of one call. It is a context itself and answers for the request id and the caller, so that
// all of it costs one allocation a call instead of one for each value.
type call struct {
	context.Context
	method *method
	id     string
	// caller is filled in by the access link, before any handler runs; the log link around it reads it afterwards.
	caller access.Caller
}

type callKey struct{}

// Value answers what the call carries, and what the context beneath it does.
func (c *call) Value(key any) any {
	switch key.(type) {
	case callKey:
		return c
	case requestid.Key:
		return &c.id
	case access.CallerKey:
		return &c.caller
	default:
		return c.Context.Value(key)
	}
}

// callOf answers the record of the call. The request id link, which is first, has put it there.
func callOf(ctx context.Context) *call {
	c, _ := ctx.Value(callKey{}).(*call)
	return c
}
