package gateway

import (
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"github.com/grpc-ecosystem/grpc-gateway/v2/utilities"
	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
)

// FuzzQuery proves that whatever passes the checks is taken by the library as well, and fills exactly the fields it names.
func FuzzQuery(f *testing.F) {
	for _, seed := range []string{
		"", "pageSize=7", "page_size=-1&pageToken=%20", "bucket=BUCKET_GROWTH&status=SCORE_STATUS_SCORED", "includeVoid=false",
		"submittedFrom=2026-01-02T03:04:05Z&submittedBefore=9999-12-31T23:59:59.999999999Z", "a=b", "%", "pageSize=1&pageSize=2",
		"customerId=%ff", "&&=&", "pageSize=%31", "submittedFrom=0000-01-01T00:00:00Z",
	} {
		f.Add(seed)
	}
	input := (*cmiv1.ListScoresRequest)(nil).ProtoReflect().Descriptor()
	q := newQuery(input, &route{})
	f.Fuzz(func(t *testing.T, raw string) {
		form, err := q.parse(raw)
		if err != nil {
			if reason := fault.ReasonOf(err); reason != cmiv1.ErrorReason_INVALID_QUERY_PARAMETER {
				t.Fatalf("%q: %v", raw, err)
			}
			return
		}
		m := new(cmiv1.ListScoresRequest)
		if err := runtime.PopulateQueryParameters(m, form, utilities.NewDoubleArray(nil)); err != nil {
			t.Fatalf("%q passes, and then %v", raw, err)
		}
		if _, err := proto.Marshal(m); err != nil {
			t.Fatalf("%q makes what cannot be sent: %v", raw, err)
		}
	})
}
