package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"

	"github.com/customer-momentum/cmi/server/store"
)

// The small world in which stores are compared. Every tenant uses the same ids, and responses and interactions use the
// same ones as well.
func worldTenants() []string        { return []string{"acme", "globex"} }
func worldCustomers() []string      { return []string{"ann", "bob", "cem"} }
func worldIDs() []string            { return []string{"x1", "x2", "x3", "x4", "x5", "x6"} }
func worldQuestionnaires() []string { return []string{"first", "second"} }
func worldKinds() []string          { return []string{"buy", "call", "visit"} }
func worldAccounts() []string       { return []string{"", "home", "work"} }
func worldSegments() []store.Segment {
	return []store.Segment{{Key: "country", Value: "ch"}, {Key: "country", Value: "de"}, {Key: "plan", Value: "gold"}}
}

// readout is all that one tenant's reading methods answer, in words, so that two stores compare.
type readout struct {
	lines []line
	// revisions are those of the customers who are known; they compare only with those of the same store.
	revisions map[string]int64
}

// line is one answer.
type line struct{ asked, answered string }

// reader asks a store.
type reader struct {
	ctx    context.Context // a reader lives for one call
	s      store.Store
	tenant string
	random *rand.Rand
	out    readout
}

// read asks a store for all that a tenant has. seed picks what is asked beside what is always asked.
func read(ctx context.Context, s store.Store, tenant string, seed uint64) readout {
	r := &reader{ctx: ctx, s: s, tenant: tenant, random: rand.New(rand.NewPCG(seed, 7)), out: readout{revisions: map[string]int64{}}}
	r.responses()
	r.interactions()
	r.outcomes()
	r.invitations()
	r.profiles()
	r.operations()
	r.slices()
	r.histories()
	r.facts()
	r.doings()
	r.pending()
	r.customers()
	r.means()
	r.calibrations()
	r.questionnaires()
	return r.out
}

// say notes an answer, or the error in its place.
func (r *reader) say(err error, answered, asked string, args ...any) {
	if err != nil {
		answered = inWords(err)
	}
	r.out.lines = append(r.out.lines, line{fmt.Sprintf("of %q: %s", r.tenant, fmt.Sprintf(asked, args...)), answered})
}

func inWords(err error) string {
	if errors.Is(err, store.ErrNotFound) {
		return "not found"
	}
	return "error: " + err.Error()
}

// text is a message in words, to the last bit of its floats.
func text(m proto.Message) string {
	if !m.ProtoReflect().IsValid() {
		return "nil"
	}
	return "{" + prototext.MarshalOptions{}.Format(m) + "}"
}

func number(x *float64) string {
	if x == nil {
		return "none"
	}
	return fmt.Sprint(*x)
}

// differs answers the first difference of two readouts, or "".
func (got readout) differs(want readout) string {
	for i := range min(len(got.lines), len(want.lines)) {
		g, w := got.lines[i], want.lines[i]
		if g != w {
			return fmt.Sprintf("%s\n  got  %s\n  want %s", g.asked, g.answered, w.answered)
		}
	}
	if len(got.lines) != len(want.lines) {
		return "the stores were asked different things"
	}
	return ""
}

// some picks one.
func some[T any](random *rand.Rand, from []T) T { return from[random.IntN(len(from))] }

// inWordsByPlace says a list in its order; places of the same time, whose order is the store's affair, by what they say.
func inWordsByPlace(places []place) string {
	for i := 1; i < len(places); i++ {
		if falling(places[i-1].at, places[i].at) >= 0 {
			return fmt.Sprintf("out of order: %v before %v", places[i-1], places[i])
		}
	}
	slices.SortFunc(places, func(a, b place) int {
		if a.at.SubmittedAt != b.at.SubmittedAt {
			return falling(a.at, b.at)
		}
		return strings.Compare(a.says, b.says)
	})
	words := ""
	for _, p := range places {
		words += fmt.Sprintf("\n    %d: %s", p.at.SubmittedAt, p.says)
	}
	return words
}

// place is something in a list.
type place struct {
	at   store.Cursor
	says string
}
