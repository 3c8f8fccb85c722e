package sqlite

import (
	"testing"
)

// TestLabelsAreApart makes labels of names that run together.
func TestLabelsAreApart(t *testing.T) {
	t.Parallel()
	keys := open(t).secret
	seen := map[idHash]string{}
	for name, label := range map[string]idHash{
		"a=bc":              keys.segmentLabel("acme", "a", "bc"),
		"ab=c":              keys.segmentLabel("acme", "ab", "c"),
		"abc=":              keys.segmentLabel("acme", "abc", ""),
		"a=bc of acm":       keys.segmentLabel("acm", "a", "bc"),
		"a=bc of acmea":     keys.segmentLabel("acmea", "a", "bc"),
		"account abc":       keys.accountLabel("acme", "abc"),
		"account 1":         keys.accountLabel("acme", "1"),
		"lifecycle 1":       keys.lifecycleLabel("acme", 1),
		"lifecycle 2":       keys.lifecycleLabel("acme", 2),
		"lifecycle 1, zeta": keys.lifecycleLabel("zeta", 1),
	} {
		if other, known := seen[label]; known {
			t.Errorf("%q and %q have the same label", name, other)
		}
		seen[label] = name
	}
}
