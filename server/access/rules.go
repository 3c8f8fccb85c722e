package access

import (
	"maps"
	"slices"

	"cloud.google.com/go/longrunning/autogen/longrunningpb"
	"google.golang.org/grpc"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	reflectionv1 "google.golang.org/grpc/reflection/grpc_reflection_v1"
	reflectionv1alpha "google.golang.org/grpc/reflection/grpc_reflection_v1alpha"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
)

// Rules gives each full method name (/cmi.v1.ScoringService/ScoreCustomer) the scope that it asks for.
type Rules map[string]Scope

// flightService begins the methods of Arrow Flight, whose generated code has no names for them.
const flightService = "/arrow.flight.protocol.FlightService/"

// Table answers the rules of the service. Whoever adds a method adds its row here; until then it is refused.
func Table() Rules {
	return Rules{
		cmiv1.ScoringService_ScoreCustomer_FullMethodName:        Score,
		cmiv1.ScoringService_BatchScoreCustomers_FullMethodName:  Score,
		cmiv1.ScoringService_StreamScores_FullMethodName:         Score,
		cmiv1.ScoringService_GetScore_FullMethodName:             Read,
		cmiv1.ScoringService_ListScores_FullMethodName:           Read,
		cmiv1.ScoringService_ExplainScore_FullMethodName:         Read,
		cmiv1.ScoringService_ExplainChange_FullMethodName:        Read,
		cmiv1.ScoringService_GetResponse_FullMethodName:          Read,
		cmiv1.ScoringService_ListResponses_FullMethodName:        Read,
		cmiv1.ScoringService_VoidResponse_FullMethodName:         Write,
		cmiv1.ScoringService_RecomputeScores_FullMethodName:      Write,
		cmiv1.ScoringService_ListRecomputedScores_FullMethodName: Read,

		cmiv1.QuestionnaireService_GetQuestionnaire_FullMethodName:       Read,
		cmiv1.QuestionnaireService_ListQuestionnaires_FullMethodName:     Read,
		cmiv1.QuestionnaireService_LintQuestionnaire_FullMethodName:      Read,
		cmiv1.QuestionnaireService_CreateQuestionnaire_FullMethodName:    Write,
		cmiv1.QuestionnaireService_UpdateQuestionnaire_FullMethodName:    Write,
		cmiv1.QuestionnaireService_PublishQuestionnaire_FullMethodName:   Write,
		cmiv1.QuestionnaireService_ArchiveQuestionnaire_FullMethodName:   Write,
		cmiv1.QuestionnaireService_SelectQuestionnaire_FullMethodName:    Read,
		cmiv1.QuestionnaireService_CalibrateQuestionnaire_FullMethodName: Write,
		cmiv1.QuestionnaireService_ListCalibrations_FullMethodName:       Read,

		cmiv1.CustomerService_GetCustomer_FullMethodName:       Read,
		cmiv1.CustomerService_ListCustomers_FullMethodName:     Read,
		cmiv1.CustomerService_ListInteractions_FullMethodName:  Read,
		cmiv1.CustomerService_GetTrajectory_FullMethodName:     Read,
		cmiv1.CustomerService_PutCustomer_FullMethodName:       Write,
		cmiv1.CustomerService_BatchPutCustomers_FullMethodName: Write,
		cmiv1.CustomerService_DeleteCustomer_FullMethodName:    Write,
		// Who loads what customers did need not be able to change who they are.
		cmiv1.CustomerService_RecordInteractions_FullMethodName: Score,
		cmiv1.CustomerService_StreamInteractions_FullMethodName: Score,

		// So does who loads what relationships came to.
		cmiv1.OutcomeService_RecordOutcomes_FullMethodName:    Score,
		cmiv1.OutcomeService_RecordInvitations_FullMethodName: Score,
		cmiv1.OutcomeService_ListOutcomes_FullMethodName:      Read,

		cmiv1.InsightService_GetLoyaltyReport_FullMethodName: Read,
		cmiv1.InsightService_CompareLoyalty_FullMethodName:   Read,
		cmiv1.InsightService_GetLoyaltyMatrix_FullMethodName: Read,
		cmiv1.InsightService_GetIndexReport_FullMethodName:   Read,
		cmiv1.InsightService_CompareWaves_FullMethodName:     Read,
		cmiv1.InsightService_CompareChannels_FullMethodName:  Read,
		cmiv1.InsightService_GetTransitions_FullMethodName:   Read,
		cmiv1.InsightService_GetAnswerReport_FullMethodName:  Read,
		cmiv1.InsightService_AnalyzeDrivers_FullMethodName:   Read,
		cmiv1.InsightService_LinkOutcomes_FullMethodName:     Read,
		cmiv1.InsightService_ForecastRevenue_FullMethodName:  Read,
		// It makes nothing but a report, which is forgotten after a time.
		cmiv1.InsightService_RunReport_FullMethodName: Read,

		longrunningpb.Operations_GetOperation_FullMethodName:    Read,
		longrunningpb.Operations_ListOperations_FullMethodName:  Read,
		longrunningpb.Operations_WaitOperation_FullMethodName:   Read,
		longrunningpb.Operations_CancelOperation_FullMethodName: Write,
		longrunningpb.Operations_DeleteOperation_FullMethodName: Write,

		flightService + "DoExchange":    Score,
		flightService + "DoGet":         Read,
		flightService + "GetFlightInfo": Read,
		flightService + "GetSchema":     Read,
		// The rest of Flight is refused, with a sentence for who has a key.
		flightService + "Handshake":      Read,
		flightService + "ListFlights":    Read,
		flightService + "PollFlightInfo": Read,
		flightService + "DoPut":          Score,
		flightService + "DoAction":       Read,
		flightService + "ListActions":    Read,

		// Load balancers ask for health and hold no keys; what it says (serving or not) is no secret.
		healthpb.Health_Check_FullMethodName: Public,
		healthpb.Health_List_FullMethodName:  Public,
		healthpb.Health_Watch_FullMethodName: Public,

		reflectionv1.ServerReflection_ServerReflectionInfo_FullMethodName:      Read,
		reflectionv1alpha.ServerReflection_ServerReflectionInfo_FullMethodName: Read,
	}
}

// Missing answers the methods among services that have no rule, sorted. A server asks this once when it starts, and a test
// always, so that a forgotten row is found before a caller finds it.
func (r Rules) Missing(services map[string]grpc.ServiceInfo) []string {
	var out []string
	for service, info := range services {
		for _, method := range info.Methods {
			if name := "/" + service + "/" + method.Name; r[name] == 0 {
				out = append(out, name)
			}
		}
	}
	slices.Sort(out)
	return out
}

// Methods answers the methods that have a rule, sorted.
func (r Rules) Methods() []string { return slices.Sorted(maps.Keys(r)) }

// Allow answers nil when the caller may call a method that asks for want, and the refusal otherwise.
func (c Caller) Allow(want Scope) error {
	switch {
	case want == 0:
		return fault.New(cmiv1.ErrorReason_NO_ACCESS_RULE, "This method has no access rule, so nobody may call it.")
	case want == Public || c.Scopes.Has(want):
		return nil
	default:
		return fault.New(cmiv1.ErrorReason_SCOPE_MISSING, "The API key lacks the scope `%s`; it has `%s`.", want, c.Scopes)
	}
}
