package form

import "testing"

// TestLabelsAreApart makes labels of names that run together.
func TestLabelsAreApart(t *testing.T) {
	t.Parallel()
	keys := &Secret{1}
	seen := map[Hash]string{}
	for name, label := range map[string]Hash{
		"a=bc":              keys.SegmentLabel("acme", "a", "bc"),
		"ab=c":              keys.SegmentLabel("acme", "ab", "c"),
		"abc=":              keys.SegmentLabel("acme", "abc", ""),
		"a=bc of acm":       keys.SegmentLabel("acm", "a", "bc"),
		"a=bc of acmea":     keys.SegmentLabel("acmea", "a", "bc"),
		"account abc":       keys.AccountLabel("acme", "abc"),
		"account 1":         keys.AccountLabel("acme", "1"),
		"lifecycle 1":       keys.LifecycleLabel("acme", 1),
		"lifecycle 2":       keys.LifecycleLabel("acme", 2),
		"lifecycle 1, zeta": keys.LifecycleLabel("zeta", 1),
	} {
		if other, known := seen[label]; known {
			t.Errorf("%q and %q have the same label", name, other)
		}
		seen[label] = name
	}
}
