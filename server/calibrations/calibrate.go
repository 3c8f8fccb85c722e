package calibrations

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
	"github.com/customer-momentum/cmi/scoring/reliability"
	"github.com/customer-momentum/cmi/server/fault"
	"github.com/customer-momentum/cmi/server/store"
)

// Calibrate estimates how precisely a published version measures from what is recorded, and puts that in force.
// NOT_ENOUGH_RESPONSES when too little is.
func (c *Calibrations) Calibrate(ctx context.Context, tenant string, request *cmiv1.CalibrateQuestionnaireRequest) (*cmiv1.Calibration, error) {
	id := request.GetQuestionnaireId()
	scorer, err := c.versions.Scorer(ctx, tenant, id, request.GetVersion(), false)
	if err != nil {
		return nil, err
	}
	estimate, err := c.estimate(ctx, tenant, scorer)
	if err != nil {
		return nil, err
	}
	if n := estimate.N(); n < reliability.Least {
		return nil, fault.New(cmiv1.ErrorReason_NOT_ENOUGH_RESPONSES,
			"Version %d of %q has %d customers with a SCORED response that is complete on every weighted item; a calibration needs at least %d.",
			scorer.Version(), id, n, reliability.Least)
	}
	made := estimate.Calibration()
	// Nobody may guess whether another tenant has one.
	made.CalibrationId = "c-" + rand.Text()
	made.QuestionnaireId, made.QuestionnaireVersion = id, scorer.Version()
	made.CalibratedAt = timestamppb.New(c.now().UTC().Truncate(time.Microsecond))
	err = c.store.SaveCalibration(ctx, tenant, made)
	// Forgotten even after an error: it may have been saved all the same.
	c.Forget(tenant, id)
	if err != nil {
		return nil, fmt.Errorf("save a calibration: %w", err)
	}
	if err := c.store.MarkDue(ctx, tenant, true); err != nil {
		return nil, fmt.Errorf("have standings computed anew: %w", err)
	}
	return made, nil
}

// walkPage is how many responses are read at once.
const walkPage = 1000

// estimate walks the SCORED responses of a version, the latest first, and takes in the first complete one of each customer,
// and every complete anonymous one.
func (c *Calibrations) estimate(ctx context.Context, tenant string, scorer *scoring.Scorer) (*reliability.Estimator, error) {
	estimate, seen := reliability.New(scorer), make(customers)
	filter := store.ResponseFilter{QuestionnaireID: scorer.QuestionnaireID(), Status: cmiv1.ScoreStatus_SCORE_STATUS_SCORED}
	var tied []*store.Kept // of one microsecond, the last one read
	for {
		page, err := c.store.ListResponses(ctx, tenant, filter, walkPage)
		if err != nil {
			return nil, fmt.Errorf("read responses: %w", err)
		}
		for _, kept := range page {
			if len(tied) > 0 && tied[0].Cursor.SubmittedAt != kept.Cursor.SubmittedAt {
				if err := seen.take(estimate, tied); err != nil {
					return nil, err
				}
				tied = tied[:0]
			}
			if kept.Score.GetQuestionnaireVersion() == scorer.Version() {
				tied = append(tied, kept)
			}
		}
		if len(page) < walkPage {
			return estimate, seen.take(estimate, tied)
		}
		filter.After = &page[len(page)-1].Cursor
	}
}

// customers are those who were taken in, by a hash of their ids: of millions, that is tens of megabytes.
type customers map[[16]byte]struct{}

// take takes in the responses of one microsecond, the last first by response id: the order of the sums does not depend on
// the order in which they were recorded.
func (seen customers) take(estimate *reliability.Estimator, tied []*store.Kept) error {
	slices.SortFunc(tied, func(a, b *store.Kept) int {
		return cmp.Compare(b.Score.GetResponseId(), a.Score.GetResponseId())
	})
	for _, kept := range tied {
		id := kept.Score.GetCustomerId()
		sum := sha256.Sum256([]byte(id))
		hash := [16]byte(sum[:16])
		if _, ok := seen[hash]; ok && id != "" {
			continue
		}
		complete, err := estimate.Add(kept.Response, kept.Score)
		if err != nil {
			return fmt.Errorf("read a recorded response again: %w", err)
		}
		if complete && id != "" {
			seen[hash] = struct{}{}
		}
	}
	return nil
}
