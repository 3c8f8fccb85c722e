// Package access says who calls, and what they may. API keys name a tenant and scopes; one table gives every method the
// scope it asks for. A method without a row is refused, so that a new one is closed until somebody opened it on purpose.
package access

import (
	"fmt"
	"strings"
)

// Scope is a set of things that a key may do. Scopes do not imply one another, except that Admin is all of them: a key
// that loads responses in bulk need not be able to read any.
type Scope uint8

// The scopes.
const (
	// Score is scoring and recording responses, interactions, outcomes and invitations.
	Score Scope = 1 << iota
	// Read is reading questionnaires, scores, responses and customers, and asking which methods there are.
	Read
	// Write is changing questionnaires and customers, calibrating, voiding responses and erasing customers.
	Write
	// admin is what Admin has beyond the other scopes.
	admin

	// Admin is everything.
	Admin = Score | Read | Write | admin
	// Public is no scope at all: anyone may call, without a key. Only in rules.
	Public Scope = 1 << 7
)

// names gives each scope the name that settings use.
func names() []struct {
	name  string
	scope Scope
} {
	return []struct {
		name  string
		scope Scope
	}{{"score", Score}, {"read", Read}, {"write", Write}, {"admin", Admin}}
}

// ParseScope reads the name of a scope.
func ParseScope(name string) (Scope, error) {
	all := make([]string, 0, len(names()))
	for _, n := range names() {
		if n.name == name {
			return n.scope, nil
		}
		all = append(all, n.name)
	}
	return 0, fmt.Errorf("%q is not a scope; there are %s", name, strings.Join(all, ", "))
}

// Has tells whether s includes all of want.
func (s Scope) Has(want Scope) bool { return s&want == want }

// String answers the names in s, such as score,read.
func (s Scope) String() string {
	switch {
	case s == Public:
		return "public"
	case s == 0:
		return "none"
	case s.Has(Admin):
		return "admin"
	}
	var out []string
	for _, n := range names() {
		if s.Has(n.scope) {
			out = append(out, n.name)
		}
	}
	return strings.Join(out, ",")
}
