package sqlite

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// operate goes through the life of an operation.
func operate(ctx context.Context, s *Store) {
	op, _, _ := s.StartOperation(ctx, "secret", store.OperationStart{ID: "secret", Kind: "secret", Request: []byte("secret")})
	_, _ = s.Operation(ctx, "secret", "secret")
	_, _ = s.ListOperations(ctx, "secret", store.OperationFilter{}, 1)
	_, _ = s.OperationByKey(ctx, op.Key)
	_, _ = s.OpenOperations(ctx, 1)
	_, _ = s.CutResponses(ctx, "secret", store.ResponseCut{QuestionnaireID: "secret"}, 1)
	_, _ = s.ResponsesIn(ctx, "secret", store.ResponseSlice{})
	_, _ = s.PlanOperation(ctx, op.Key, []store.Piece{{Task: []byte("secret"), Units: 1}}, 1)
	_, _, _ = s.PieceTask(ctx, op.Key, 0)
	_, _ = s.MissingPieces(ctx, op.Key, 1)
	_ = s.SendJobs(ctx, []store.Job{{Operation: op.Key}})
	_, _ = s.SavePiece(ctx, op.Key, 0, []byte("secret"), nil, 2)
	_, _ = s.Parts(ctx, op.Key, -1, 1)
	_, _ = s.EndOperation(ctx, op.Key, cmiv1.OperationState_OPERATION_STATE_SUCCEEDED, []byte("secret"), 3)
	_, _ = s.ListRescored(ctx, "secret", store.RescoredFilter{Operation: op.Key}, 1)
	_, _ = s.RemoveOperation(ctx, "secret", "secret")
	_, _ = s.ExpireOperations(ctx, 4, 1)
	_, _ = s.ClearOperations(ctx, 1)
}

func TestEachCallIsASpanThatTellsNoSecrets(t *testing.T) {
	t.Parallel()
	s := open(t)
	spans := tracetest.NewSpanRecorder()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))
	ctx, parent := provider.Tracer("test").Start(t.Context(), "call")

	e := sample("secret")
	if _, err := s.Record(ctx, "secret", []store.Entry{e, e, sample("secret-2")}); err != nil {
		t.Fatal(err)
	}
	_, _ = s.Response(ctx, "secret", "secret")
	_, _ = s.ListResponses(ctx, "secret", store.ResponseFilter{CustomerID: "secret"}, 10)
	_, _ = s.Void(ctx, "secret", "secret", e.Score.GetSubmittedAt().AsTime(), "secret")
	_, _ = s.Questionnaire(ctx, "secret", "secret", 0)
	_ = s.ChangeQuestionnaire(ctx, "secret", "secret", func([]*cmiv1.Questionnaire) ([]*cmiv1.Questionnaire, error) { return nil, nil })
	_, _ = s.ListQuestionnaires(ctx, "secret", store.QuestionnaireFilter{}, 10)
	_, _ = s.RecordInteractions(ctx, "secret", []*cmiv1.Interaction{{
		InteractionId: "secret", CustomerId: "secret", Kind: "secret", OccurredAt: e.Score.GetSubmittedAt(),
	}}, e.Score.GetSubmittedAt().AsTime())
	_, _ = s.ListInteractions(ctx, "secret", store.InteractionFilter{CustomerID: "secret"}, 10)
	_, _ = s.RecordOutcomes(ctx, "secret", []*cmiv1.Outcome{{
		OutcomeId: "secret", CustomerId: "secret", Kind: cmiv1.OutcomeKind_OUTCOME_CHURNED, OccurredAt: e.Score.GetSubmittedAt(),
	}}, e.Score.GetSubmittedAt().AsTime())
	_, _ = s.ListOutcomes(ctx, "secret", store.OutcomeFilter{CustomerID: "secret"}, 10)
	_, _ = s.RecordInvitations(ctx, "secret", []*cmiv1.Invitations{{
		QuestionnaireId: "secret", From: e.Score.GetSubmittedAt(), To: e.Score.GetSubmittedAt(), Count: 1,
	}})
	_, _ = s.InvitationsWithin(ctx, "secret", time.Time{}, time.Time{}, 10)
	_, _ = s.Doings(ctx, "secret", []store.Ask{{CustomerID: "secret", Kinds: []string{"secret"}}})
	_, _ = s.ChangeCustomers(ctx, "secret", []string{"secret"}, func(int, store.Profile) (*cmiv1.Customer, error) { return nil, nil })
	_, _ = s.Facts(ctx, "secret", []string{"secret"}, e.Score.GetSubmittedAt().AsTime())
	_, _ = s.Profiles(ctx, "secret", []string{"secret"})
	operate(ctx, s)
	_, _ = s.EraseCustomer(ctx, "secret", "secret")
	_ = s.Ping(ctx)

	var names []string
	for _, span := range spans.Ended() {
		names = append(names, span.Name())
		if span.Parent().SpanID() != parent.SpanContext().SpanID() {
			t.Errorf("%s is no child of the caller's span", span.Name())
		}
		for _, a := range span.Attributes() {
			if a.Value.Type() != attribute.INT64 || strings.Contains(string(a.Key), "secret") {
				t.Errorf("%s says %v", span.Name(), a)
			}
		}
		if strings.Contains(span.Status().Description, "secret") {
			t.Errorf("%s says %q", span.Name(), span.Status().Description)
		}
	}
	want := []string{"store.Record", "store.Response", "store.ListResponses", "store.Void", "store.Questionnaire",
		"store.ChangeQuestionnaire", "store.ListQuestionnaires", "store.RecordInteractions", "store.ListInteractions",
		"store.RecordOutcomes", "store.ListOutcomes", "store.RecordInvitations", "store.InvitationsWithin", "store.Doings",
		"store.ChangeCustomers", "store.Facts", "store.Profiles",
		"store.StartOperation", "store.Operation", "store.ListOperations", "store.OperationByKey", "store.OpenOperations",
		"store.CutResponses", "store.ResponsesIn", "store.PlanOperation", "store.PieceTask", "store.MissingPieces", "store.SendJobs",
		"store.SavePiece", "store.Parts", "store.EndOperation", "store.ListRescored", "store.RemoveOperation", "store.ExpireOperations",
		"store.ClearOperations", "store.EraseCustomer", "store.Ping"}
	if !slices.Equal(names, want) {
		t.Errorf("got spans %q, want %q", names, want)
	}
	counts := []attribute.KeyValue{attribute.Int("cmi.entries", 3), attribute.Int("cmi.recorded", 2),
		attribute.Int("cmi.replayed", 1), attribute.Int("cmi.conflicts", 0), attribute.Int("cmi.erased", 0)}
	if got := spans.Ended()[0].Attributes(); !slices.Equal(got, counts) {
		t.Errorf("Record counts %v, want %v", got, counts)
	}
}
