package settings

import (
	"errors"
	"fmt"
	"time"

	"github.com/alecthomas/kong"
	"github.com/goccy/go-yaml/ast"

	"github.com/customer-momentum/cmi/server/access"
)

// Keys are the API keys. They stand in the settings file alone: a command line is seen by everyone on the machine.
type Keys []access.Key

// Decode takes the keys that the file gave, and nothing that a command line could.
func (k *Keys) Decode(ctx *kong.DecodeContext) error {
	keys, ok := ctx.Scan.Pop().Value.(Keys)
	if !ok {
		return errors.New("keys stand in the settings file only; `cmi keys new` makes an entry")
	}
	*k = keys
	return nil
}

// keys reads the list of keys. What is in them is checked by package access, all at once, when the settings are validated.
func (r *reader) keys(value ast.Node) {
	sequence, ok := value.(*ast.SequenceNode)
	if !ok {
		r.fault(value, "keys", "it takes a list of keys, each with id, sha256, tenant and scopes")
		return
	}
	keys := make(Keys, 0, len(sequence.Values))
	for i, one := range sequence.Values {
		where := fmt.Sprintf("keys[%d]", i)
		mapping, ok := one.(ast.MapNode)
		if !ok {
			r.fault(one, where, "a key has id, sha256, tenant and scopes")
			continue
		}
		var key access.Key
		for entries := mapping.MapRange(); entries.Next(); {
			r.keyField(&key, where, entries.Key(), entries.Value())
		}
		keys = append(keys, key)
	}
	r.values["keys"] = keys
}

// keyField reads one field of a key. Values are never repeated in faults: this is where somebody may put a secret.
func (r *reader) keyField(key *access.Key, where string, name, value ast.Node) {
	field, _ := scalar(name)
	where += "." + field
	if field == "scopes" {
		r.scopes(key, where, value)
		return
	}
	text, ok := scalar(value)
	if !ok {
		r.fault(value, where, "it takes one value")
		return
	}
	switch field {
	case "id":
		key.ID = text
	case "sha256":
		key.SHA256 = text
	case "tenant":
		key.Tenant = text
	case "not_after":
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			r.fault(value, where, "it takes a time such as 2027-12-31T23:59:59Z")
		}
		key.NotAfter = at
	default:
		r.fault(name, where, "a key has id, sha256, tenant, scopes and not_after, and nothing else")
	}
}

func (r *reader) scopes(key *access.Key, where string, value ast.Node) {
	sequence, ok := value.(*ast.SequenceNode)
	if !ok {
		r.fault(value, where, "it takes a list, such as [score, read]")
		return
	}
	for _, one := range sequence.Values {
		scope, ok := scalar(one)
		if !ok {
			r.fault(one, where, "it takes a list of score, read, write, admin")
			continue
		}
		key.Scopes = append(key.Scopes, scope)
	}
}
