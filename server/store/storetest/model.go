package storetest

import (
	"context"
	"crypto/sha256"
	"fmt"
	"math"
	"sync"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// model is a store in memory that is right because it is plain: nothing in it is kept twice, every answer is worked out
// anew from all that is kept, and one lock lets in one caller at a time. Drivers are compared with it.
type model struct {
	mu     sync.Mutex
	closed bool
	// clock rises with every change: customers take their place and their revision from it.
	clock   int64
	rules   *string // nil until somebody said which
	tenants map[string]*modelTenant
	// operations are those of all tenants, in the order in which they were started; those that were cleared are nil, so that
	// no key is used again.
	operations []*modelOperation
	classes    []modelClass
	recorded   int64 // how many responses of all tenants
	jobs       modelJobs
}

// modelTenant is what one tenant has. What is in erased is in none of the others.
type modelTenant struct {
	questionnaires map[string][]*cmiv1.Questionnaire // of one id, in rising order of versions
	calibrations   []*cmiv1.Calibration              // in the order in which they were saved
	responses      map[string]*modelResponse
	interactions   map[string]*cmiv1.Interaction
	outcomes       map[string]*cmiv1.Outcome
	invitations    map[period]int32 // how many, of each that was ever said
	customers      map[string]*modelCustomer
	erased         struct{ customers, responses, interactions, outcomes map[string]bool }
}

type modelResponse struct {
	key      [16]byte
	seq      int64 // its place among the responses of all tenants, in the order in which they were recorded
	response *cmiv1.Response
	score    *cmiv1.Score // with its void mark
	content  store.ContentHash
}

type modelCustomer struct {
	profile  *cmiv1.Customer
	place    int64 // in the order of creation
	shown    int64 // the place in lists: this one, unless the store that the model is compared with gave another
	revision int64
	due      int64          // the standing's Until; changed where facts changed since
	standing store.Standing // nothing in it until one is saved
}

// changed is since when those are due whose facts changed: for longer than any whose time came.
const changed int64 = math.MinInt64

func newModel() *model { return &model{tenants: map[string]*modelTenant{}} }

// gone answers why a call cannot be served.
func (m *model) gone(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if m.closed {
		return fmt.Errorf("%w: it is closed", store.ErrUnavailable)
	}
	return nil
}

func (m *model) tenant(name string) *modelTenant {
	if m.tenants[name] == nil {
		t := &modelTenant{
			questionnaires: map[string][]*cmiv1.Questionnaire{},
			responses:      map[string]*modelResponse{},
			interactions:   map[string]*cmiv1.Interaction{},
			outcomes:       map[string]*cmiv1.Outcome{},
			invitations:    map[period]int32{},
			customers:      map[string]*modelCustomer{},
		}
		t.erased.customers, t.erased.responses = map[string]bool{}, map[string]bool{}
		t.erased.interactions, t.erased.outcomes = map[string]bool{}, map[string]bool{}
		m.tenants[name] = t
	}
	return m.tenants[name]
}

// touch says that something of a customer changed. One who is not known is created with a profile.
func (m *model) touch(t *modelTenant, id string, created *cmiv1.Customer) {
	m.clock++
	if t.customers[id] == nil {
		t.customers[id] = &modelCustomer{profile: created, place: m.clock, shown: m.clock}
		delete(t.erased.customers, id)
	}
	c := t.customers[id]
	c.revision, c.due = m.clock, changed
}

// modelKey is a tie-break: unique, and in no order that means anything.
func modelKey(id string) [16]byte {
	sum := sha256.Sum256([]byte(id))
	return [16]byte(sum[:16])
}

// asked answers a call under the lock, or why it cannot be served.
func asked[T any](ctx context.Context, m *model, answer func() (T, error)) (T, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.gone(ctx); err != nil {
		var none T
		return none, err
	}
	return answer()
}

// copied is a message that nobody else holds.
func copied[M proto.Message](message M) M { return proto.Clone(message).(M) }

func (m *model) Ping(ctx context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.gone(ctx)
}

func (m *model) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	m.jobs.changed()
	return nil
}

// Watch: nobody else changes the model.
func (m *model) Watch(ctx context.Context, _ func(store.Change)) error {
	m.mu.Lock()
	err := m.gone(ctx)
	m.mu.Unlock()
	if err != nil {
		return err
	}
	<-ctx.Done()
	return ctx.Err()
}
