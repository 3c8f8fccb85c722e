package main

import "testing"

// TestGridAlignsColumns, also of rows that come later; they never get narrower.
func TestGridAlignsColumns(t *testing.T) {
	t.Parallel()
	g := newGrid("lrl")
	got := g.lay([]string{"NAME", "N", "WHAT"}, []string{"Zoë", "10", ""}) + g.lay([]string{"longer", "7", "x"}) + g.lay([]string{"a", "1", "y"})
	want := "NAME   N  WHAT\n" +
		"Zoë   10\n" +
		"longer   7  x\n" +
		"a        1  y\n"
	if got != want {
		t.Errorf("it lays out\n%swant\n%s", got, want)
	}
}
