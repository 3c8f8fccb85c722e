package insight

import (
	"context"
	"fmt"
	"sync"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
)

// survey is a version of a questionnaire that responses were recorded by. It does not change.
type survey struct {
	*cmiv1.Questionnaire
	scorer *scoring.Scorer
	items  map[string]*cmiv1.Item
}

// position answers where an item that gives a score stands in the scorer.
func (s *survey) position(itemID string) (int, bool) {
	k, known := s.scorer.Position(itemID)
	return k, known && s.scorer.Scored(k)
}

// library has the surveys of one tenant for as long as one report takes. It is safe for concurrent use.
type library struct {
	of     Questionnaires
	tenant string
	mu     sync.RWMutex
	known  map[edition]*survey
}

// edition names a version of a questionnaire.
type edition struct {
	ID      string `json:"id,omitempty"`
	Version int32  `json:"version,omitempty"`
}

func (i *Insight) library(tenant string) *library {
	return &library{of: i.questionnaires, tenant: tenant, known: make(map[edition]*survey)}
}

func (l *library) get(ctx context.Context, id string, version int32) (*survey, error) {
	key := edition{id, version}
	l.mu.RLock()
	found := l.known[key]
	l.mu.RUnlock()
	if found != nil {
		return found, nil
	}
	found, err := l.read(ctx, id, version)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.known[key] = found
	return found, nil
}

func (l *library) read(ctx context.Context, id string, version int32) (*survey, error) {
	scorer, err := l.of.RecordedScorer(ctx, l.tenant, id, version)
	if err != nil {
		return nil, fmt.Errorf("compile a recorded version: %w", err)
	}
	q, err := l.of.Get(ctx, l.tenant, &cmiv1.GetQuestionnaireRequest{QuestionnaireId: id, Version: version})
	if err != nil {
		return nil, fmt.Errorf("read a recorded version: %w", err)
	}
	s := &survey{Questionnaire: q, scorer: scorer, items: make(map[string]*cmiv1.Item, len(q.GetItems()))}
	for _, item := range q.GetItems() {
		s.items[item.GetItemId()] = item
	}
	return s, nil
}
