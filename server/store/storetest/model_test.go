package storetest

import (
	"testing"

	"github.com/customer-momentum/cmi/server/store"
)

// TestModel holds the model to the suite: what drivers are compared with keeps every promise itself.
func TestModel(t *testing.T) {
	t.Parallel()
	Run(t, func(*testing.T) store.Store { return newModel() })
}
