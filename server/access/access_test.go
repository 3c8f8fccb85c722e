package access_test

import (
	"testing"

	"github.com/customer-momentum/cmi/server/access"
)

func TestScopes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		has, want access.Scope
		ok        bool
	}{
		{access.Score, access.Score, true},
		{access.Score, access.Read, false},
		{access.Write, access.Read, false},
		{access.Read, access.Admin, false},
		{access.Score | access.Read | access.Write, access.Admin, false},
		{access.Admin, access.Score, true},
		{access.Admin, access.Read, true},
		{access.Admin, access.Write, true},
		{access.Admin, access.Admin, true},
		{0, access.Score, false},
	} {
		if got := c.has.Has(c.want); got != c.ok {
			t.Errorf("%s has %s: %t", c.has, c.want, got)
		}
	}
	for scope, want := range map[access.Scope]string{
		0: "none", access.Public: "public", access.Score | access.Write: "score,write", access.Admin: "admin",
	} {
		if got := scope.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if _, err := access.ParseScope("public"); err == nil {
		t.Error("public is not a scope that a key may have")
	}
}

func TestFromContext(t *testing.T) {
	t.Parallel()
	if got := access.FromContext(t.Context()); got != (access.Caller{}) {
		t.Errorf("a bare context carries %v", got)
	}
	want := access.Caller{Tenant: "acme", KeyID: "k", Scopes: access.Read}
	if got := access.FromContext(access.NewContext(t.Context(), want)); got != want {
		t.Errorf("got %v", got)
	}
}
