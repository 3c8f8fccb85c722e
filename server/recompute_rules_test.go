package server_test

import (
	"testing"

	"cloud.google.com/go/longrunning/autogen/longrunningpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// TestOperationsOfTenantsNeverMeet: the same id is another operation to another tenant, and what the one has the other cannot
// find, follow, cancel, delete or list.
func TestOperationsOfTenantsNeverMeet(t *testing.T) {
	t.Parallel()
	plain, keyed := withKeys(t)
	r := start(t, keyed)
	acme, globex := as(t.Context(), plain["acme admin"]), as(t.Context(), plain["globex admin"])
	if _, err := r.scoring().ScoreCustomer(acme, &cmiv1.ScoreCustomerRequest{QuestionnaireId: "builtin-new-online", Response: &cmiv1.Response{
		ResponseId: "a-1", CustomerId: "ann", Answers: []*cmiv1.Answer{{ItemId: "trust", Value: &cmiv1.Answer_NoAnswer{NoAnswer: cmiv1.NoAnswer_NO_ANSWER_DECLINED}}},
	}}); err != nil {
		t.Fatal(err)
	}
	request := &cmiv1.RecomputeScoresRequest{OperationId: "mine", QuestionnaireId: "builtin-new-online"}
	if _, err := r.scoring().RecomputeScores(acme, request); err != nil {
		t.Fatal(err)
	}
	name := "operations/mine"
	wait := &longrunningpb.WaitOperationRequest{Name: name, Timeout: durationpb.New(0)}
	if op, err := r.operations().WaitOperation(acme, wait); err != nil || !op.GetDone() {
		t.Fatalf("%v, %v", op, err)
	}
	for call, err := range map[string]error{
		"get":    second(r.operations().GetOperation(globex, &longrunningpb.GetOperationRequest{Name: name})),
		"wait":   second(r.operations().WaitOperation(globex, wait)),
		"cancel": second(r.operations().CancelOperation(globex, &longrunningpb.CancelOperationRequest{Name: name})),
		"delete": second(r.operations().DeleteOperation(globex, &longrunningpb.DeleteOperationRequest{Name: name})),
		"scores": second(r.scoring().ListRecomputedScores(globex, &cmiv1.ListRecomputedScoresRequest{OperationId: "mine"})),
	} {
		if status.Code(err) != codes.NotFound {
			t.Errorf("%s of another tenant's operation: %v", call, err)
		}
	}
	if list, err := r.operations().ListOperations(globex, &longrunningpb.ListOperationsRequest{}); err != nil || len(list.GetOperations()) > 0 {
		t.Errorf("%v, %v", list, err)
	}
	if _, err := r.scoring().RecomputeScores(globex, request); err != nil {
		t.Fatal(err)
	}
	op, err := r.operations().WaitOperation(globex, wait)
	if err != nil || !op.GetDone() {
		t.Fatalf("%v, %v", op, err)
	}
	result := &cmiv1.RecomputeScoresResponse{}
	if err := op.GetResponse().UnmarshalTo(result); err != nil || result.GetOverall().GetResponses() != 0 {
		t.Errorf("a tenant without responses has %v (%v)", result, err)
	}
}

// habits asks two questions and measures the third from visits.
func habits() *cmiv1.Questionnaire {
	q := poll{}.questionnaire()
	q.QuestionnaireId = "habits"
	q.Items[1].Scale = &cmiv1.Item_Behaviour{Behaviour: &cmiv1.BehaviourScale{
		Measure: cmiv1.BehaviourMeasure_BEHAVIOUR_MEASURE_RECENCY, Kinds: []string{"visit", "buy"},
	}}
	return q
}

// TestRecomputeSeesWhatArrivedLate: the recorded score stays as it is when an interaction arrives late; a recompute under the very
// same version has it. One of a customer who was erased is gone.
func TestRecomputeSeesWhatArrivedLate(t *testing.T) {
	t.Parallel()
	r := start(t)
	r.publish(t, habits())
	for _, customer := range []string{"ann", "bob"} {
		if _, err := r.customers().PutCustomer(t.Context(), &cmiv1.PutCustomerRequest{Customer: &cmiv1.Customer{
			CustomerId: customer, FirstSeenAt: timestamppb.New(now.AddDate(0, 0, -100)),
		}}); err != nil {
			t.Fatal(err)
		}
	}
	visit := func(id, customer string, days int) {
		if _, err := r.customers().RecordInteractions(t.Context(), &cmiv1.RecordInteractionsRequest{Interactions: []*cmiv1.Interaction{{
			InteractionId: id, CustomerId: customer, Kind: "visit", OccurredAt: timestamppb.New(now.AddDate(0, 0, -days)),
		}}}); err != nil {
			t.Fatal(err)
		}
	}
	visit("v-1", "bob", 50)
	number := func(id string, x float64) *cmiv1.Answer {
		return &cmiv1.Answer{ItemId: id, Value: &cmiv1.Answer_Number{Number: x}}
	}
	for _, customer := range []string{"ann", "bob"} {
		if _, err := r.scoring().ScoreCustomer(t.Context(), &cmiv1.ScoreCustomerRequest{QuestionnaireId: "habits", Response: &cmiv1.Response{
			ResponseId: customer + "-1", CustomerId: customer, SubmittedAt: timestamppb.New(now.AddDate(0, 0, -10)),
			Answers: []*cmiv1.Answer{number("a", 6), number("c", 6)},
		}}); err != nil {
			t.Fatal(err)
		}
	}
	visit("v-2", "ann", 10) // on the day of the response, and told after it
	visit("v-3", "bob", 5)  // after the response: none of its business

	request := &cmiv1.RecomputeScoresRequest{OperationId: "late", QuestionnaireId: "habits", Version: 1}
	if _, err := r.scoring().RecomputeScores(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	op, err := r.operations().WaitOperation(t.Context(), &longrunningpb.WaitOperationRequest{Name: "operations/late"})
	if err != nil || !op.GetDone() || op.GetResponse() == nil {
		t.Fatalf("%v, %v", op, err)
	}
	list := func() map[string]*cmiv1.RecomputedScore {
		page, err := r.scoring().ListRecomputedScores(t.Context(), &cmiv1.ListRecomputedScoresRequest{OperationId: "late"})
		if err != nil {
			t.Fatal(err)
		}
		all := make(map[string]*cmiv1.RecomputedScore)
		for _, pair := range page.GetScores() {
			all[pair.GetRecorded().GetCustomerId()] = pair
		}
		return all
	}
	all := list()
	// Without a visit recency is 0, and 100 on the very day: (60 + 0 + 60) / 3, and (60 + 100 + 60) / 3 in whole billionths.
	if ann := all["ann"]; ann.GetRecorded().GetCmi() != 40 || ann.GetRecomputed().GetCmi() != 73.333333333 {
		t.Errorf("ann has %v, again %v", ann.GetRecorded(), ann.GetRecomputed())
	}
	bob := all["bob"]
	again := proto.CloneOf(bob.GetRecomputed())
	again.ScoredAt = bob.GetRecorded().GetScoredAt()
	if !proto.Equal(again, bob.GetRecorded()) {
		t.Errorf("bob's score was\n%v, is\n%v", bob.GetRecorded(), again)
	}

	if _, err := r.customers().DeleteCustomer(t.Context(), &cmiv1.DeleteCustomerRequest{CustomerId: "ann"}); err != nil {
		t.Fatal(err)
	}
	if all := list(); len(all) != 1 || all["bob"] == nil {
		t.Errorf("after the erasure of ann there are %v", all)
	}
}
