package sqlite

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"fmt"
)

// idHash stands for an id of a tenant: short, of one length, and evenly spread. It is cut from SHA-256, so that nobody
// finds two ids that share one, and keyed, so that nobody who has one file tries ids against the hashes of another.
type idHash [16]byte

// kind keeps the ids of different things apart. Each thing has a letter of its own.
type kind byte

const (
	ofResponse    kind = 'r'
	ofCustomer    kind = 'c'
	ofInteraction kind = 'i'
	ofKind        kind = 'k'
)

// secret is the key of all hashes of one store. It is made when the store is set up and never changes.
type secret [32]byte

// hash is over the secret, the kind, the tenant with its length, and the id: no two triples write the same bytes. The sum
// is cut to half its length, so that one hash does not lead to that of a longer id.
func (s *secret) hash(k kind, tenant, id string) idHash {
	text := make([]byte, 0, 288)
	text = append(text, s[:]...)
	text = append(text, byte(k))
	text = binary.AppendUvarint(text, uint64(len(tenant)))
	text = append(text, tenant...)
	text = append(text, id...)
	sum := sha256.Sum256(text)
	return idHash(sum[:16])
}

const findSelf = "SELECT value FROM self WHERE name = ?"

// giveSecret makes the secret of a store that has none yet: one that is being set up.
func giveSecret(ctx context.Context, db *sql.DB) error {
	var s secret
	if _, err := rand.Read(s[:]); err != nil {
		return fmt.Errorf("make the secret: %w", err)
	}
	if _, err := db.ExecContext(ctx, "INSERT OR IGNORE INTO self (name, value) VALUES ('secret', ?)", s[:]); err != nil {
		return fmt.Errorf("keep the secret: %w", err)
	}
	return nil
}

// readSecret reads the secret back.
func readSecret(ctx context.Context, conn *sql.Conn) (*secret, error) {
	var value []byte
	if err := conn.QueryRowContext(ctx, findSelf, "secret").Scan(&value); err != nil {
		return nil, fmt.Errorf("read the secret: %w", err)
	}
	if len(value) != len(secret{}) {
		return nil, fmt.Errorf("the secret has %d bytes: restore the store from a backup", len(value))
	}
	s := secret(value)
	return &s, nil
}
