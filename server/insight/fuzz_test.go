package insight_test

import (
	"testing"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/contract"
	"github.com/customer-momentum/cmi/server/fault"
)

// FuzzReports asks for any report that the contract lets through: it is answered without figures that are none, or refused with a reason.
func FuzzReports(f *testing.F) {
	rules, err := contract.New()
	if err != nil {
		f.Fatal(err)
	}
	for k, request := range everyReport() {
		body, err := proto.Marshal(request)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(uint64(k), body)
	}
	f.Fuzz(func(t *testing.T, seed uint64, body []byte) {
		request := &cmiv1.RunReportRequest{}
		if proto.Unmarshal(body, request) != nil || rules.Check(request) != nil {
			return
		}
		if request.GetDrivers() != nil {
			request.GetDrivers().Bootstrap = &cmiv1.Bootstrap{Samples: proto.Int32(100)} // more take their time
		}
		r := randomWorld(t, seed%16).runs()
		said, err := called(t, r, request)
		if err != nil {
			if fault.ReasonOf(err) == 0 {
				t.Fatalf("refused without a reason: %v", err)
			}
			return
		}
		sane(t, said)
	})
}
