package access_test

import (
	"strings"
	"testing"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/access"
	"github.com/customer-momentum/cmi/server/fault"
)

func TestAuthenticate(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	plain, sum := newKey(t, "loader.eu")
	expired, expiredSum := newKey(t, "old")
	ring, err := access.NewKeyring([]access.Key{
		{ID: "loader.eu", SHA256: sum, Tenant: "acme", Scopes: []string{"score", "read"}, NotAfter: now.Add(time.Hour)},
		{ID: "old", SHA256: expiredSum, Tenant: "acme", Scopes: []string{"admin"}, NotAfter: now.Add(-time.Second)},
		{ID: "zero", SHA256: strings.Repeat("0", 64), Tenant: "acme", Scopes: []string{"admin"}},
	}, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	want := access.Caller{Tenant: "acme", KeyID: "loader.eu", Scopes: access.Score | access.Read}
	for _, header := range []string{"Bearer " + plain, "bearer " + plain, "BEARER  " + plain} {
		if got, err := ring.Authenticate(header); err != nil || got != want {
			t.Errorf("%q: %v, %v", header, got, err)
		}
	}
	if got, err := ring.AuthenticateKey(plain); err != nil || got != want {
		t.Errorf("bare key: %v, %v", got, err)
	}
	if _, err := ring.Authenticate(""); fault.ReasonOf(err) != cmiv1.ErrorReason_KEY_MISSING {
		t.Errorf("no header: %v", err)
	}
	if _, err := ring.AuthenticateKey(""); fault.ReasonOf(err) != cmiv1.ErrorReason_KEY_MISSING {
		t.Errorf("no key: %v", err)
	}
	var said string
	for _, header := range []string{
		plain, "Basic " + plain, "Bearer", "Bearer x", "Bearer .", "Bearer loader.eu.", "Bearer loader.eu.x", "Bearer nobody.x",
		"Bearer " + plain + "x", "Bearer " + expired, "Bearer zero.", "Bearer " + strings.Repeat("x", 10_000) + ".y",
	} {
		_, err := ring.Authenticate(header)
		if fault.ReasonOf(err) != cmiv1.ErrorReason_KEY_INVALID {
			t.Errorf("%.40q: %v", header, err)
			continue
		}
		if said == "" {
			said = err.Error()
		}
		if err.Error() != said {
			t.Errorf("%.40q is refused with other words: %v", header, err)
		}
	}
}

func TestOpen(t *testing.T) {
	t.Parallel()
	ring := access.Open("default")
	if !ring.IsOpen() {
		t.Error("an open keyring says it is not")
	}
	for _, header := range []string{"", "Bearer x.y", "garbage"} {
		got, err := ring.Authenticate(header)
		if err != nil || got.Tenant != "default" || !got.Scopes.Has(access.Admin) || got.KeyID != "" {
			t.Errorf("%q: %v, %v", header, got, err)
		}
	}
	if got, err := ring.AuthenticateKey(""); err != nil || got.Tenant != "default" {
		t.Errorf("%v, %v", got, err)
	}
}

func TestNewKeyringNamesEveryProblemAtOnce(t *testing.T) {
	t.Parallel()
	_, sum := newKey(t, "a")
	_, err := access.NewKeyring([]access.Key{
		{ID: "a", SHA256: sum, Tenant: "acme", Scopes: []string{"read"}},
		{ID: "a", SHA256: "hunter2", Tenant: "ac me", Scopes: []string{"reed", "write"}},
		{ID: "-", SHA256: sum[:60], Tenant: "", Scopes: nil},
	}, time.Now)
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{
		`keys[1]: id "a": another key has it`, `keys[1]: tenant "ac me"`, "keys[1]: sha256", `keys[1]: scopes: "reed" is not a scope`,
		`keys[2]: id "-"`, "keys[2]: tenant", "keys[2]: sha256", "keys[2]: scopes: there must be",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not among\n%v", want, err)
		}
	}
	if strings.Contains(err.Error(), "hunter2") {
		t.Errorf("the error repeats what may be a secret:\n%v", err)
	}
	if _, err := access.NewKeyring(nil, time.Now); err == nil {
		t.Error("a keyring without keys must be asked for with Open")
	}
}

func TestNewKey(t *testing.T) {
	t.Parallel()
	plain, sum := newKey(t, "a.b")
	again, _ := newKey(t, "a.b")
	if plain == again {
		t.Error("two keys are the same")
	}
	if secret, ok := strings.CutPrefix(plain, "a.b."); !ok || len(secret) != 43 || strings.Contains(secret, ".") {
		t.Errorf("%q is not ID.SECRET", plain)
	}
	if len(sum) != 64 {
		t.Errorf("%q is not a SHA-256", sum)
	}
	for _, id := range []string{"", ".a", "a b", strings.Repeat("a", 129), "é", "a\n"} {
		if _, _, err := access.NewKey(id); err == nil {
			t.Errorf("the id %q was accepted", id)
		}
	}
}

func newKey(t *testing.T, id string) (plain, sum string) {
	t.Helper()
	plain, sum, err := access.NewKey(id)
	if err != nil {
		t.Fatal(err)
	}
	return plain, sum
}

func BenchmarkAuthenticate(b *testing.B) {
	plain, sum, err := access.NewKey("k")
	if err != nil {
		b.Fatal(err)
	}
	ring, err := access.NewKeyring([]access.Key{{ID: "k", SHA256: sum, Tenant: "t", Scopes: []string{"score"}}}, time.Now)
	if err != nil {
		b.Fatal(err)
	}
	header := "Bearer " + plain
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ring.Authenticate(header); err != nil {
			b.Fatal(err)
		}
	}
}
