package storetest

import (
	"bytes"
	"context"
	"slices"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// modelOperation is one that was started. What its pieces come to together is counted when it is asked for.
type modelOperation struct {
	kept    store.Operation // without Total, Done and Left
	removed bool
	pieces  []modelPiece
}

// now is the operation as it stands.
func (o *modelOperation) now() store.Operation {
	answer := o.kept
	answer.Request, answer.Outcome = bytes.Clone(answer.Request), bytes.Clone(answer.Outcome)
	for _, p := range o.pieces {
		answer.Total += p.Units
		if p.done {
			answer.Done += p.Units
		} else {
			answer.Left++
		}
	}
	return answer
}

func ended(state cmiv1.OperationState) bool {
	return state > cmiv1.OperationState_OPERATION_STATE_RUNNING
}

// inSight answers one by its key; nil when there is none, or it was removed.
func (m *model) inSight(key int64) *modelOperation {
	if key < 1 || key > int64(len(m.operations)) || m.operations[key-1] == nil || m.operations[key-1].removed {
		return nil
	}
	return m.operations[key-1]
}

// named answers one by its id; nil when there is none.
func (m *model) named(tenant, id string) *modelOperation {
	for _, o := range m.operations {
		if o != nil && !o.removed && o.kept.Tenant == tenant && o.kept.ID == id {
			return o
		}
	}
	return nil
}

func (m *model) StartOperation(ctx context.Context, tenant string, start store.OperationStart) (store.Operation, bool, error) {
	started := false
	op, err := asked(ctx, m, func() (store.Operation, error) {
		if have := m.named(tenant, start.ID); have != nil {
			return have.now(), nil
		}
		started = true
		o := &modelOperation{kept: store.Operation{
			Key: int64(len(m.operations) + 1), Tenant: tenant, ID: start.ID, Kind: start.Kind, Request: bytes.Clone(start.Request),
			State: cmiv1.OperationState_OPERATION_STATE_PENDING, CreatedAt: start.At, ChangedAt: start.At,
		}}
		m.operations = append(m.operations, o)
		return o.now(), nil
	})
	return op, started, err
}

func (m *model) Operation(ctx context.Context, tenant, id string) (store.Operation, error) {
	return asked(ctx, m, func() (store.Operation, error) {
		if o := m.named(tenant, id); o != nil {
			return o.now(), nil
		}
		return store.Operation{}, store.ErrNotFound
	})
}

func (m *model) OperationByKey(ctx context.Context, key int64) (store.Operation, error) {
	return asked(ctx, m, func() (store.Operation, error) {
		if o := m.inSight(key); o != nil {
			return o.now(), nil
		}
		return store.Operation{}, store.ErrNotFound
	})
}

// pick answers up to limit operations that match, the first started first.
func (m *model) pick(limit int, match func(store.Operation) bool) []store.Operation {
	var picked []store.Operation
	for _, o := range m.operations {
		if o != nil && !o.removed && match(o.kept) && len(picked) < limit {
			picked = append(picked, o.now())
		}
	}
	return picked
}

func (m *model) ListOperations(ctx context.Context, tenant string, f store.OperationFilter, limit int) ([]store.Operation, error) {
	return asked(ctx, m, func() ([]store.Operation, error) {
		all := m.pick(len(m.operations), func(o store.Operation) bool {
			return o.Tenant == tenant && (f.After == 0 || o.Key < f.After) && (f.Ended == nil || *f.Ended == ended(o.State))
		})
		slices.Reverse(all)
		return all[:min(limit, len(all))], nil
	})
}

func (m *model) OpenOperations(ctx context.Context, limit int) ([]store.Operation, error) {
	return asked(ctx, m, func() ([]store.Operation, error) {
		return m.pick(limit, func(o store.Operation) bool { return !ended(o.State) }), nil
	})
}

func (m *model) EndOperation(ctx context.Context, key int64, state cmiv1.OperationState, outcome []byte, at int64) (store.Operation, error) {
	return asked(ctx, m, func() (store.Operation, error) {
		o := m.inSight(key)
		if o == nil {
			return store.Operation{}, store.ErrNotFound
		}
		if !ended(o.kept.State) {
			o.kept.State, o.kept.Outcome, o.kept.ChangedAt, o.kept.EndedAt = state, bytes.Clone(outcome), at, at
		}
		return o.now(), nil
	})
}

func (m *model) RemoveOperation(ctx context.Context, tenant, id string) (bool, error) {
	return asked(ctx, m, func() (bool, error) {
		o := m.named(tenant, id)
		if o == nil {
			return false, store.ErrNotFound
		}
		o.removed = ended(o.kept.State)
		return o.removed, nil
	})
}

func (m *model) ExpireOperations(ctx context.Context, endedBefore int64, limit int) (int, error) {
	return asked(ctx, m, func() (int, error) {
		old := m.pick(limit, func(o store.Operation) bool { return ended(o.State) && o.EndedAt < endedBefore })
		for _, o := range old {
			m.operations[o.Key-1].removed = true
		}
		return len(old), nil
	})
}

// ClearOperations takes what was scored again first, then the pieces, then the operation.
func (m *model) ClearOperations(ctx context.Context, limit int) (int, error) {
	return asked(ctx, m, func() (int, error) {
		left := limit
		for i, o := range m.operations {
			if o == nil || !o.removed {
				continue
			}
			for len(o.pieces) > 0 && left > 0 {
				p := &o.pieces[len(o.pieces)-1]
				taken := min(left, len(p.rescored))
				p.rescored = p.rescored[taken:]
				if left -= taken; left > 0 {
					o.pieces = o.pieces[:len(o.pieces)-1]
					left--
				}
			}
			if left > 0 {
				m.operations[i] = nil
				left--
			}
		}
		return limit - left, nil
	})
}
