package form

import "testing"

func TestHashesTellApart(t *testing.T) {
	t.Parallel()
	s := &Secret{1}
	seen := map[Hash]string{}
	for name, h := range map[string]Hash{
		"a customer":         s.Hash(OfCustomer, "ab", "c"),
		"a response":         s.Hash(OfResponse, "ab", "c"),
		"an interaction":     s.Hash(OfInteraction, "ab", "c"),
		"a kind":             s.Hash(OfKind, "ab", "c"),
		"an outcome":         s.Hash(OfOutcome, "ab", "c"),
		"the names run over": s.Hash(OfCustomer, "a", "bc"),
		"no tenant":          s.Hash(OfCustomer, "", "abc"),
		"no id":              s.Hash(OfCustomer, "abc", ""),
		"another secret":     (&Secret{2}).Hash(OfCustomer, "ab", "c"),
	} {
		if other, twice := seen[h]; twice {
			t.Errorf("%s and %s share a hash", name, other)
		}
		seen[h] = name
	}
}
