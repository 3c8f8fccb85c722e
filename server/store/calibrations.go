package store

import (
	"context"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// Calibrations keeps every calibration of every version of a questionnaire.
type Calibrations interface {
	// SaveCalibration keeps one. Its id is new, and calibrated_at is in whole microseconds.
	SaveCalibration(ctx context.Context, tenant string, calibration *cmiv1.Calibration) error

	// ListCalibrations answers up to limit calibrations that match, the latest first, those of the same microsecond in the
	// opposite of the order in which they were saved.
	ListCalibrations(ctx context.Context, tenant string, filter CalibrationFilter, limit int) ([]KeptCalibration, error)
}

// CalibrationFilter picks calibrations of one questionnaire.
type CalibrationFilter struct {
	QuestionnaireID string
	Version         int32   // only of this version; 0: of all
	After           *Cursor // the last one of the page before; nil at the start
}

// KeptCalibration is a calibration and its place in the order of ListCalibrations. The cursor's time is calibrated_at.
type KeptCalibration struct {
	Calibration *cmiv1.Calibration
	Cursor      Cursor
}
