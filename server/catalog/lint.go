package catalog

import (
	"context"
	"errors"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
	"github.com/customer-momentum/cmi/scoring/lint"
)

// Lint reads a questionnaire, sent or stored: its faults, which block publishing, and findings, which block nothing.
func (c *Catalog) Lint(ctx context.Context, tenant string, request *cmiv1.LintQuestionnaireRequest) (*cmiv1.LintQuestionnaireResponse, error) {
	q := request.GetQuestionnaire()
	if stored := request.GetStored(); stored != nil {
		var err error
		if q, err = c.version(ctx, tenant, stored.GetQuestionnaireId(), stored.GetVersion()); err != nil {
			return nil, err
		}
	}
	return Lint(q), nil
}

// Lint reads a questionnaire that need not be in any catalog.
func Lint(q *cmiv1.Questionnaire) *cmiv1.LintQuestionnaireResponse {
	result := &cmiv1.LintQuestionnaireResponse{Findings: lint.Questionnaire(q)}
	if _, err := scoring.Compile(q); err != nil {
		if faults, ok := errors.AsType[*scoring.Faults](err); ok {
			result.Faults = faults.Faults
		}
	}
	return result
}
