package report

import (
	"fmt"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// Enum is an enum of the API.
type Enum interface {
	~int32
	protoreflect.Enum
}

// ParseWord reads the word of an enum's value, as in `online` for CHANNEL_ONLINE.
func ParseWord[E Enum](text string) (E, error) {
	var zero E
	values := zero.Descriptor().Values()
	var words []string
	for i := range values.Len() {
		number := values.Get(i).Number()
		if number == 0 {
			continue
		}
		if word(E(number)) == text {
			return E(number), nil
		}
		words = append(words, word(E(number)))
	}
	return zero, fmt.Errorf("%q is not %s; %s are", text, kindOf(zero.Descriptor()), listed(words))
}

// Word is the word of an enum's value; nothing for the one that says nothing.
func Word[E Enum](e E) string {
	if e == 0 {
		return ""
	}
	return word(e)
}

// word drops from the name of a value what all values begin with.
func word(e protoreflect.Enum) string {
	values := e.Descriptor().Values()
	value := values.ByNumber(e.Number())
	if value == nil { // of a service that is newer
		return fmt.Sprint(e.Number())
	}
	prefix := string(value.Name())
	for i := range values.Len() {
		for !strings.HasPrefix(string(values.Get(i).Name()), prefix) {
			prefix = prefix[:strings.LastIndex(strings.TrimSuffix(prefix, "_"), "_")+1]
		}
	}
	return strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(string(value.Name()), prefix), "_", "-"))
}

// kindOf names an enum, with its article.
func kindOf(d protoreflect.EnumDescriptor) string {
	switch name := strings.ToLower(string(d.Name())); name {
	case "drivermethod":
		return "a method"
	case "outcomekind":
		return "a kind of outcome"
	case "audience":
		return "an audience"
	default:
		return "a " + name
	}
}

// listed joins words: a, b and c.
func listed(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}
