package gateway

import (
	"fmt"
	"log/slog"
	"net/http"
	"time"
)

const (
	headerTimeout = 10 * time.Second
	// readTimeout bounds how long a body may take; writeTimeout how long all of a call may. Streams lift both for
	// themselves, they have bounds of their own.
	readTimeout    = time.Minute
	writeTimeout   = 5 * time.Minute
	idleTimeout    = 2 * time.Minute
	maxHeaderBytes = 64 << 10
	maxH2Streams   = 250
	pingAfter      = 30 * time.Second
)

// Server makes the HTTP server for the handler that New answers: HTTP/1.1 and HTTP/2, with TLS where the caller sets
// TLSConfig, and without ("prior knowledge") where not. The log hears what net/http has to say, which is mostly about
// clients, at level debug.
func Server(handler http.Handler, log *slog.Logger) (*http.Server, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(true)
	protocols.SetUnencryptedHTTP2(true)
	s := &http.Server{
		Handler:           handler,
		Protocols:         protocols,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		HTTP2:             &http.HTTP2Config{MaxConcurrentStreams: maxH2Streams, SendPingTimeout: pingAfter},
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	if err := letInputMove(s); err != nil {
		return nil, fmt.Errorf("gateway: HTTP/2: %w", err)
	}
	return s, nil
}
