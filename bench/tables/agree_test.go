package main

import "testing"

// TestBothSidesAgree compares every row of tables of some shapes; one has two batches of the engine and an odd rest.
func TestBothSidesAgree(t *testing.T) {
	t.Parallel()
	for _, shape := range []struct{ rows, items int }{{batchRows + 1001, 12}, {5000, 6}, {5000, 60}, {1, 12}} {
		if err := agree(shape.rows, shape.items); err != nil {
			t.Errorf("%d rows of %d items: %v", shape.rows, shape.items, err)
		}
	}
}
