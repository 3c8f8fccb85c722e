package gateway

import (
	"testing"

	"golang.org/x/net/http2"
)

// TestTheSchedulerIsInForce fails when HTTP/2 of the library no longer asks for our scheduler, which then has to be replaced:
// the test of a client that writes everything first would hang as well, but say less.
func TestTheSchedulerIsInForce(t *testing.T) {
	t.Parallel()
	server, err := Server(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, protocol := range []string{"h2", "unencrypted_http2"} {
		if server.TLSNextProto[protocol] == nil {
			t.Errorf("%s is left to net/http", protocol)
		}
	}
	s := &permitsFirst{WriteScheduler: http2.NewRandomWriteScheduler()}
	if _, any := s.Pop(); any {
		t.Error("a frame came from nowhere")
	}
}
