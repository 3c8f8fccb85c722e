package calibrations

import (
	"context"
	"fmt"
	"sync"
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
	known, turn := c.known.get(key)
	if known != nil {
		return *known, nil
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
			c.known.put(key, all, turn)
			return all, nil
		}
		filter.After = &page[len(page)-1].Cursor
	}
}

// maxHistories bounds for how many questionnaires the calibrations are remembered.
const maxHistories = 4096

// histories remembers the calibrations of questionnaires, also that there are none. A new one forgets its
// questionnaire's. The zero value is empty and ready.
type histories struct {
	mu      sync.RWMutex
	entries map[historyKey]*[]*cmiv1.Calibration
	turn    uint64 // rises with every forget, so that what was read before a change is not put after it
}

type historyKey struct {
	tenant, questionnaire string
}

func (h *histories) get(key historyKey) (*[]*cmiv1.Calibration, uint64) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.entries[key], h.turn
}

func (h *histories) put(key historyKey, all []*cmiv1.Calibration, turn uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if turn != h.turn {
		return
	}
	if h.entries == nil || len(h.entries) >= maxHistories {
		h.entries = make(map[historyKey]*[]*cmiv1.Calibration)
	}
	h.entries[key] = &all
}

func (h *histories) forget(key historyKey) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.turn++
	delete(h.entries, key)
}
