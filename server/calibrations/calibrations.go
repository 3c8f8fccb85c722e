// Package calibrations is the use case of measuring how precisely a questionnaire measures: it estimates a calibration from
// what was recorded, keeps the history of all, and knows which one was in force when. It knows neither wire nor SQL.
package calibrations

import (
	"context"
	"fmt"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
	"github.com/customer-momentum/cmi/server/page"
	"github.com/customer-momentum/cmi/server/recall"
	"github.com/customer-momentum/cmi/server/store"
)

// Versions gives the questionnaires that are calibrated.
type Versions interface {
	// Scorer answers one to score with, version 0 the latest published one, or says why it may not be scored.
	Scorer(ctx context.Context, tenant, id string, version int32, dryRun bool) (*scoring.Scorer, error)
}

// Store is what calibrations are made from and kept in.
type Store interface {
	store.Calibrations
	ListResponses(ctx context.Context, tenant string, filter store.ResponseFilter, limit int) ([]*store.Kept, error)
	MarkDue(ctx context.Context, tenant string, calibrated bool) error
}

// Calibrations makes, keeps and finds calibrations. It is safe for concurrent use.
type Calibrations struct {
	versions Versions
	store    Store
	now      func() time.Time
	known    recall.Memory[historyKey, []*cmiv1.Calibration] // also that there are none
}

// New makes the use case. now gives the time from which a calibration is in force.
func New(versions Versions, kept Store, now func() time.Time) *Calibrations {
	return &Calibrations{
		versions: versions, store: kept, now: now, known: recall.Memory[historyKey, []*cmiv1.Calibration]{Most: maxHistories},
	}
}

// List answers a page of calibrations of a questionnaire, the latest first.
func (c *Calibrations) List(ctx context.Context, tenant string, request *cmiv1.ListCalibrationsRequest) (*cmiv1.ListCalibrationsResponse, error) {
	filter := store.CalibrationFilter{QuestionnaireID: request.GetQuestionnaireId(), Version: request.GetVersion()}
	var after store.Cursor
	resumed, err := page.Resume(request, &after)
	if err != nil {
		return nil, err
	}
	if resumed {
		filter.After = &after
	}
	size := page.Size(request)
	// One more than asked for tells whether there is a next page.
	kept, err := c.store.ListCalibrations(ctx, tenant, filter, size+1)
	if err != nil {
		return nil, fmt.Errorf("list calibrations: %w", err)
	}
	result := &cmiv1.ListCalibrationsResponse{}
	if len(kept) > size {
		kept = kept[:size]
		if result.NextPageToken, err = page.Next(request, kept[size-1].Cursor); err != nil {
			return nil, fmt.Errorf("make page token: %w", err)
		}
	}
	for _, k := range kept {
		result.Calibrations = append(result.Calibrations, k.Calibration)
	}
	return result, nil
}
