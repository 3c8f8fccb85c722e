package errs_test

import (
	"flag"
	"os"
	"testing"
)

// TestMain registers -update, which writes docs/errors.md anew instead of only comparing it.
func TestMain(m *testing.M) {
	flag.Bool("update", false, "write docs/errors.md anew")
	flag.Parse()
	os.Exit(m.Run())
}
