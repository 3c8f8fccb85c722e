package sqlite

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// TestMain is also the helper process of the crash test, and looks for goroutines that outlive their store.
func TestMain(m *testing.M) {
	if path := os.Getenv(crashStore); path != "" {
		os.Exit(recordUntilKilled(path))
	}
	goleak.VerifyTestMain(m)
}
