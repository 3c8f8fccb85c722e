package sqlite

import (
	"crypto/sha256"
	"encoding/binary"
)

// idHash stands for an id of a tenant: short, of one length, and evenly spread. It is cut from SHA-256, so that nobody
// finds two ids that share one.
type idHash [16]byte

// kind keeps the ids of different things apart.
type kind byte

const (
	ofResponse kind = 'r'
	ofCustomer kind = 'c'
)

// hash is over the kind, the tenant with its length, and the id: no two triples write the same bytes.
func hash(k kind, tenant, id string) idHash {
	text := make([]byte, 0, 256)
	text = append(text, byte(k))
	text = binary.AppendUvarint(text, uint64(len(tenant)))
	text = append(text, tenant...)
	text = append(text, id...)
	sum := sha256.Sum256(text)
	return idHash(sum[:16])
}
