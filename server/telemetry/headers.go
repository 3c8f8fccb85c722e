package telemetry

import (
	"context"

	"google.golang.org/grpc/metadata"
)

// incoming is the headers of a call as propagators read them.
type incoming struct {
	ctx context.Context
}

// Get answers the first value of a header.
func (i incoming) Get(key string) string {
	if values := metadata.ValueFromIncomingContext(i.ctx, key); len(values) > 0 {
		return values[0]
	}
	return ""
}

// Set does nothing: incoming headers are only read.
func (incoming) Set(string, string) {}

// Keys answers the names of all headers.
func (i incoming) Keys() []string {
	md, _ := metadata.FromIncomingContext(i.ctx)
	keys := make([]string, 0, len(md))
	for key := range md {
		keys = append(keys, key)
	}
	return keys
}
