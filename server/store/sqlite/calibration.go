package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

// Calibrations of one microsecond are few, so those that the page before ended with are passed over one by one.
const (
	saveCalibration  = "INSERT INTO calibrations (tenant, questionnaire, version, calibrated_at, body) VALUES (?, ?, ?, ?, ?)"
	listCalibrations = `SELECT seq, calibrated_at, body FROM calibrations INDEXED BY calibrations_by_questionnaire
		WHERE tenant = @tenant AND questionnaire = @questionnaire AND calibrated_at <= @at AND (calibrated_at < @at OR seq < @seq)
		AND (@version = 0 OR version = @version) ORDER BY calibrated_at DESC, seq DESC LIMIT @limit + 0`
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
	args := []any{
		tenant, calibration.GetQuestionnaireId(), calibration.GetQuestionnaireVersion(), form.Micros(calibration.GetCalibratedAt()), body,
	}
	request := newRequest()
	request.apply = func(ctx context.Context, w *writer) error {
		_, err := w.conn.ExecContext(ctx, saveCalibration, args...)
		return err
	}
	return s.writer.submit(ctx, request)
}

// ListCalibrations walks the calibrations of a questionnaire from the latest one on.
func (s *Store) ListCalibrations(ctx context.Context, tenant string, filter store.CalibrationFilter, limit int) (page []store.KeptCalibration, err error) {
	ctx, span := form.Start(ctx, driver, "store.ListCalibrations")
	defer func() { form.End(span, err) }()

	done, err := s.use(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	err = s.reader.each(ctx, listCalibrations, calibrationArgs(tenant, filter, limit), func(rows *sql.Rows) error {
		kept, err := readCalibration(rows)
		page = append(page, kept)
		return err
	})
	if err != nil {
		return nil, unavailable(ctx, "list calibrations", err)
	}
	form.Count(span, "cmi.results", len(page))
	return page, nil
}

func calibrationArgs(tenant string, filter store.CalibrationFilter, limit int) []any {
	at, seq := int64(math.MaxInt64), int64(math.MaxInt64)
	if filter.After != nil {
		at, seq = filter.After.SubmittedAt, form.SeqOf(*filter.After)
	}
	return []any{
		sql.Named("tenant", tenant),
		sql.Named("questionnaire", filter.QuestionnaireID),
		sql.Named("at", at),
		sql.Named("seq", seq),
		sql.Named("version", int64(filter.Version)),
		sql.Named("limit", max(limit, 0)),
	}
}

func readCalibration(rows *sql.Rows) (store.KeptCalibration, error) {
	var at, seq int64
	var body sql.RawBytes
	if err := rows.Scan(&seq, &at, &body); err != nil {
		return store.KeptCalibration{}, fmt.Errorf("read a calibration: %w", err)
	}
	kept := store.KeptCalibration{Calibration: &cmiv1.Calibration{}, Cursor: form.CursorAt(at, seq)}
	return kept, form.Decode(body, kept.Calibration, "calibration")
}
