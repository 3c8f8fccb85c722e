package settings

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// field is one setting, as the tags of the struct describe it.
type field struct {
	index                            int
	name, env, group, help, fallback string
	enum                             []string
	typ                              reflect.Type
}

// fields answers all settings in their order.
func fields() []field {
	t := reflect.TypeFor[Settings]()
	out := make([]field, t.NumField())
	for i := range out {
		tag := t.Field(i).Tag
		out[i] = field{
			index: i, typ: t.Field(i).Type,
			name: tag.Get("name"), env: tag.Get("env"), group: tag.Get("group"), help: tag.Get("help"), fallback: tag.Get("default"),
		}
		if enum := tag.Get("enum"); enum != "" {
			out[i].enum = strings.Split(enum, ",")
		}
	}
	return out
}

// find answers the setting of a name.
func find(name string) (field, bool) {
	for _, f := range fields() {
		if f.name == name {
			return f, true
		}
	}
	return field{}, false
}

// of answers the field within s.
func (f field) of(s *Settings) reflect.Value { return reflect.ValueOf(s).Elem().Field(f.index) }

// list tells whether the setting takes several texts.
func (f field) list() bool { return f.typ == reflect.TypeFor[[]string]() }

// kind says what the setting takes, for people.
func (f field) kind() string {
	switch {
	case f.typ == reflect.TypeFor[Keys]():
		return "list of keys"
	case f.typ == reflect.TypeFor[time.Duration]():
		return "duration"
	case f.list():
		return "list"
	case f.typ.Kind() == reflect.Bool:
		return "true or false"
	case f.typ.Kind() == reflect.Int:
		return "whole number"
	case f.typ.Kind() == reflect.Float64:
		return "number"
	case len(f.enum) > 0:
		return strings.Join(f.enum, ", ")
	default:
		return "text"
	}
}

// set reads text as a value of the setting. The errors say what is allowed.
func (f field) set(into reflect.Value, text string) error {
	switch {
	case f.typ == reflect.TypeFor[time.Duration]():
		d, err := time.ParseDuration(text)
		if err != nil {
			return fmt.Errorf("%q is not a duration, such as 30s or 5m", text)
		}
		into.SetInt(int64(d))
	case f.typ.Kind() == reflect.Int:
		n, err := strconv.Atoi(text)
		if err != nil {
			return fmt.Errorf("%q is not a whole number", text)
		}
		into.SetInt(int64(n))
	case f.typ.Kind() == reflect.Float64:
		x, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return fmt.Errorf("%q is not a number", text)
		}
		into.SetFloat(x)
	case f.typ.Kind() == reflect.Bool:
		if text != "true" && text != "false" {
			return fmt.Errorf("%q is neither true nor false", text)
		}
		into.SetBool(text == "true")
	default:
		if len(f.enum) > 0 && !slices.Contains(f.enum, text) {
			return fmt.Errorf("%q is not one of %s", text, strings.Join(f.enum, ", "))
		}
		into.SetString(text)
	}
	return nil
}
