package postgres

import (
	"context"
	"errors"
	"fmt"
	"math"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

const (
	saveCalibration  = "INSERT INTO calibrations (tenant, questionnaire, version, calibrated_at, body) VALUES ($1, $2, $3, $4, $5)"
	listCalibrations = `SELECT seq, calibrated_at, body FROM calibrations WHERE tenant = $1 AND questionnaire = $2
		AND (calibrated_at, seq) < ($3, $4) AND ($5 = 0 OR version = $5) ORDER BY calibrated_at DESC, seq DESC LIMIT $6`
)

// SaveCalibration appends a calibration.
func (s *Store) SaveCalibration(ctx context.Context, tenant string, calibration *cmiv1.Calibration) (err error) {
	ctx, span := form.Start(ctx, driver, "store.SaveCalibration")
	defer func() { form.End(span, err) }()

	if calibration.GetQuestionnaireId() == "" || calibration.GetCalibratedAt() == nil {
		return errors.New("a calibration needs its questionnaire and its time")
	}
	body, err := proto.Marshal(calibration)
	if err != nil {
		return fmt.Errorf("encode a calibration: %w", err)
	}
	return s.change(ctx, "keep a calibration", func(ctx context.Context, c conn) error {
		if _, err := c.Exec(ctx, saveCalibration, tenant, calibration.GetQuestionnaireId(), calibration.GetQuestionnaireVersion(),
			form.Micros(calibration.GetCalibratedAt()), body); err != nil {
			return err
		}
		return tell(ctx, c, store.Change{Tenant: tenant, QuestionnaireID: calibration.GetQuestionnaireId()})
	})
}

// ListCalibrations walks the calibrations of a questionnaire from the latest one on.
func (s *Store) ListCalibrations(ctx context.Context, tenant string, filter store.CalibrationFilter, limit int) (page []store.KeptCalibration, err error) {
	ctx, span := form.Start(ctx, driver, "store.ListCalibrations")
	defer func() { form.End(span, err) }()

	at, seq := int64(math.MaxInt64), int64(math.MaxInt64)
	if filter.After != nil {
		at, seq = filter.After.SubmittedAt, form.SeqOf(*filter.After)
	}
	err = s.ask(ctx, "list calibrations", func(ctx context.Context, c conn) error {
		page = nil
		rows, err := c.Query(ctx, listCalibrations, tenant, filter.QuestionnaireID, at, seq, filter.Version, max(limit, 0))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var at, seq int64
			var body []byte
			if err := rows.Scan(&seq, &at, &body); err != nil {
				return err
			}
			kept := store.KeptCalibration{Calibration: &cmiv1.Calibration{}, Cursor: form.CursorAt(at, seq)}
			if err := form.Decode(body, kept.Calibration, "calibration"); err != nil {
				return err
			}
			page = append(page, kept)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, err
	}
	form.Count(span, "cmi.results", len(page))
	return page, nil
}
