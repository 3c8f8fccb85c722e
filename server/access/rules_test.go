package access_test

import (
	"slices"
	"testing"

	"cloud.google.com/go/longrunning/autogen/longrunningpb"
	"github.com/apache/arrow-go/v18/arrow/flight"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/access"
	"github.com/customer-momentum/cmi/server/fault"
)

// TestEveryMethodHasARule walks what a server registers and every service of the linked contracts, so that a new one
// without a row fails here. It also finds rows of methods that are no more.
func TestEveryMethodHasARule(t *testing.T) {
	t.Parallel()
	server := grpc.NewServer()
	cmiv1.RegisterScoringServiceServer(server, &cmiv1.UnimplementedScoringServiceServer{})
	cmiv1.RegisterQuestionnaireServiceServer(server, &cmiv1.UnimplementedQuestionnaireServiceServer{})
	cmiv1.RegisterCustomerServiceServer(server, &cmiv1.UnimplementedCustomerServiceServer{})
	cmiv1.RegisterOutcomeServiceServer(server, &cmiv1.UnimplementedOutcomeServiceServer{})
	cmiv1.RegisterInsightServiceServer(server, &cmiv1.UnimplementedInsightServiceServer{})
	longrunningpb.RegisterOperationsServer(server, &longrunningpb.UnimplementedOperationsServer{})
	flight.RegisterFlightServiceServer(server, &flight.BaseFlightServer{})
	healthpb.RegisterHealthServer(server, health.NewServer())
	reflection.Register(server)
	rules := access.Table()
	for _, method := range rules.Missing(server.GetServiceInfo()) {
		t.Errorf("%s has no rule", method)
	}
	known := map[string]bool{}
	for service, info := range server.GetServiceInfo() {
		for _, m := range info.Methods {
			known["/"+service+"/"+m.Name] = true
		}
	}
	protoregistry.GlobalFiles.RangeFilesByPackage("cmi.v1", func(file protoreflect.FileDescriptor) bool {
		for i := range file.Services().Len() {
			service := file.Services().Get(i)
			for j := range service.Methods().Len() {
				name := "/" + string(service.FullName()) + "/" + string(service.Methods().Get(j).Name())
				known[name] = true
				if rules[name] == 0 {
					t.Errorf("%s has no rule", name)
				}
			}
		}
		return true
	})
	for _, method := range rules.Methods() {
		if !known[method] {
			t.Errorf("there is a rule for %s, which is no method", method)
		}
		if rules[method] == access.Public && !slices.Contains([]string{
			healthpb.Health_Check_FullMethodName, healthpb.Health_List_FullMethodName, healthpb.Health_Watch_FullMethodName,
		}, method) {
			t.Errorf("%s is open to everyone", method)
		}
	}
}

func TestMissing(t *testing.T) {
	t.Parallel()
	got := access.Rules{"/a.A/One": access.Read}.Missing(map[string]grpc.ServiceInfo{
		"a.A": {Methods: []grpc.MethodInfo{{Name: "Two"}, {Name: "One"}}},
		"a.B": {Methods: []grpc.MethodInfo{{Name: "One"}}},
	})
	if want := []string{"/a.A/Two", "/a.B/One"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAllow(t *testing.T) {
	t.Parallel()
	reader := access.Caller{Scopes: access.Read}
	for want, reason := range map[access.Scope]cmiv1.ErrorReason{
		0:             cmiv1.ErrorReason_NO_ACCESS_RULE,
		access.Public: cmiv1.ErrorReason_ERROR_REASON_UNSPECIFIED,
		access.Read:   cmiv1.ErrorReason_ERROR_REASON_UNSPECIFIED,
		access.Score:  cmiv1.ErrorReason_SCOPE_MISSING,
		access.Admin:  cmiv1.ErrorReason_SCOPE_MISSING,
	} {
		if got := fault.ReasonOf(reader.Allow(want)); got != reason {
			t.Errorf("%s: %s, want %s", want, got, reason)
		}
	}
	if err := (access.Caller{Scopes: access.Admin}).Allow(0); fault.ReasonOf(err) != cmiv1.ErrorReason_NO_ACCESS_RULE {
		t.Errorf("an admin may call a method without a rule: %v", err)
	}
}
