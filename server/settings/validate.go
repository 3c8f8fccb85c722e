package settings

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/customer-momentum/cmi/server/access"
)

const (
	minMessage = 64 << 10
	maxMessage = 1 << 30
	minSpool   = 1 << 20
	maxDepth   = 1024
	maxWorkers = 256
)

// Validate names everything that is wrong at once, each with its setting. kong calls it once flags, environment and file are
// read; whoever makes Settings in code calls it on the outcome of WithDefaults.
func (s Settings) Validate() error {
	c := &checks{}
	c.address("grpc-address", s.GRPCAddress)
	c.address("http-address", s.HTTPAddress)
	c.ensure(s.GRPCAddress != s.HTTPAddress || strings.HasSuffix(s.GRPCAddress, ":0"), "http-address",
		"%q is the address of gRPC already", s.HTTPAddress)
	c.ensure(slices.Contains(storeSchemes(), storeScheme(s.Store)), "store",
		"%q is not a store, such as sqlite:cmi.db or postgres://cmi@db.example.com/cmi", WithoutPassword(s.Store))
	c.ensure((s.TLSCertFile == "") == (s.TLSKeyFile == ""), "tls-key-file",
		"certificate and private key are given together or not at all")
	c.hosts(s.AllowedHosts)
	c.origins(s.CORSOrigins, len(s.Keys) > 0)
	c.within("operation-workers", s.OperationWorkers, -1, maxWorkers)
	c.positive("operation-retention", s.OperationRetention)
	c.finite("lifecycle-new-days", s.LifecycleNewDays)
	c.finite("lifecycle-inactive-days", s.LifecycleInactiveDays)
	c.finite("lifecycle-inactive-gaps", s.LifecycleInactiveGaps)
	c.finite("key-weight-half-months", s.KeyWeightHalfMonths)
	c.finite("key-weight-saturation", s.KeyWeightSaturation)
	c.positive("max-deadline", s.MaxDeadline)
	c.positive("stream-idle-timeout", s.StreamIdleTimeout)
	c.positive("shutdown-timeout", s.ShutdownTimeout)
	c.ensure(s.ShutdownDelay >= 0, "shutdown-delay", "%s is below 0", s.ShutdownDelay)
	c.within("max-message-bytes", s.MaxMessageBytes, minMessage, maxMessage)
	c.within("stream-pipeline-depth", s.StreamPipelineDepth, 1, maxDepth)
	c.within("stream-spool-bytes", s.StreamSpoolBytes, minSpool, maxMessage)
	for _, f := range fields() {
		if len(f.enum) > 0 {
			text := f.of(&s).String()
			c.ensure(slices.Contains(f.enum, text), f.name, "%q is not one of %s", text, strings.Join(f.enum, ", "))
		}
	}
	if len(s.Keys) > 0 {
		if _, err := access.NewKeyring(s.Keys, time.Now); err != nil {
			c.faults = append(c.faults, err)
		}
	}
	return errors.Join(c.faults...)
}

// checks gathers what is wrong.
type checks struct {
	faults []error
}

func (c *checks) ensure(ok bool, setting, format string, args ...any) {
	if !ok {
		c.faults = append(c.faults, fmt.Errorf(setting+": "+format, args...))
	}
}

func (c *checks) address(setting, text string) {
	_, port, err := net.SplitHostPort(text)
	number, bad := strconv.Atoi(port)
	c.ensure(err == nil && bad == nil && number >= 0 && number <= 65535, setting,
		"%q is not an address of the form host:port, such as 127.0.0.1:9090", text)
}

func (c *checks) positive(setting string, d time.Duration) {
	c.ensure(d > 0, setting, "%s is not above 0", d)
}

// finite checks a constant of the model: days, months or a rate. NaN fails every comparison.
func (c *checks) finite(setting string, x float64) {
	c.ensure(x > 0 && x <= 1e5, setting, "%v is not a number above 0, up to 100000", x)
}

func (c *checks) within(setting string, n, low, high int) {
	c.ensure(n >= low && n <= high, setting, "%d is not between %d and %d", n, low, high)
}

func (c *checks) hosts(all []string) {
	for _, host := range all {
		c.ensure(host != "" && !strings.ContainsAny(host, "/:*@ "), "allowed-hosts",
			"%q is not a host name; it has no scheme, port or wildcard", host)
	}
}

func (c *checks) origins(all []string, hasKeys bool) {
	for _, origin := range all {
		if origin == "*" {
			c.ensure(hasKeys, "cors-origins", "'*' lets every web page call, and without API keys do everything; name the origins, or make keys")
			continue
		}
		u, err := url.Parse(origin)
		c.ensure(err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.Scheme+"://"+u.Host == origin,
			"cors-origins", "%q is not an origin, such as https://app.example.com", origin)
	}
}
