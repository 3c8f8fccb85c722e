package access_test

import (
	"strings"
	"testing"

	"github.com/customer-momentum/cmi/server/access"
)

func TestRequireLoopback(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{"127.0.0.1:0", "127.9.9.9:80", "localhost:9090", "[::1]:9090"} {
		if err := access.RequireLoopback(t.Context(), addr); err != nil {
			t.Errorf("%s: %v", addr, err)
		}
	}
	for _, addr := range []string{":9090", "0.0.0.0:9090", "[::]:9090", "10.0.0.1:1", "192.168.1.2:80", "[fe80::1]:1", "host.invalid:1", "127.0.0.1"} {
		if err := access.RequireLoopback(t.Context(), addr); err == nil {
			t.Errorf("%s was taken for loopback", addr)
		}
	}
	err := access.RequireLoopback(t.Context(), "0.0.0.0:9090")
	for _, want := range []string{"0.0.0.0:9090", "cmi keys new", "--trust-network"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not say %q", err, want)
		}
	}
}
