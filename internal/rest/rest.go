// Package rest waits.
package rest

import (
	"context"
	"time"
)

// For does nothing for a while, or until ctx ends.
func For(ctx context.Context, while time.Duration) {
	timer := time.NewTimer(while)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
