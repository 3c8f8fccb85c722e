package access

import "context"

// Caller is who calls: everything that happens in a call happens in its tenant.
type Caller struct {
	// Tenant is whose data the call sees.
	Tenant string
	// KeyID is the key that was shown, empty where the service asks for none. It may be logged; the secret never is.
	KeyID string
	// Scopes is what the key allows.
	Scopes Scope
}

// CallerKey is what a context answers a *Caller for. NewContext uses it; so may a context of one's own that carries more
// than the caller, to save allocations on every call.
type CallerKey struct{}

// NewContext answers a context that carries the caller.
func NewContext(ctx context.Context, c Caller) context.Context {
	return context.WithValue(ctx, CallerKey{}, &c)
}

// FromContext answers the caller of the call that ctx belongs to. Outside of the interceptor chain and in public methods
// there is none: the zero Caller then has no tenant, and no tenant holds anything.
func FromContext(ctx context.Context) Caller {
	if c, ok := ctx.Value(CallerKey{}).(*Caller); ok {
		return *c
	}
	return Caller{}
}
