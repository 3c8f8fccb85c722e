package gateway

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
)

// route is one method and path, as the contract binds it to an RPC.
type route struct {
	method   string
	template string
	// rpc is the full name of the method, such as /cmi.v1.ScoringService/GetScore.
	rpc string
	// segments are the parts of the path between slashes; an empty one is a variable.
	segments []string
	verb     string
	// variables are the fields that the variables of the path fill, in order.
	variables []variable
	body      bool
	streaming bool
	query     *query
	mux       http.Handler
	// name is what the span is called; attributes are what it says from the start.
	name       string
	attributes trace.SpanStartEventOption
}

// variable is a field, perhaps inside another one, that the path carries: in the segments from one to another.
type variable struct {
	path     string
	fields   []protoreflect.FieldDescriptor
	from, to int
}

// routes are all routes, read from the descriptors. The gateway library routes by itself too; this table is what the checks
// in front of it go by, and it is stricter: an id never contains a colon, so a verb that does not exist is an unknown path
// and not an odd id.
type routes struct{ all []*route }

func newRoutes(refusals refusals, conn grpc.ClientConnInterface) (*routes, error) {
	table := &routes{}
	for _, s := range services() {
		mux := newMux(refusals)
		if err := s.register(context.Background(), mux, conn); err != nil {
			return nil, fmt.Errorf("gateway: %s: %w", s.descriptor.FullName(), err)
		}
		for i := range s.descriptor.Methods().Len() {
			added, err := routesOf(s, s.descriptor.Methods().Get(i), mux)
			if err != nil {
				return nil, err
			}
			table.all = append(table.all, added...)
		}
	}
	return table, nil
}

// routesOf reads the HTTP bindings of a method; there may be none.
func routesOf(s service, m protoreflect.MethodDescriptor, mux http.Handler) ([]*route, error) {
	rule, _ := proto.GetExtension(m.Options(), annotations.E_Http).(*annotations.HttpRule)
	if rule == nil {
		rule = s.bindings[m.Name()]
	}
	if rule == nil {
		return nil, nil
	}
	var all []*route
	for _, binding := range append([]*annotations.HttpRule{rule}, rule.GetAdditionalBindings()...) {
		r, err := newRoute(m, binding)
		if err != nil {
			return nil, fmt.Errorf("gateway: %s: %w", m.FullName(), err)
		}
		r.mux = mux
		all = append(all, r)
	}
	return all, nil
}

func newRoute(m protoreflect.MethodDescriptor, rule *annotations.HttpRule) (*route, error) {
	r := &route{
		rpc:       fmt.Sprintf("/%s/%s", m.Parent().FullName(), m.Name()),
		body:      rule.GetBody() != "",
		streaming: m.IsStreamingClient() || m.IsStreamingServer(),
	}
	switch pattern := rule.GetPattern().(type) {
	case *annotations.HttpRule_Get:
		r.method, r.template = http.MethodGet, pattern.Get
	case *annotations.HttpRule_Put:
		r.method, r.template = http.MethodPut, pattern.Put
	case *annotations.HttpRule_Post:
		r.method, r.template = http.MethodPost, pattern.Post
	case *annotations.HttpRule_Delete:
		r.method, r.template = http.MethodDelete, pattern.Delete
	case *annotations.HttpRule_Patch:
		r.method, r.template = http.MethodPatch, pattern.Patch
	default:
		return nil, fmt.Errorf("the binding has no path")
	}
	if rule.GetBody() != "" && rule.GetBody() != "*" {
		return nil, fmt.Errorf("the body is a part of the request, which is not supported: bind all of it")
	}
	path := r.template
	if colon := strings.LastIndexByte(path, ':'); colon > strings.LastIndexByte(path, '}') && colon > strings.LastIndexByte(path, '/') {
		path, r.verb = path[:colon], path[colon+1:]
	}
	if err := r.addPath(m.Input(), path); err != nil {
		return nil, err
	}
	r.query = newQuery(m.Input(), r)
	r.name = r.method + " " + r.template
	r.attributes = trace.WithAttributes(
		attribute.String("http.request.method", r.method),
		attribute.String("http.route", r.template),
		attribute.String("rpc.method", strings.TrimPrefix(r.rpc, "/")),
	)
	return r, nil
}

// addPath takes a template apart: segments between slashes, and variables that stand for one of them ({response_id}) or have
// a pattern ({name=operations/*}). Ids have no slash, so ** is one segment too.
func (r *route) addPath(input protoreflect.MessageDescriptor, path string) error {
	for rest := strings.TrimPrefix(path, "/"); rest != ""; rest = strings.TrimPrefix(rest, "/") {
		var segment string
		if !strings.HasPrefix(rest, "{") {
			segment, rest, _ = strings.Cut(rest, "/")
			r.segments = append(r.segments, segment)
			continue
		}
		segment, rest, _ = strings.Cut(rest[1:], "}")
		name, pattern, hasPattern := strings.Cut(segment, "=")
		if !hasPattern {
			pattern = "*"
		}
		v, err := newVariable(input, name)
		if err != nil {
			return err
		}
		v.from = len(r.segments)
		for part := range strings.SplitSeq(pattern, "/") {
			r.segments = append(r.segments, strings.Trim(part, "*"))
		}
		v.to = len(r.segments)
		r.variables = append(r.variables, v)
	}
	return nil
}

func newVariable(input protoreflect.MessageDescriptor, path string) (variable, error) {
	v := variable{path: path}
	for _, name := range strings.Split(path, ".") {
		if input == nil {
			return v, fmt.Errorf("%s in the path is not a field", path)
		}
		field := input.Fields().ByName(protoreflect.Name(name))
		if field == nil {
			return v, fmt.Errorf("%s in the path is not a field", path)
		}
		v.fields = append(v.fields, field)
		input = field.Message()
	}
	if last := v.fields[len(v.fields)-1]; last.Kind() != protoreflect.StringKind || last.IsList() {
		return v, fmt.Errorf("%s in the path is not a string", path)
	}
	return v, nil
}

// find answers the route of a request and the values of its variables.
func (t *routes) find(w http.ResponseWriter, r *http.Request) (*route, []string, error) {
	segments, verb, ok := split(r.URL.Path)
	if ok {
		for _, candidate := range t.all {
			if candidate.method == r.Method && candidate.matches(segments, verb) {
				return candidate, candidate.values(segments), nil
			}
		}
	}
	if allowed := t.methods(r.URL.Path); len(allowed) > 0 {
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		return nil, nil, fault.New(cmiv1.ErrorReason_UNKNOWN_METHOD, "%.60s takes %s here, not %.20s.",
			r.URL.Path, strings.Join(allowed, " or "), r.Method)
	}
	return nil, nil, fault.New(cmiv1.ErrorReason_UNKNOWN_METHOD, "There is nothing at %.200s; /openapi.json lists what there is.", r.URL.Path)
}

// methods lists the methods that a path takes.
func (t *routes) methods(path string) []string {
	segments, verb, ok := split(path)
	if !ok {
		return nil
	}
	var allowed []string
	for _, candidate := range t.all {
		if candidate.matches(segments, verb) {
			allowed = append(allowed, candidate.method)
		}
	}
	slices.Sort(allowed)
	return slices.Compact(allowed)
}

// split takes a path apart: what stands between slashes, and what follows the last colon of the last part.
func split(path string) (segments []string, verb string, ok bool) {
	rest, ok := strings.CutPrefix(path, "/")
	if !ok {
		return nil, "", false
	}
	segments = strings.Split(rest, "/")
	last := &segments[len(segments)-1]
	if colon := strings.LastIndexByte(*last, ':'); colon >= 0 {
		verb = (*last)[colon+1:]
		*last = (*last)[:colon]
		if verb == "" {
			return nil, "", false
		}
	}
	return segments, verb, true
}

func (r *route) matches(segments []string, verb string) bool {
	if len(segments) != len(r.segments) || verb != r.verb {
		return false
	}
	for i, want := range r.segments {
		if want != "" && segments[i] != want {
			return false
		}
		if want == "" && (segments[i] == "" || strings.IndexByte(segments[i], ':') >= 0) {
			return false
		}
	}
	return true
}

// values answers what stands in the place of the variables.
func (r *route) values(segments []string) []string {
	if len(r.variables) == 0 {
		return nil
	}
	values := make([]string, len(r.variables))
	for i, v := range r.variables {
		values[i] = strings.Join(segments[v.from:v.to], "/")
	}
	return values
}
