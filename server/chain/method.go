package chain

import (
	"slices"
	"strings"
	"sync/atomic"

	healthpb "google.golang.org/grpc/health/grpc_health_v1"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/access"
)

// method is all that the chain knows of a method before a call comes: a call then costs one look into a map.
type method struct {
	name string
	rule access.Scope
	// validated says that the rules of the contract are applied to its requests here.
	validated bool
	// quiet methods are called by machines every few seconds; those calls never rise above debug while they go well.
	quiet bool
	// active is how many of its calls are running, fine how many went well; plain counters that are read when somebody
	// looks at the metrics.
	active, fine atomic.Int64
}

// methods knows every method that has a rule. All others share one entry, so that a client cannot make up names and grow
// the metrics without bound.
type methods struct {
	known   map[string]*method
	unknown *method
}

func newMethods(rules access.Rules) *methods {
	m := &methods{known: make(map[string]*method, len(rules)), unknown: &method{name: "unknown"}}
	for name, rule := range rules {
		m.known[name] = &method{
			name:      name,
			rule:      rule,
			validated: strings.HasPrefix(name, "/cmi.") && !slices.Contains(validatedByHand(), name),
			quiet:     strings.HasPrefix(name, "/"+healthpb.Health_ServiceDesc.ServiceName+"/"),
		}
	}
	return m
}

// validatedByHand lists the methods that carry responses to score. The compiled scorer checks those against the
// questionnaire, and a generic validator would cost as much as decoding them; in streams one bad item must not end the call.
func validatedByHand() []string {
	return []string{
		cmiv1.ScoringService_ScoreCustomer_FullMethodName,
		cmiv1.ScoringService_BatchScoreCustomers_FullMethodName,
		cmiv1.ScoringService_StreamScores_FullMethodName,
	}
}

func (m *methods) find(name string) *method {
	if found, ok := m.known[name]; ok {
		return found
	}
	return m.unknown
}

// each visits every method, the shared entry of the unknown ones last.
func (m *methods) each(visit func(*method)) {
	for _, known := range m.known {
		visit(known)
	}
	visit(m.unknown)
}
