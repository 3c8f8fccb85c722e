package access

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// Key is one API key as the settings file keeps it. The key itself is ID.SECRET; only the SHA-256 of the secret is kept,
// so that a settings file that leaks opens nothing. A fast hash is enough: the secret is 256 random bits, not a password.
type Key struct {
	// ID tells keys apart, in the settings and in the log.
	ID string `yaml:"id"`
	// SHA256 is the SHA-256 of the secret (the text after the last dot of the key), in hexadecimal.
	SHA256 string `yaml:"sha256"`
	// Tenant is whose data the key opens.
	Tenant string `yaml:"tenant"`
	// Scopes are what the key allows: score, read, write, admin.
	Scopes []string `yaml:"scopes"`
	// NotAfter is when the key ends, in RFC 3339. Zero: never.
	NotAfter time.Time `yaml:"not_after"`
}

// secretBytes is how much randomness a secret holds.
const secretBytes = 32

// NewKey makes a key for an id: the plain key, which is shown once and kept by its user, and the hash for the settings.
func NewKey(id string) (plain, sha256Hex string, err error) {
	if !ValidID(id) {
		return "", "", fmt.Errorf("%q is not a key id: %s", id, idRule)
	}
	var random [secretBytes]byte
	if _, err := rand.Read(random[:]); err != nil {
		return "", "", fmt.Errorf("no randomness for a key: %w", err)
	}
	secret := base64.RawURLEncoding.EncodeToString(random[:])
	sum := sha256.Sum256([]byte(secret))
	return id + "." + secret, hex.EncodeToString(sum[:]), nil
}

const (
	maxID  = 128
	idRule = "it must begin with a letter or digit, and hold up to 128 letters, digits, dots, underscores and hyphens"
)

// ValidID tells whether text may name a key or a tenant: [A-Za-z0-9][A-Za-z0-9._-]{0,127}, as every id of the service.
func ValidID(text string) bool {
	if text == "" || len(text) > maxID {
		return false
	}
	for i := range len(text) {
		c := text[i]
		alphanumeric := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		mark := c == '.' || c == '_' || c == '-'
		if !alphanumeric && (!mark || i == 0) {
			return false
		}
	}
	return true
}

// check answers all that is wrong with the key, at once.
func (k Key) check() (Scope, [sha256.Size]byte, []error) {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if !ValidID(k.ID) {
		fault("id %q: %s", k.ID, idRule)
	}
	if !ValidID(k.Tenant) {
		fault("tenant %q: %s", k.Tenant, idRule)
	}
	var sum [sha256.Size]byte
	raw, err := hex.DecodeString(strings.TrimSpace(k.SHA256))
	if err != nil || len(raw) != sha256.Size {
		// The value is not repeated: whoever put the key itself here must not find it in the log.
		fault("sha256: it must be the SHA-256 of the secret, 64 hexadecimal digits, as `cmi keys new` prints it")
	}
	copy(sum[:], raw)
	var scopes Scope
	for _, name := range k.Scopes {
		scope, err := ParseScope(name)
		if err != nil {
			fault("scopes: %w", err)
		}
		scopes |= scope
	}
	if len(k.Scopes) == 0 {
		fault("scopes: there must be at least one of score, read, write, admin")
	}
	return scopes, sum, faults
}
