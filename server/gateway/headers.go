package gateway

import (
	"net"
	"net/http"
	"net/netip"
	"strconv"

	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/peer"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
	"github.com/customer-momentum/cmi/server/telemetry/requestid"
)

// incomingHeader says which headers become metadata, and by what name. Authorization is not among them because the gateway
// library passes it on by itself, and it would be there twice. The trace context is not either: it is read at this door, and
// the call finds the span made from it in its context.
func incomingHeader(name string) (string, bool) {
	switch name {
	case "X-Api-Key":
		return "x-api-key", true
	case "X-Request-Id":
		return requestid.Header, true
	default:
		return "", false
	}
}

// tidyHeaders names the call, and takes away what a client says of itself in the place of a proxy: the library adds the
// address that the request really came from.
func tidyHeaders(h http.Header, id string) {
	h.Set(requestid.Header, id)
	delete(h, "X-Forwarded-For")
	delete(h, "X-Forwarded-Host")
}

// maxTimeoutDigits is what the gRPC protocol allows in front of the unit.
const maxTimeoutDigits = 8

// checkTimeout refuses a Grpc-Timeout that the call could not heed.
func checkTimeout(h http.Header) error {
	values := h["Grpc-Timeout"]
	if len(values) == 0 {
		return nil
	}
	v := values[0]
	if n := len(v) - 1; len(values) == 1 && n >= 1 && n <= maxTimeoutDigits {
		amount, err := strconv.ParseUint(v[:n], 10, 32)
		switch v[n] {
		case 'H', 'M', 'S', 'm', 'u', 'n':
			if err == nil && amount > 0 {
				return nil
			}
		}
	}
	return fault.Field(cmiv1.ErrorReason_INVALID_REQUEST, "Grpc-Timeout",
		"must be given once, as 1 to 8 digits above zero and a unit (H, M, S, m, u, n), such as 5S or 500m, not %.40q", v)
}

// peerOf says who calls, for the log and for the limits behind this door.
func peerOf(r *http.Request) *peer.Peer {
	p := &peer.Peer{Addr: remote(r.RemoteAddr)}
	if local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok {
		p.LocalAddr = local
	}
	if r.TLS != nil {
		p.AuthInfo = credentials.TLSInfo{
			State:          *r.TLS,
			CommonAuthInfo: credentials.CommonAuthInfo{SecurityLevel: credentials.PrivacyAndIntegrity},
		}
	}
	return p
}

// remote makes an address of what net/http says.
func remote(text string) net.Addr {
	if ap, err := netip.ParseAddrPort(text); err == nil {
		return net.TCPAddrFromAddrPort(ap)
	}
	return otherAddr(text)
}

// otherAddr is an address that is not of IP, such as that of a Unix socket.
type otherAddr string

func (otherAddr) Network() string  { return "http" }
func (a otherAddr) String() string { return string(a) }
