package access

import (
	"context"
	"fmt"
	"net"
)

// RequireLoopback answers nil when addr (host:port) is on this machine's loopback only, and otherwise a sentence that says
// what to do: a service without keys lets everyone who reaches it do everything. Asked with the address of an open listener
// it needs no name service and leaves no room between the question and the listening.
func RequireLoopback(ctx context.Context, addr string) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("%q is not an address of the form host:port: %w", addr, err)
	}
	if isLoopback(ctx, host) {
		return nil
	}
	return fmt.Errorf("%s can be reached from other machines, and without API keys everyone there could read and change "+
		"everything: make a key with `cmi keys new` and put it under `keys` in the settings file, listen on 127.0.0.1, "+
		"or say --trust-network if only trusted machines reach this port", addr)
}

// isLoopback tells whether every address that host stands for is a loopback one. No host at all, 0.0.0.0 and :: mean all
// of the machine's addresses.
func isLoopback(ctx context.Context, host string) bool {
	if host == "localhost" {
		return true
	}
	if ip := net.ParseIP(host); ip != nil {
		return ip.IsLoopback()
	}
	if host == "" {
		return false
	}
	found, err := net.DefaultResolver.LookupIPAddr(ctx, host)
	if err != nil || len(found) == 0 {
		return false
	}
	for _, a := range found {
		if !a.IP.IsLoopback() {
			return false
		}
	}
	return true
}
