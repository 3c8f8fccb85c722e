package gateway

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
)

// query knows the parameters of one route. The library ignores parameters that it does not know, so that ?asof= would mean
// today, and takes values loosely; so everything is checked here first, and what the library then fills into the request is
// only what passed, under the names of the contract.
type query struct {
	params map[string]parameter
	names  []string
}

// parameter is one field that the query can fill.
type parameter struct {
	name  string // as JSON spells it
	path  string // as the contract spells it
	field protoreflect.FieldDescriptor
}

// newQuery lists the fields of the request that the path leaves over; none where there is a body, which is the whole request.
func newQuery(input protoreflect.MessageDescriptor, r *route) *query {
	q := &query{params: make(map[string]parameter)}
	if !r.body {
		bound := make(map[string]bool)
		for _, v := range r.variables {
			bound[v.path] = true
		}
		q.add(input, "", "", bound, nil)
	}
	slices.Sort(q.names)
	return q
}

func (q *query) add(m protoreflect.MessageDescriptor, names, paths string, bound map[string]bool, within []protoreflect.FullName) {
	if slices.Contains(within, m.FullName()) {
		return
	}
	within = append(within, m.FullName())
	for i := range m.Fields().Len() {
		field := m.Fields().Get(i)
		p := parameter{name: names + field.JSONName(), path: paths + string(field.Name()), field: field}
		switch {
		case bound[p.path] || field.IsMap():
		case field.Message() == nil || isTimestamp(field) || isMask(field):
			q.params[p.name] = p
			q.params[p.path] = p
			q.names = append(q.names, p.name)
		case !field.IsList() && field.Message().FullName().Parent() != "google.protobuf":
			q.add(field.Message(), p.name+".", p.path+".", bound, within)
		}
	}
}

// apply checks the query of r and leaves it where the generated code looks for it.
func (q *query) apply(r *http.Request) error {
	form, err := q.parse(r.URL.RawQuery)
	if err != nil {
		return err
	}
	r.Form = form
	return nil
}

// parse answers the parameters by the names of the contract.
func (q *query) parse(raw string) (url.Values, error) {
	form := make(url.Values)
	for raw != "" {
		var pair string
		pair, raw, _ = strings.Cut(raw, "&")
		if pair == "" {
			continue
		}
		key, value, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(key)
		if err != nil {
			return nil, queryFault("", "%.60q is not well escaped", key)
		}
		p, known := q.params[name]
		if !known {
			return nil, q.unknown(name)
		}
		text, err := url.QueryUnescape(value)
		if err != nil {
			return nil, queryFault(p.name, "%.60q is not well escaped", value)
		}
		if form.Has(p.path) && !p.field.IsList() {
			return nil, queryFault(p.name, "is given twice, and takes one value")
		}
		if complaint := p.complain(text); complaint != "" {
			return nil, queryFault(p.name, "%s", complaint)
		}
		if isMask(p.field) {
			text = contractMask(text)
		}
		form.Add(p.path, text)
	}
	return form, nil
}

func (q *query) unknown(name string) error {
	if len(q.names) == 0 {
		return queryFault(name, "there is no such query parameter; this method takes none")
	}
	return queryFault(name, "there is no such query parameter; this method takes %s", strings.Join(q.names, ", "))
}

func queryFault(name, format string, args ...any) error {
	if name == "" {
		return fault.New(cmiv1.ErrorReason_INVALID_QUERY_PARAMETER, "The query: "+format+".", args...)
	}
	if len(name) > 60 || !utf8.ValidString(name) {
		name = strconv.Quote(name[:min(len(name), 60)])
	}
	return fault.Field(cmiv1.ErrorReason_INVALID_QUERY_PARAMETER, name, format, args...)
}

// complain says what is wrong with a value; nothing when it is fine.
func (p parameter) complain(text string) string {
	must := func(what string) string {
		return "must be " + what + ", not " + strconv.Quote(text[:min(len(text), 60)])
	}
	switch p.field.Kind() {
	case protoreflect.StringKind:
		if !utf8.ValidString(text) {
			return must("valid UTF-8")
		}
	case protoreflect.BoolKind:
		if text != "true" && text != "false" {
			return must("true or false")
		}
	case protoreflect.EnumKind:
		if p.field.Enum().Values().ByName(protoreflect.Name(text)) == nil {
			return must("one of " + strings.Join(valueNames(p.field.Enum()), ", "))
		}
	case protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Sfixed32Kind:
		if _, err := strconv.ParseInt(text, 10, 32); err != nil {
			return must("a whole number of 32 bits")
		}
	case protoreflect.FloatKind, protoreflect.DoubleKind:
		if _, err := strconv.ParseFloat(text, 64); err != nil {
			return must("a number")
		}
	case protoreflect.MessageKind:
		if isMask(p.field) {
			if !utf8.ValidString(text) {
				return must("valid UTF-8")
			}
			return ""
		}
		at, err := time.Parse(time.RFC3339Nano, text)
		if err != nil || !timestamppb.New(at).IsValid() {
			return must("a time such as 2026-01-31T09:30:00Z (RFC 3339; a + in a query is written %2B)")
		}
	default:
		return "is of a kind that a query cannot carry"
	}
	return ""
}

func isTimestamp(field protoreflect.FieldDescriptor) bool {
	return field.Message() != nil && field.Message().FullName() == "google.protobuf.Timestamp"
}

func isMask(field protoreflect.FieldDescriptor) bool {
	return field.Message() != nil && field.Message().FullName() == "google.protobuf.FieldMask"
}

// contractMask spells the paths of a mask as the contract does, whether they come so or as JSON spells them.
func contractMask(text string) string {
	var b strings.Builder
	for i := range len(text) {
		c := text[i]
		if c >= 'A' && c <= 'Z' {
			b.WriteByte('_')
			c += 'a' - 'A'
		}
		b.WriteByte(c)
	}
	return b.String()
}

func valueNames(e protoreflect.EnumDescriptor) []string {
	names := make([]string, 0, e.Values().Len())
	for i := range e.Values().Len() {
		names = append(names, string(e.Values().Get(i).Name()))
	}
	return names
}
