package customers_test

import (
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/sqlite"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// file is where the store of a test lives, so that it can be opened again.
func file(t testing.TB) string { return filepath.Join(t.TempDir(), "cmi.db") }

// open opens the store in a file until the test ends.
func open(t testing.TB, path string) store.Store {
	t.Helper()
	kept, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := kept.Close(); err != nil {
			t.Error(err)
		}
	})
	return kept
}
