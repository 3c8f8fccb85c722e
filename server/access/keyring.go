package access

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"strings"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
)

// Keyring knows the keys of a service. It does not change once made, so calls share it without locks.
type Keyring struct {
	keys map[string]held
	now  func() time.Time
	// open, where set, is the caller of every call: the service asks for no keys.
	open *Caller
}

type held struct {
	caller   Caller
	sum      [sha256.Size]byte
	notAfter time.Time
}

// NewKeyring takes the keys of the settings, and answers all that is wrong with any of them at once. now tells when keys
// end.
func NewKeyring(keys []Key, now func() time.Time) (*Keyring, error) {
	ring := &Keyring{keys: make(map[string]held, len(keys)), now: now}
	var faults []error
	for i, k := range keys {
		scopes, sum, wrong := k.check()
		for _, err := range wrong {
			faults = append(faults, fmt.Errorf("keys[%d]: %w", i, err))
		}
		if _, twice := ring.keys[k.ID]; twice {
			faults = append(faults, fmt.Errorf("keys[%d]: id %q: another key has it", i, k.ID))
		}
		ring.keys[k.ID] = held{Caller{Tenant: k.Tenant, KeyID: k.ID, Scopes: scopes}, sum, k.NotAfter}
	}
	if len(keys) == 0 {
		faults = append(faults, errors.New("keys: there is none"))
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	return ring, nil
}

// Open makes the keyring of a service without keys: everyone may do everything, in one tenant. RequireLoopback keeps such a
// service off the network.
func Open(tenant string) *Keyring {
	return &Keyring{open: &Caller{Tenant: tenant, Scopes: Admin}}
}

// IsOpen tells whether the service asks for no keys.
func (r *Keyring) IsOpen() bool { return r.open != nil }

// maxKey bounds what is hashed for a caller that is not known yet.
const maxKey = 512

// Authenticate answers who shows an authorization header: `Bearer ID.SECRET`. The errors are KEY_MISSING and KEY_INVALID;
// the latter does not say which part was wrong.
func (r *Keyring) Authenticate(authorization string) (Caller, error) {
	if r.open != nil {
		return *r.open, nil
	}
	if authorization == "" {
		return Caller{}, missing()
	}
	scheme, key, ok := strings.Cut(authorization, " ")
	if !ok || !strings.EqualFold(scheme, "bearer") {
		return Caller{}, invalid()
	}
	return r.AuthenticateKey(strings.TrimSpace(key))
}

// AuthenticateKey answers who shows a bare key, `ID.SECRET`, as x-api-key carries it. A wrong secret and an unknown id take
// the same steps, so that the time taken does not tell which ids there are.
func (r *Keyring) AuthenticateKey(key string) (Caller, error) {
	if r.open != nil {
		return *r.open, nil
	}
	if key == "" {
		return Caller{}, missing()
	}
	dot := strings.LastIndexByte(key, '.')
	if dot < 0 || len(key) > maxKey {
		return Caller{}, invalid()
	}
	// An unknown id is compared with a sum of zeros, which no secret is known to have, and refused whatever comes out.
	h, known := r.keys[key[:dot]]
	sum := sha256.Sum256([]byte(key[dot+1:]))
	same := subtle.ConstantTimeCompare(sum[:], h.sum[:]) == 1
	if !same || !known {
		return Caller{}, invalid()
	}
	if !h.notAfter.IsZero() && r.now().After(h.notAfter) {
		return Caller{}, invalid()
	}
	return h.caller, nil
}

func missing() error {
	return fault.New(cmiv1.ErrorReason_KEY_MISSING, "The call carries no API key: send `authorization: Bearer ID.SECRET`.")
}

func invalid() error {
	return fault.New(cmiv1.ErrorReason_KEY_INVALID, "The API key is not one that the service knows.")
}
