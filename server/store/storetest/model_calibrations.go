package storetest

import (
	"context"
	"encoding/binary"
	"slices"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

func (m *model) SaveCalibration(ctx context.Context, tenant string, calibration *cmiv1.Calibration) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.gone(ctx); err != nil {
		return err
	}
	t := m.tenant(tenant)
	t.calibrations = append(t.calibrations, copied(calibration))
	return nil
}

func (m *model) ListCalibrations(ctx context.Context, tenant string, f store.CalibrationFilter, limit int) ([]store.KeptCalibration, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.gone(ctx); err != nil {
		return nil, err
	}
	var page []store.KeptCalibration
	for i, c := range m.tenant(tenant).calibrations {
		cursor := store.Cursor{SubmittedAt: c.GetCalibratedAt().AsTime().UnixMicro()}
		binary.BigEndian.PutUint64(cursor.Key[8:], uint64(i)+1)
		if c.GetQuestionnaireId() == f.QuestionnaireID &&
			(f.Version == 0 || c.GetQuestionnaireVersion() == f.Version) &&
			(f.After == nil || falling(*f.After, cursor) < 0) {
			page = append(page, store.KeptCalibration{Calibration: copied(c), Cursor: cursor})
		}
	}
	slices.SortFunc(page, func(a, b store.KeptCalibration) int { return falling(a.Cursor, b.Cursor) })
	return page[:min(limit, len(page))], nil
}
