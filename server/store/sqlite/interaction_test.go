package sqlite

import (
	"testing"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// did records interactions that must all be new.
func did(t testing.TB, s *Store, interactions ...*cmiv1.Interaction) {
	t.Helper()
	results, err := s.RecordInteractions(t.Context(), "acme", interactions, time.Unix(1_770_000_000, 0))
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range results {
		if r != store.Recorded {
			t.Fatalf("interaction %d: got result %d, want it recorded", i, r)
		}
	}
}
