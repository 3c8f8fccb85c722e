package calibrations

import (
	"context"
	"fmt"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// Calibration answers the calibration of a questionnaire's version that was in force at a time: the latest one made up to
// then. nil: there was none. The caller must not change it.
func (c *Calibrations) Calibration(ctx context.Context, tenant, questionnaireID string, version int32, at time.Time) (*cmiv1.Calibration, error) {
	all, err := c.history(ctx, tenant, questionnaireID)
	if err != nil {
		return nil, err
	}
	for _, one := range all {
		if one.GetQuestionnaireVersion() == version && !one.GetCalibratedAt().AsTime().After(at) {
			return one, nil
		}
	}
	return nil, nil
}

// historyPage is how many calibrations are read at once.
const historyPage = 1000

// history answers every calibration of a questionnaire, the latest first.
func (c *Calibrations) history(ctx context.Context, tenant, questionnaireID string) ([]*cmiv1.Calibration, error) {
	key := historyKey{tenant, questionnaireID}
	known, there, turn := c.known.Get(key)
	if there {
		return known, nil
	}
	var all []*cmiv1.Calibration
	filter := store.CalibrationFilter{QuestionnaireID: questionnaireID}
	for {
		page, err := c.store.ListCalibrations(ctx, tenant, filter, historyPage)
		if err != nil {
			return nil, fmt.Errorf("read calibrations: %w", err)
		}
		for _, k := range page {
			all = append(all, k.Calibration)
		}
		if len(page) < historyPage {
			c.known.Put(key, all, turn)
			return all, nil
		}
		filter.After = &page[len(page)-1].Cursor
	}
}

// maxHistories bounds for how many questionnaires the calibrations are remembered.
const maxHistories = 4096

type historyKey struct {
	tenant, questionnaire string
}

// Forget drops what is remembered of the calibrations of a questionnaire, since there is a new one; of all questionnaires
// where no tenant is named.
func (c *Calibrations) Forget(tenant, questionnaireID string) {
	c.known.Forget(func(key historyKey) bool { return tenant == "" || key == historyKey{tenant, questionnaireID} })
}
