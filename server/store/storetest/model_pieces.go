package storetest

import (
	"bytes"
	"context"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

type modelPiece struct {
	store.Piece
	done     bool
	part     []byte
	rescored []modelRescored
}

// piece answers one that is there, of an operation that is; nil where there is none.
func (m *model) piece(key int64, number int) *modelPiece {
	o := m.inSight(key)
	if o == nil || number < 0 || number >= len(o.pieces) {
		return nil
	}
	return &o.pieces[number]
}

func (m *model) PlanOperation(ctx context.Context, key int64, pieces []store.Piece, at int64) (store.Operation, error) {
	return asked(ctx, m, func() (store.Operation, error) {
		o := m.inSight(key)
		if o == nil {
			return store.Operation{}, store.ErrNotFound
		}
		if o.kept.State == cmiv1.OperationState_OPERATION_STATE_PENDING {
			o.kept.State, o.kept.ChangedAt = cmiv1.OperationState_OPERATION_STATE_RUNNING, at
			for _, p := range pieces {
				o.pieces = append(o.pieces, modelPiece{Piece: store.Piece{Task: bytes.Clone(p.Task), Units: p.Units}})
			}
		}
		return o.now(), nil
	})
}

func (m *model) PieceTask(ctx context.Context, key int64, piece int) ([]byte, bool, error) {
	done := false
	task, err := asked(ctx, m, func() ([]byte, error) {
		p := m.piece(key, piece)
		if p == nil {
			return nil, store.ErrNotFound
		}
		done = p.done
		return bytes.Clone(p.Task), nil
	})
	return task, done, err
}

func (m *model) MissingPieces(ctx context.Context, key int64, limit int) ([]int, error) {
	return asked(ctx, m, func() ([]int, error) {
		var missing []int
		for i := 0; m.piece(key, i) != nil && len(missing) < limit; i++ {
			if !m.piece(key, i).done {
				missing = append(missing, i)
			}
		}
		return missing, nil
	})
}

func (m *model) Parts(ctx context.Context, key int64, after, limit int) ([]store.Part, error) {
	return asked(ctx, m, func() ([]store.Part, error) {
		var parts []store.Part
		for i := after + 1; m.piece(key, i) != nil && len(parts) < limit; i++ {
			if p := m.piece(key, i); p.done {
				parts = append(parts, store.Part{Piece: i, Body: bytes.Clone(p.part)})
			}
		}
		return parts, nil
	})
}

func (m *model) SavePiece(ctx context.Context, key int64, piece int, part []byte, rescored []store.Rescored, at int64) (store.Operation, error) {
	return asked(ctx, m, func() (store.Operation, error) {
		p := m.piece(key, piece)
		if p == nil {
			return store.Operation{}, store.ErrNotFound
		}
		o := m.inSight(key)
		if !p.done && o.kept.State == cmiv1.OperationState_OPERATION_STATE_RUNNING {
			o.kept.ChangedAt = at
			p.done, p.part = true, bytes.Clone(part)
			p.rescored = m.tenant(o.kept.Tenant).stillThere(rescored)
		}
		return o.now(), nil
	})
}
