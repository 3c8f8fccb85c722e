package main

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/customer-momentum/cmi/server/access"
)

type keysCommands struct {
	New newKeyCommand `cmd:"" help:"Make an API key and its entry in the settings file."`
}

type newKeyCommand struct {
	ID       string    `name:"id" placeholder:"ID" help:"Name the key; the log does so too. Default: a random name."`
	Tenant   string    `default:"default" placeholder:"NAME" help:"Open this tenant's data."`
	Scopes   []string  `default:"score,read" placeholder:"SCOPE" help:"Allow these: score, read, write, admin (all of them)."`
	NotAfter time.Time `placeholder:"TIME" help:"End the key at this time, such as 2027-12-31T23:59:59Z. Default: never."`
}

func (newKeyCommand) Help() string {
	return `Prints a new key, this once, and the entry for the settings file, which holds only a hash of it. Nothing is kept and no
service is asked: the key works once the entry stands under "keys" in the service's settings file and the service was
started again.

  cmi keys new --id nightly-batch --scopes score
  cmi keys new --id analysts --tenant acme --scopes read --not-after 2027-12-31T23:59:59Z`
}

func (k *newKeyCommand) Run(s streams) error {
	if k.ID == "" {
		var random [4]byte
		if _, err := rand.Read(random[:]); err != nil {
			return fmt.Errorf("no randomness for a name: %w", err)
		}
		k.ID = "key-" + hex.EncodeToString(random[:])
	}
	if err := k.check(); err != nil {
		return err
	}
	plain, sum, err := access.NewKey(k.ID)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, `The key, shown this once and kept nowhere. Clients send it as "authorization: Bearer KEY":

  %s

Its entry in the settings file, which holds only a hash:

%s`, plain, k.entry(sum))
	return err
}

func (k *newKeyCommand) check() error {
	if !access.ValidID(k.Tenant) {
		return fmt.Errorf("%q is not a tenant: a letter or digit, then up to 127 letters, digits, dots, underscores or hyphens", k.Tenant)
	}
	if len(k.Scopes) == 0 {
		return errors.New("a key without scopes opens nothing; name some of score, read, write, admin with --scopes")
	}
	for _, name := range k.Scopes {
		if _, err := access.ParseScope(name); err != nil {
			return err
		}
	}
	return nil
}

// entry is the key in the settings file. Texts are quoted, so that YAML takes none of them for a number.
func (k *newKeyCommand) entry(sum string) string {
	text := fmt.Sprintf("keys:\n  - id: %q\n    sha256: %q\n    tenant: %q\n    scopes: [%s]\n",
		k.ID, sum, k.Tenant, strings.Join(k.Scopes, ", "))
	if !k.NotAfter.IsZero() {
		text += fmt.Sprintf("    not_after: %q\n", k.NotAfter.UTC().Format(time.RFC3339))
	}
	return text
}
