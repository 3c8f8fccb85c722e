// Package form is the form in which drivers write what the store keeps: keyed hashes in place of ids, small numbers in place
// of enums, messages as bytes, times in whole microseconds. It knows nothing of any database.
package form

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
)

// Hash stands for an id of a tenant: short, of one length, and evenly spread. It is cut from SHA-256, so that nobody finds
// two ids that share one, and keyed, so that nobody who has one store tries ids against the hashes of another.
type Hash [16]byte

// Kind keeps the ids of different things apart. Each thing has a letter of its own.
type Kind byte

// The kinds of ids.
const (
	OfResponse    Kind = 'r'
	OfCustomer    Kind = 'c'
	OfInteraction Kind = 'i'
	OfKind        Kind = 'k' // of interaction
	OfOutcome     Kind = 'o'
	ofAccount     Kind = 'a'
	ofSegment     Kind = 's'
	ofLifecycle   Kind = 'l'
)

// Secret is the key of all hashes of one store. It is made when the store is set up and never changes.
type Secret [32]byte

// NewSecret makes a secret.
func NewSecret() (*Secret, error) {
	var s Secret
	if _, err := rand.Read(s[:]); err != nil {
		return nil, fmt.Errorf("make the secret: %w", err)
	}
	return &s, nil
}

// ParseSecret is the secret that was kept as value.
func ParseSecret(value []byte) (*Secret, error) {
	if len(value) != len(Secret{}) {
		return nil, fmt.Errorf("the secret has %d bytes: restore the store from a backup", len(value))
	}
	s := Secret(value)
	return &s, nil
}

// Hash is over the secret, the kind, the tenant with its length, and the id: no two triples write the same bytes. The sum
// is cut to half its length, so that one hash does not lead to that of a longer id.
func (s *Secret) Hash(k Kind, tenant, id string) Hash {
	text := make([]byte, 0, 288)
	text = append(text, s[:]...)
	text = append(text, byte(k))
	text = binary.AppendUvarint(text, uint64(len(tenant)))
	text = append(text, tenant...)
	text = append(text, id...)
	sum := sha256.Sum256(text)
	return Hash(sum[:16])
}
