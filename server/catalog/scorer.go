package catalog

import (
	"context"
	"errors"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
	"github.com/customer-momentum/cmi/server/fault"
)

// Scorer answers the compiled scorer of a version for scoring; version 0 is the latest published one. A draft is scored
// only as a dry run (QUESTIONNAIRE_IS_DRAFT), and only without faults (QUESTIONNAIRE_HAS_FAULTS); an archived one is not
// (QUESTIONNAIRE_ARCHIVED).
func (c *Catalog) Scorer(ctx context.Context, tenant, id string, version int32, dryRun bool) (*scoring.Scorer, error) {
	found, err := c.compile(ctx, tenant, id, version)
	if err != nil {
		return nil, err
	}
	switch found.state {
	case cmiv1.State_STATE_ARCHIVED:
		return nil, archived(id)
	case cmiv1.State_STATE_DRAFT:
		if !dryRun {
			return nil, fault.Field(cmiv1.ErrorReason_QUESTIONNAIRE_IS_DRAFT, "version",
				"version %d of %q is a draft: publish it, or score it as a dry run", found.scorer.Version(), id)
		}
	}
	return found.scorer, nil
}

// RecordedScorer answers the compiled scorer of the version by which something was recorded, archived or not.
func (c *Catalog) RecordedScorer(ctx context.Context, tenant, id string, version int32) (*scoring.Scorer, error) {
	found, err := c.compile(ctx, tenant, id, version)
	return found.scorer, err
}

// name is how a version is asked for.
type name struct {
	tenant, id string
	version    int32
}

// compiled is a version to score with.
type compiled struct {
	scorer *scoring.Scorer
	state  cmiv1.State
}

func (c *Catalog) compile(ctx context.Context, tenant, id string, version int32) (compiled, error) {
	if isBuiltin(id) {
		tenant = "" // the same for all tenants; no tenant has an empty name
	}
	key := name{tenant: tenant, id: id, version: version}
	found, known, turn := c.compiled.Get(key)
	if known {
		return found, nil
	}
	q, err := c.version(ctx, tenant, id, version)
	if err != nil {
		return compiled{}, err
	}
	scorer, err := scoring.Compile(q)
	if err != nil {
		return compiled{}, faulty(err, "questionnaire")
	}
	found = compiled{scorer: scorer, state: q.GetState()}
	c.compiled.Put(key, found, turn)
	return found, nil
}

// faulty turns compile faults into a refusal that lists them all under path.
func faulty(err error, path string) error {
	faults, ok := errors.AsType[*scoring.Faults](err)
	if !ok {
		return err
	}
	refusal := fault.New(cmiv1.ErrorReason_QUESTIONNAIRE_HAS_FAULTS, "%s", err)
	for _, f := range faults.Faults {
		field := path
		if f.GetPath() != "" {
			field += "." + f.GetPath()
		}
		refusal.Violations = append(refusal.Violations, fault.Violation{Field: field, Description: f.GetMessage()})
	}
	return refusal
}
