package scoring

import (
	"strconv"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// options are the values of a choice, in their order.
type options struct {
	values []string
	index  map[string]int // nil when they are so few that looking through them is faster
}

// fewOptions is up to how many options are looked through one by one.
const fewOptions = 12

// find answers the position of a value.
func (o *options) find(value string) (int, bool) {
	if o.index != nil {
		k, ok := o.index[value]
		return k, ok
	}
	for k, v := range o.values {
		if v == value {
			return k, true
		}
	}
	return 0, false
}

// compileOptions checks the options of a choice that needs at least least of them.
func compileOptions(list []*cmiv1.Option, least int, at string, f *faults) options {
	switch n := len(list); {
	case n < least:
		f.add(at, ".options", "a list of %d is too short; at least %d must be given", n, least)
	case n > maxOptions:
		f.add(at, ".options", "a list of %d is too long; at most %d options are allowed", n, maxOptions)
		list = list[:maxOptions]
	}
	o := options{values: make([]string, len(list))}
	first := make(map[string]int, len(list))
	for k, m := range list {
		compileOption(m, first, k, at, f)
		o.values[k] = m.GetValue()
	}
	if len(list) > fewOptions {
		o.index = first
	}
	return o
}

// compileOption checks one option; first knows where each value was given first.
func compileOption(m *cmiv1.Option, first map[string]int, k int, at string, f *faults) {
	if m == nil {
		f.add(at, index(".options", k), "an empty option is not allowed; one with a value is")
		return
	}
	if m.Value == "" {
		f.add(at, index(".options", k)+".value", "an empty value is not allowed; a text that answers name is")
	} else if before, twice := first[m.Value]; twice {
		f.add(at, index(".options", k)+".value", "%s is options[%d] already; each value may be given once", quoted(m.Value), before)
	} else {
		first[m.Value] = k
		f.text(at, index(".options", k)+".value", m.Value, maxOptionValue)
	}
	f.text(at, index(".options", k)+".label", m.Label, maxLabel)
	f.translations(at, index(".options", k)+".translations", m.Translations, maxLabel)
}

// index writes field[k].
func index(field string, k int) string { return field + "[" + strconv.Itoa(k) + "]" }
