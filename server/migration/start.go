package migration

import (
	"fmt"
	"net/url"
	"strings"
)

// Start says why a program may not use a store at its start, or nil: then what is missing may be applied. settled tells
// that the store was set up once, and holds data. Such a one is brought forward only when that was asked for, since it may take
// long, and older programs cannot use it any more.
func (s Status) Start(name, command string, settled, migrate bool) error {
	switch {
	case s.Have > s.Want:
		return fmt.Errorf("%s has schema %d, this program knows schema %d: run the newer version that wrote it", name, s.Have, s.Want)
	case s.Have < s.Want && settled && !migrate:
		return fmt.Errorf("%s has schema %d, this program needs schema %d: back it up, then run %s", name, s.Have, s.Want, command)
	}
	return nil
}

// UpCommand is the command that brings a store forward, as a shell takes it. A URL with a password is not shown.
func UpCommand(store string) string {
	const command = "cmi migrate up"
	if secret(store) {
		return command + " with the same --store, CMI_STORE or settings file"
	}
	return command + " --store " + quote(store)
}

// secret tells whether a URL may hold a password. It would rather be wrong than show one.
func secret(store string) bool {
	if strings.HasPrefix(store, "sqlite:") {
		return false
	}
	u, err := url.Parse(store)
	if err != nil || strings.Contains(strings.ToLower(store), "password") {
		return true
	}
	_, has := u.User.Password()
	return has
}

// quote protects from the shell what it would take for its own.
func quote(text string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./:@%+=,", r)
	}
	if strings.IndexFunc(text, func(r rune) bool { return !plain(r) }) < 0 {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
