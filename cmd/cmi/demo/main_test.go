package demo

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain fails when a demo leaves something running.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
