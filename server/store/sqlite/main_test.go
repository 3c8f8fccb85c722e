package sqlite

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// TestMain is also the process that the crash tests kill, and looks for goroutines that outlive their store.
func TestMain(m *testing.M) {
	if path := os.Getenv(crashStore); path != "" {
		os.Exit(recordUntilKilled(path))
	}
	if path := os.Getenv(crashLives); path != "" {
		os.Exit(liveUntilKilled(path))
	}
	if path := os.Getenv(crashMigration); path != "" {
		os.Exit(migrateUntilKilled(path))
	}
	goleak.VerifyTestMain(m)
}
