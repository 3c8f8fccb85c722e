package main

import (
	"testing"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// TestOperationsTellReports lays out what a report came to that is an operation.
func TestOperationsTellReports(t *testing.T) {
	t.Parallel()
	op := ended(t, smallIndex())
	about := packed(t, &cmiv1.OperationMetadata{
		State:   cmiv1.OperationState_OPERATION_STATE_SUCCEEDED,
		Request: &cmiv1.OperationMetadata_Report{Report: &cmiv1.RunReportRequest{Report: &cmiv1.RunReportRequest_Index{Index: &cmiv1.GetIndexReportRequest{}}}},
	}, true)
	op.Metadata = about.GetMetadata()
	for _, command := range []string{"get", "wait"} {
		r := within(t.Context(), "operations", command, "x", "--server", byOperation(t, op, op).serve(t))
		r.expect(t, exitOK)
		says(t, r.out, "61.5")
	}
}
