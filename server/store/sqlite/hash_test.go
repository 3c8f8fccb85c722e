package sqlite

import (
	"testing"
)

func TestHashesAreOfOneStore(t *testing.T) {
	t.Parallel()
	one, other := open(t), open(t)
	of := func(s *Store) idHash { return s.secret.hash(ofCustomer, "acme", "ann") }
	if of(one) == of(other) {
		t.Error("two stores hash alike: the hashes of one tell of the other")
	}
	before := of(one)
	if err := one.Close(); err != nil {
		t.Fatal(err)
	}
	if again := openAt(t, one.path); of(again) != before {
		t.Error("a store that is opened again hashes otherwise")
	}
}

func TestHashesTellApart(t *testing.T) {
	t.Parallel()
	s := &secret{1}
	seen := map[idHash]string{}
	for name, h := range map[string]idHash{
		"a customer":         s.hash(ofCustomer, "ab", "c"),
		"a response":         s.hash(ofResponse, "ab", "c"),
		"an interaction":     s.hash(ofInteraction, "ab", "c"),
		"a kind":             s.hash(ofKind, "ab", "c"),
		"the names run over": s.hash(ofCustomer, "a", "bc"),
		"no tenant":          s.hash(ofCustomer, "", "abc"),
		"no id":              s.hash(ofCustomer, "abc", ""),
		"another secret":     (&secret{2}).hash(ofCustomer, "ab", "c"),
	} {
		if other, twice := seen[h]; twice {
			t.Errorf("%s and %s share a hash", name, other)
		}
		seen[h] = name
	}
}

func TestASecretThatIsCutIsRefused(t *testing.T) {
	t.Parallel()
	s := open(t)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	outside(t, s.path, "UPDATE self SET value = x'00' WHERE name = 'secret'")
	refused(t, s.path, "secret", "restore the store from a backup")
}
