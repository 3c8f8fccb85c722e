package sqlite

import (
	"testing"

	"github.com/customer-momentum/cmi/server/store/form"
)

func TestHashesAreOfOneStore(t *testing.T) {
	t.Parallel()
	one, other := open(t), open(t)
	of := func(s *Store) form.Hash { return s.secret.Hash(form.OfCustomer, "acme", "ann") }
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

func TestASecretThatIsCutIsRefused(t *testing.T) {
	t.Parallel()
	s := open(t)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	outside(t, s.path, "UPDATE self SET value = x'00' WHERE name = 'secret'")
	refused(t, s.path, "secret", "restore the store from a backup")
}
