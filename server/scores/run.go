package scores

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
	"github.com/customer-momentum/cmi/server/fault"
	"github.com/customer-momentum/cmi/server/measures"
	"github.com/customer-momentum/cmi/server/telemetry/span"
)

// Plan says how responses are scored. The doors fill it from their requests.
type Plan struct {
	QuestionnaireID string
	Version         int32
	// Choose, where the plan names no questionnaire, is the response for whose customer and channel one is chosen.
	Choose  *cmiv1.Response
	DryRun  bool // compute and keep nothing
	Explain bool // add the explanations
	// Path is where the plan itself stands in the request, for violations. Empty: it is the request.
	Path string
}

// Run scores responses by one plan. It is safe for concurrent use.
type Run struct {
	scores *Scores
	tenant string
	plan   Plan
	scorer *scoring.Scorer
	// calibration is the one in force, nil where there is none.
	calibration *cmiv1.Calibration
	// refused, where there is no scorer, says why the questionnaire may not be scored. Recorded responses are still
	// answered from the record, so a job that is resumed after an archiving ends well.
	refused error
}

// Result is the score of one response, or why there is none.
type Result struct {
	Score    *cmiv1.Score
	Err      error
	Replayed bool // answered from the record
}

// Open prepares to score by a plan. It answers QUESTIONNAIRE_NOT_FOUND at once; a questionnaire that is there but may not
// be scored is said for each response that is not on record, and so is that none can be chosen.
func (s *Scores) Open(ctx context.Context, tenant string, plan Plan) (*Run, error) {
	run := &Run{scores: s, tenant: tenant, plan: plan}
	id, err := run.choose(ctx)
	if err == nil {
		err = plan.check(id)
	}
	if err == nil {
		run.scorer, err = s.scorers.Scorer(ctx, tenant, id, plan.Version, plan.DryRun)
	}
	err = fault.Within(plan.Path, err)
	switch fault.ReasonOf(err) {
	case cmiv1.ErrorReason_QUESTIONNAIRE_ARCHIVED, cmiv1.ErrorReason_QUESTIONNAIRE_IS_DRAFT, cmiv1.ErrorReason_NO_QUESTIONNAIRE_FITS:
		run.scorer, run.refused = nil, err
		return run, nil
	}
	if err != nil {
		return nil, err
	}
	run.calibration, err = s.certainty.Calibration(ctx, tenant, id, run.scorer.Version(), s.moment())
	return run, err
}

// choose answers the questionnaire that the plan names, or else the one for the response to score.
func (r *Run) choose(ctx context.Context) (string, error) {
	response := r.plan.Choose
	if r.plan.QuestionnaireID != "" || response == nil {
		return r.plan.QuestionnaireID, nil
	}
	if r.plan.Version != 0 {
		return "", fault.Field(cmiv1.ErrorReason_INVALID_REQUEST, "version",
			"%d without a questionnaire_id is not allowed: the latest published version of the one that is chosen is taken", r.plan.Version)
	}
	if !scoring.ValidID(response.GetCustomerId()) {
		return "", fault.Field(cmiv1.ErrorReason_INVALID_REQUEST, "questionnaire_id",
			"name the questionnaire that was answered, or the customer who answered it, so that one can be chosen")
	}
	return r.scores.chooser.Choose(ctx, r.tenant, response.GetCustomerId(), response.GetChannel(), r.scores.submitted(response))
}

// submitted is when a response was submitted: when it says so, or else now.
func (s *Scores) submitted(response *cmiv1.Response) time.Time {
	if at := response.GetSubmittedAt(); at.IsValid() {
		return at.AsTime().Truncate(time.Microsecond)
	}
	return s.moment()
}

// check refuses a plan that names no questionnaire.
func (p Plan) check(id string) error {
	switch {
	case id == "":
		return fault.Field(cmiv1.ErrorReason_INVALID_REQUEST, "questionnaire_id",
			"name the questionnaire that was answered; ListQuestionnaires names those that are")
	case !scoring.ValidID(id):
		return fault.Field(cmiv1.ErrorReason_INVALID_REQUEST, "questionnaire_id",
			"%.140q is not an id: a letter or digit, then up to 127 letters, digits, dots, underscores or hyphens", id)
	case p.Version < 0:
		return fault.Field(cmiv1.ErrorReason_INVALID_REQUEST, "version", "%d is not a version: 0 (the latest) or above", p.Version)
	default:
		return nil
	}
}

// Score scores one response; path is where it stands in the request, for violations.
func (r *Run) Score(ctx context.Context, response *cmiv1.Response, path string) (*cmiv1.Score, error) {
	var one [1]Result
	err := r.score(ctx, []*cmiv1.Response{response}, one[:], place{path: path})
	if err != nil {
		return nil, err
	}
	return one[0].Score, one[0].Err
}

// ScoreAll scores responses and answers one result for each, in order; path.[i] is where each stands in the request. One
// that is refused never fails its neighbours. An error means that the store failed, and that none is answered.
func (r *Run) ScoreAll(ctx context.Context, responses []*cmiv1.Response, path string) ([]Result, error) {
	results := make([]Result, len(responses))
	err := r.score(ctx, responses, results, place{path: path, list: true})
	return results, err
}

// place is where responses stand in the request.
type place struct {
	path string
	list bool // path is that of a list
}

// of answers where response i stands.
func (p place) of(i int) string {
	if !p.list {
		return p.path
	}
	return fmt.Sprintf("%s[%d]", p.path, i)
}

// score is the one way of the data: compute, record, answer from the record what was there before.
func (r *Run) score(ctx context.Context, responses []*cmiv1.Response, results []Result, at place) error {
	ctx, mark := r.startSpan(ctx, len(responses))
	defer mark.End()

	if err := r.compute(ctx, responses, results, at); err != nil {
		span.Fail(mark, err, "not scored")
		return err
	}
	if !r.plan.DryRun {
		if err := r.record(ctx, responses, results, at); err != nil {
			span.Fail(mark, err, "not recorded")
			return err
		}
	}
	describe(mark, results)
	return nil
}

// compute fills results by the engine alone, and by what the customers did where the questionnaire measures that.
func (r *Run) compute(ctx context.Context, responses []*cmiv1.Response, results []Result, where place) error {
	ctx, mark := span.Start(ctx, "scoring.Score")
	defer mark.End()

	now := r.scores.moment()
	measured, err := r.measure(ctx, responses, now)
	if err != nil {
		return err
	}
	at := timestamppb.New(now)
	for i, response := range responses {
		score, err := r.one(response, measured.Of(i))
		if err != nil {
			results[i].Err = located(err, where.of(i))
			continue
		}
		score.ScoredAt = at
		if score.SubmittedAt == nil {
			score.SubmittedAt = at
		}
		if r.calibration != nil {
			r.scorer.Calibrate(score, r.calibration)
		}
		results[i].Score = score
	}
	return nil
}

// measure reads what the customers did up to their responses.
func (r *Run) measure(ctx context.Context, responses []*cmiv1.Response, now time.Time) (measures.Measures, error) {
	if r.scorer == nil {
		return measures.Measures{}, nil
	}
	return measures.Take(ctx, r.scores.store, r.tenant, r.scorer, responses, func(i int) time.Time {
		if at := responses[i].GetSubmittedAt(); at.IsValid() {
			return at.AsTime()
		}
		return now
	})
}

// one scores a response by the engine alone.
func (r *Run) one(response *cmiv1.Response, measured []*cmiv1.Behaviour) (*cmiv1.Score, error) {
	switch {
	case response == nil:
		return nil, invalid("", "there is no response to score")
	case !r.plan.DryRun && response.GetResponseId() == "":
		return nil, invalid("response_id", "a response to record needs an id of the client's choice; only a dry run goes without")
	case r.refused != nil:
		return nil, r.refused
	case r.plan.Explain:
		return r.scorer.ExplainMeasured(response, measured)
	default:
		return r.scorer.ScoreMeasured(response, measured)
	}
}

func invalid(path, message string) error {
	return &scoring.Invalid{Violations: []scoring.Violation{{Path: path, Message: message}}}
}

// located turns what the engine says of a response into a refusal whose fields start at path.
func located(err error, path string) error {
	bad, ok := errors.AsType[*scoring.Invalid](err)
	if !ok {
		return err
	}
	refusal := &fault.Error{Reason: cmiv1.ErrorReason_INVALID_RESPONSE, Violations: make([]fault.Violation, len(bad.Violations))}
	for i, v := range bad.Violations {
		field := path
		if v.Path != "" {
			field += "." + v.Path
		}
		refusal.Violations[i] = fault.Violation{Field: field, Description: v.Message}
	}
	refusal.Message = refusal.Violations[0].Field + ": " + refusal.Violations[0].Description
	if more := len(refusal.Violations) - 1; more > 0 {
		refusal.Message += fmt.Sprintf(" (and %d more)", more)
	}
	return refusal
}

// startSpan starts the span of scoring some responses; it names no customer and no answer.
func (r *Run) startSpan(ctx context.Context, n int) (context.Context, trace.Span) {
	ctx, mark := span.Start(ctx, "scores.Score")
	if mark.IsRecording() {
		version := r.plan.Version
		if r.scorer != nil {
			version = r.scorer.Version()
		}
		mark.SetAttributes(
			attribute.String("cmi.questionnaire", r.plan.QuestionnaireID),
			attribute.Int("cmi.questionnaire_version", int(version)),
			attribute.Bool("cmi.dry_run", r.plan.DryRun),
			attribute.Int("cmi.responses", n),
		)
	}
	return ctx, mark
}

// describe says on the span what became of the responses: of one its status, of many how many of each.
func describe(mark trace.Span, results []Result) {
	if !mark.IsRecording() {
		return
	}
	if len(results) == 1 && results[0].Err == nil {
		mark.SetAttributes(attribute.String("cmi.status", results[0].Score.GetStatus().String()))
		return
	}
	var refused, replayed int
	statuses := make(map[cmiv1.ScoreStatus]int, 3)
	for _, result := range results {
		switch {
		case result.Err != nil:
			refused++
		default:
			statuses[result.Score.GetStatus()]++
		}
		if result.Replayed {
			replayed++
		}
	}
	for status, n := range statuses {
		mark.SetAttributes(attribute.Int("cmi.count."+status.String(), n))
	}
	mark.SetAttributes(attribute.Int("cmi.refused", refused), attribute.Int("cmi.replayed", replayed))
}
