package contract_test

import (
	"errors"
	"strings"
	"testing"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/contract"
	"github.com/customer-momentum/cmi/server/fault"
)

// All broken rules are said at once, each with its field, what is allowed and what came.
func TestCheck(t *testing.T) {
	t.Parallel()
	rules, err := contract.New()
	if err != nil {
		t.Fatal(err)
	}
	good := &cmiv1.Customer{CustomerId: "c", Segments: map[string]string{"k": "v"}, Spend: &cmiv1.Spend{Currency: "CHF", Period: 1}}
	if err := rules.Check(good); err != nil {
		t.Errorf("a good one is refused: %v", err)
	}
	refusal, ok := errors.AsType[*fault.Error](rules.Check(&cmiv1.Customer{
		CustomerId: "no id", Segments: map[string]string{"k": ""}, Spend: &cmiv1.Spend{Amount: new(-1.5), Currency: "CHF", Period: 1},
	}))
	if !ok || refusal.Reason != cmiv1.ErrorReason_INVALID_REQUEST || len(refusal.Violations) != 3 {
		t.Fatalf("%v", refusal)
	}
	for i, want := range []struct{ field, begin, end string }{
		{"customer_id", "must be a letter or digit, then", `, got "no id"`},
		{`segments["k"]`, "must be at least 1 character", ""},
		{"spend.amount", "must be greater than or equal to 0", ", got -1.5"},
	} {
		v := refusal.Violations[i]
		if v.Field != want.field || !strings.HasPrefix(v.Description, want.begin) || !strings.HasSuffix(v.Description, want.end) {
			t.Errorf("%+v, want %+v", v, want)
		}
		if !strings.Contains(refusal.Message, v.Field+": "+v.Description) {
			t.Errorf("%q does not say %+v", refusal.Message, v)
		}
	}
}

// A choice that was not made is said by the names of what there is.
func TestCheckOfAChoice(t *testing.T) {
	t.Parallel()
	rules, err := contract.New()
	if err != nil {
		t.Fatal(err)
	}
	refusal, ok := errors.AsType[*fault.Error](rules.Check(&cmiv1.LintQuestionnaireRequest{}))
	if !ok || len(refusal.Violations) == 0 || !strings.Contains(refusal.Message, "source: exactly one of questionnaire, stored must be given") {
		t.Errorf("%v", refusal)
	}
}
