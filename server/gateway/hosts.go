package gateway

import (
	"net"
	"net/netip"
	"strings"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
)

// hosts are the names that the service may be called by. A page can make the name of its own server point to this machine
// (DNS rebinding) and then call as if it came from here; the Host header gives that away, because it carries the page's
// name. It cannot do so with a bare address, so those are always fine. Where calls need a key there is nothing to gain
// without one, and any name will do unless some were configured.
type hosts struct {
	any     bool
	allowed map[string]bool
}

func newHosts(opts Options) hosts {
	h := hosts{any: opts.HasKeys && len(opts.AllowedHosts) == 0, allowed: map[string]bool{"localhost": true}}
	for _, name := range opts.AllowedHosts {
		h.allowed[hostName(name)] = true
	}
	return h
}

func (h hosts) check(host string) error {
	if h.any {
		return nil
	}
	name := hostName(host)
	if h.allowed[name] || strings.HasSuffix(name, ".localhost") {
		return nil
	}
	if _, err := netip.ParseAddr(name); err == nil {
		return nil
	}
	return fault.New(cmiv1.ErrorReason_HOST_REFUSED,
		"The Host header says %.100q, which is not a name of this service. Call it by its address, or have the name configured.", host)
}

// hostName answers the name of a host as names are compared: without port, brackets and final dot, in small letters.
func hostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	return strings.ToLower(strings.TrimSuffix(host, "."))
}
