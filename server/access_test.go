package server_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	_ "google.golang.org/grpc/reflection/grpc_reflection_v1alpha" // for its descriptor
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server"
	"github.com/customer-momentum/cmi/server/access"
	"github.com/customer-momentum/cmi/server/errs"
	"github.com/customer-momentum/cmi/server/settings"
	"github.com/customer-momentum/cmi/server/telemetry"
)

// keys are the plain keys of a server, by tenant and scopes.
type keys map[string]string

// withKeys makes a key of every tenant for every combination of scopes that the tests need. They are known by names like
// "acme score,read".
func withKeys(t *testing.T) (keys, option) {
	t.Helper()
	plain, kept := keys{}, settings.Keys{}
	for _, tenant := range []string{"acme", "globex"} {
		for _, scopes := range []string{"score", "read", "write", "score,read", "score,write", "read,write", "admin"} {
			key, sum, err := access.NewKey(fmt.Sprintf("%s.%s", tenant, strings.ReplaceAll(scopes, ",", "-")))
			if err != nil {
				t.Fatal(err)
			}
			plain[tenant+" "+scopes] = key
			kept = append(kept, access.Key{
				ID: key[:strings.LastIndexByte(key, '.')], SHA256: sum, Tenant: tenant, Scopes: strings.Split(scopes, ","),
			})
		}
	}
	return plain, func(s *settings.Settings, _ *server.Options) { s.Keys = kept }
}

// without answers a key of acme that has all scopes but the given one.
func (k keys) without(scope access.Scope) string {
	return k["acme "+map[access.Scope]string{access.Score: "read,write", access.Read: "score,write", access.Write: "score,read"}[scope]]
}

// with answers a key of acme that has the given scope alone.
func (k keys) with(scope access.Scope) string {
	return k["acme "+scope.String()]
}

// as carries a key in a call.
func as(ctx context.Context, key string) context.Context {
	if key == "" {
		return ctx
	}
	return metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+key)
}

// procedure is one method of the server, and the way to it over HTTP, if there is one.
type procedure struct {
	name         string
	descriptor   protoreflect.MethodDescriptor
	method, path string
}

// procedures are all methods that the server serves, by their descriptors.
func procedures(t *testing.T) []procedure {
	t.Helper()
	var all []procedure
	for _, file := range []string{"cmi/v1/questionnaire_service.proto", "cmi/v1/scoring_service.proto",
		"cmi/v1/customer_service.proto", "google/longrunning/operations.proto",
		"grpc/reflection/v1/reflection.proto", "grpc/reflection/v1alpha/reflection.proto"} {
		descriptor, err := protoregistry.GlobalFiles.FindFileByPath(file)
		if err != nil {
			t.Fatal(err)
		}
		for i := range descriptor.Services().Len() {
			service := descriptor.Services().Get(i)
			for j := range service.Methods().Len() {
				m := service.Methods().Get(j)
				p := procedure{name: fmt.Sprintf("/%s/%s", service.FullName(), m.Name()), descriptor: m}
				switch rule, _ := proto.GetExtension(m.Options(), annotations.E_Http).(*annotations.HttpRule); {
				case rule != nil:
					p.method, p.path = pathOf(t, rule)
				case m.Name() == "WaitOperation": // the contract of others leaves it to us
					p.method, p.path = http.MethodPost, "/v1/operations/some-id:wait"
				}
				all = append(all, p)
			}
		}
	}
	return all
}

// pathOf answers where a method is reached over HTTP, an id in the place of every variable.
func pathOf(t *testing.T, rule *annotations.HttpRule) (method, path string) {
	t.Helper()
	for method, path := range map[string]string{
		http.MethodGet: rule.GetGet(), http.MethodPost: rule.GetPost(), http.MethodPatch: rule.GetPatch(),
		http.MethodPut: rule.GetPut(), http.MethodDelete: rule.GetDelete(),
	} {
		if path == "" {
			continue
		}
		for before, rest, variable := strings.Cut(path, "{"); variable; before, rest, variable = strings.Cut(path, "{") {
			variable, after, _ := strings.Cut(rest, "}")
			_, pattern, _ := strings.Cut(variable, "=")
			if pattern == "" {
				pattern = "*"
			}
			path = before + strings.NewReplacer("**", "some-id", "*", "some-id").Replace(pattern) + after
		}
		return method, path
	}
	t.Fatalf("a binding without a path: %v", rule)
	return "", ""
}

// call makes a call with an empty message, unary or stream, and answers how it ended.
func (p procedure) call(ctx context.Context, conn *grpc.ClientConn) error {
	in, out := emptyOf(p.descriptor.Input()), emptyOf(p.descriptor.Output())
	if !p.descriptor.IsStreamingClient() && !p.descriptor.IsStreamingServer() {
		return conn.Invoke(ctx, p.name, in, out)
	}
	stream, err := conn.NewStream(ctx, &grpc.StreamDesc{ClientStreams: true, ServerStreams: true}, p.name)
	if err != nil {
		return err
	}
	if err := stream.SendMsg(in); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if err := stream.CloseSend(); err != nil {
		return err
	}
	for {
		if err := stream.RecvMsg(out); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

func emptyOf(d protoreflect.MessageDescriptor) proto.Message {
	kind, err := protoregistry.GlobalTypes.FindMessageByName(d.FullName())
	if err != nil {
		panic(err) // the generated code of every method is linked in
	}
	return kind.New().Interface()
}

// over makes the same call over HTTP.
func (p procedure) over(t *testing.T, r *running, client *http.Client, key string) (int, *status.Status) {
	t.Helper()
	var body io.Reader
	kind := ""
	if p.method != http.MethodGet && p.method != http.MethodDelete {
		body, kind = strings.NewReader("{}"), "application/json"
		if p.descriptor.IsStreamingClient() {
			kind = "application/x-ndjson"
		}
	}
	request, err := http.NewRequestWithContext(t.Context(), p.method, "http://"+r.HTTP+p.path, body)
	if err != nil {
		t.Fatal(err)
	}
	if kind != "" {
		request.Header.Set("Content-Type", kind)
	}
	if key != "" {
		request.Header.Set("Authorization", "Bearer "+key)
	}
	answer, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	if answer.StatusCode == http.StatusOK {
		return answer.StatusCode, nil
	}
	return answer.StatusCode, statusIn(t, text)
}

// byAccess tells whether a call was refused for want of access.
func byAccess(st *status.Status) bool {
	switch errs.Reason(st) {
	case cmiv1.ErrorReason_KEY_MISSING, cmiv1.ErrorReason_KEY_INVALID, cmiv1.ErrorReason_SCOPE_MISSING, cmiv1.ErrorReason_NO_ACCESS_RULE:
		return true
	default:
		return st.Code() == codes.Unauthenticated || st.Code() == codes.PermissionDenied
	}
}

// Every method, by gRPC and over HTTP, asks for a key of the right scope, and for nothing more.
func TestEveryMethodAsksForItsKey(t *testing.T) {
	t.Parallel()
	plain, option := withKeys(t)
	r := start(t, option)
	all, rules := procedures(t), access.Table()
	http1 := clients(t)["HTTP/1.1"]
	var routes int
	for _, p := range all {
		scope := rules[p.name]
		good := plain.with(scope)
		for _, c := range []struct {
			name, key string
			code      codes.Code
			http      int
			reason    cmiv1.ErrorReason
		}{
			{"no key", "", codes.Unauthenticated, 401, cmiv1.ErrorReason_KEY_MISSING},
			{"a wrong secret", good[:len(good)-1] + "_", codes.Unauthenticated, 401, cmiv1.ErrorReason_KEY_INVALID},
			{"an unknown id", "nobody" + good[strings.LastIndexByte(good, '.'):], codes.Unauthenticated, 401, cmiv1.ErrorReason_KEY_INVALID},
			{"another tenant's id", "globex" + good[len("acme"):], codes.Unauthenticated, 401, cmiv1.ErrorReason_KEY_INVALID},
			{"every other scope", plain.without(scope), codes.PermissionDenied, 403, cmiv1.ErrorReason_SCOPE_MISSING},
		} {
			st := status.Convert(p.call(as(t.Context(), c.key), r.conn))
			if st.Code() != c.code || errs.Reason(st) != c.reason {
				t.Errorf("%s with %s: %v", p.name, c.name, st)
			}
			if p.path == "" {
				continue
			}
			code, st := p.over(t, r, http1, c.key)
			if code != c.http || st.Code() != c.code || errs.Reason(st) != c.reason {
				t.Errorf("%s %s with %s: %d %v", p.method, p.path, c.name, code, st)
			}
		}
		for _, key := range []string{good, plain["acme admin"]} {
			if st := status.Convert(p.call(as(t.Context(), key), r.conn)); byAccess(st) {
				t.Errorf("%s with the right key: %v", p.name, st)
			}
			if p.path == "" {
				continue
			}
			if code, st := p.over(t, r, http1, key); byAccess(st) {
				t.Errorf("%s %s with the right key: %d %v", p.method, p.path, code, st)
			}
		}
		if p.path != "" {
			routes++
		}
	}
	t.Logf("%d methods and %d routes", len(all), routes)
	if routes < 30 {
		t.Error("there are fewer routes than the contract has")
	}
}

// A method that the server does not have is refused, with a key and without.
func TestUnknownMethodsAreRefused(t *testing.T) {
	t.Parallel()
	plain, option := withKeys(t)
	r := start(t, option)
	for _, name := range []string{"/cmi.v1.ScoringService/DropEverything", "/cmi.v1.AdminService/DropEverything", "/x/y"} {
		for _, key := range []string{"", plain["acme admin"]} {
			err := r.conn.Invoke(as(t.Context(), key), name, &cmiv1.GetScoreRequest{}, &cmiv1.GetScoreResponse{})
			if st := status.Convert(err); st.Code() != codes.Unimplemented || errs.Reason(st) != cmiv1.ErrorReason_UNKNOWN_METHOD {
				t.Errorf("%s: %v", name, st)
			}
		}
	}
}

// Health is public, for whoever balances the load, and so are the probes.
func TestHealthIsPublic(t *testing.T) {
	t.Parallel()
	_, option := withKeys(t)
	r := start(t, option)
	watch, err := healthpb.NewHealthClient(r.conn).Watch(t.Context(), &healthpb.HealthCheckRequest{})
	if err != nil {
		t.Fatal(err)
	}
	awaitHealth(t, watch, healthpb.HealthCheckResponse_SERVING)
	if _, err := healthpb.NewHealthClient(r.conn).Check(t.Context(), &healthpb.HealthCheckRequest{Service: "cmi.v1.ScoringService"}); err != nil {
		t.Error(err)
	}
	for _, path := range []string{"/healthz", "/readyz"} {
		if code, body := r.do(t, clients(t)["HTTP/1.1"], http.MethodGet, path, "", nil); code != http.StatusOK {
			t.Errorf("%s: %d %s", path, code, body)
		}
	}
}

// Without keys the service stays on this machine, unless it is told otherwise in so many words.
func TestWithoutKeysTheServiceStaysAtHome(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ grpc, http string }{{"0.0.0.0:0", "127.0.0.1:0"}, {"127.0.0.1:0", "0.0.0.0:0"}, {"[::]:0", "127.0.0.1:0"}, {":0", ":0"}} {
		s := settings.Settings{GRPCAddress: c.grpc, HTTPAddress: c.http, Store: newStore(t)}
		_, err := server.New(t.Context(), s, server.Options{})
		if err == nil {
			t.Fatalf("%v: it starts", c)
		}
		for _, want := range []string{"cmi keys new", "127.0.0.1", "--trust-network"} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%v: %q does not name %s", c, err, want)
			}
		}
	}
	trusting := start(t, func(s *settings.Settings, _ *server.Options) {
		s.GRPCAddress, s.HTTPAddress, s.TrustNetwork = "0.0.0.0:0", "0.0.0.0:0", true
	})
	if _, err := trusting.questionnaires().ListQuestionnaires(t.Context(), &cmiv1.ListQuestionnairesRequest{}); err != nil {
		t.Error(err)
	}
	_, keyed := withKeys(t)
	start(t, keyed, func(s *settings.Settings, _ *server.Options) { s.GRPCAddress, s.HTTPAddress = "0.0.0.0:0", "0.0.0.0:0" })
}

// Two tenants with the same ids never meet, whatever they ask.
func TestTenantsNeverMeet(t *testing.T) {
	t.Parallel()
	plain, keyed := withKeys(t)
	r := start(t, keyed, ticking)
	acme, globex := as(t.Context(), plain["acme admin"]), as(t.Context(), plain["globex admin"])
	quiz, scoring := r.questionnaires(), r.scoring()

	// The same questionnaire and response ids, other contents.
	for tenant, ctx := range map[string]context.Context{"acme": acme, "globex": globex} {
		if _, err := quiz.CreateQuestionnaire(ctx, &cmiv1.CreateQuestionnaireRequest{Questionnaire: whyQuestionnaire(tenant)}); err != nil {
			t.Fatal(tenant, err)
		}
		if _, err := quiz.PublishQuestionnaire(ctx, &cmiv1.PublishQuestionnaireRequest{QuestionnaireId: "why"}); err != nil {
			t.Fatal(tenant, err)
		}
	}
	same := why("same", "c-1", 3, "the very same words")
	scoreOf := map[string]*cmiv1.Score{}
	for tenant, ctx := range map[string]context.Context{"acme": acme, "globex": globex} {
		for _, response := range []*cmiv1.Response{same, why("other", "c-"+tenant, 7, tenant+" says")} {
			got, err := scoring.ScoreCustomer(ctx, &cmiv1.ScoreCustomerRequest{QuestionnaireId: "why", Response: response})
			if err != nil {
				t.Fatal(tenant, err)
			}
			if response == same {
				scoreOf[tenant] = got.GetScore()
			}
		}
	}
	came := cmiv1.NewOutcomeServiceClient(r.conn)
	for tenant, ctx := range map[string]context.Context{"acme": acme, "globex": globex} {
		outcome := &cmiv1.Outcome{OutcomeId: "same", CustomerId: "c-" + tenant, Kind: cmiv1.OutcomeKind_OUTCOME_CHURNED, OccurredAt: timestamppb.Now()}
		got, err := came.RecordOutcomes(ctx, &cmiv1.RecordOutcomesRequest{Outcomes: []*cmiv1.Outcome{outcome}})
		if err != nil || got.GetResults()[0].GetReplayed() || got.GetResults()[0].GetError() != nil {
			t.Fatalf("%s: %v, %v", tenant, got, err)
		}
		invited := &cmiv1.Invitations{
			QuestionnaireId: "why", Channel: cmiv1.Channel_CHANNEL_ONLINE, From: timestamppb.New(time.Unix(0, 0)), To: timestamppb.New(time.Unix(9, 0)), Count: 9,
		}
		if got, err := came.RecordInvitations(ctx, &cmiv1.RecordInvitationsRequest{Invitations: []*cmiv1.Invitations{invited}}); err != nil || got.GetChanged() != 1 {
			t.Fatalf("%s: %v, %v", tenant, got, err)
		}
	}
	if a, g := scoreOf["acme"], scoreOf["globex"]; a.GetScoredAt().AsTime().Equal(g.GetScoredAt().AsTime()) {
		t.Error("the second tenant was answered the record of the first")
	}
	// A stream of the one does not replay what the other recorded.
	third := as(t.Context(), plain["globex score"])
	if _, err := scoring.ScoreCustomer(acme, &cmiv1.ScoreCustomerRequest{QuestionnaireId: "why", Response: why("streamed", "c-2", 5, "x")}); err != nil {
		t.Fatal(err)
	}
	stream, err := scoring.StreamScores(third)
	if err != nil {
		t.Fatal(err)
	}
	start := config(false)
	start.GetConfig().QuestionnaireId = "why"
	for _, m := range []*cmiv1.StreamScoresRequest{start, chunk(0, why("streamed", "c-2", 6, "y"), same)} {
		if err := stream.Send(m); err != nil {
			t.Fatal(err)
		}
	}
	if err := stream.CloseSend(); err != nil {
		t.Fatal(err)
	}
	for {
		answer, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, result := range answer.GetChunk().GetResults() {
			if result.GetScore() == nil {
				t.Errorf("an id that the other tenant used is refused: %v", result)
			}
		}
		if summary := answer.GetSummary(); summary != nil && summary.GetReplayed() != 1 {
			t.Errorf("%d replayed, want the one that this tenant recorded itself", summary.GetReplayed())
		}
	}
	checkTenant(acme, t, r, "acme", "globex")
	checkTenant(globex, t, r, "globex", "acme")

	// What the one voids, changes or archives stays as it is for the other.
	if _, err := scoring.VoidResponse(acme, &cmiv1.VoidResponseRequest{ResponseId: "same", Reason: "a mistake"}); err != nil {
		t.Fatal(err)
	}
	if _, err := quiz.UpdateQuestionnaire(acme, &cmiv1.UpdateQuestionnaireRequest{
		Questionnaire: &cmiv1.Questionnaire{QuestionnaireId: "why", Title: "changed"}, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"title"}},
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := quiz.ArchiveQuestionnaire(acme, &cmiv1.ArchiveQuestionnaireRequest{QuestionnaireId: "why"}); err != nil {
		t.Fatal(err)
	}
	checkTenant(globex, t, r, "globex", "acme")

	// A third tenant has nothing at all: not even the names of what the others have.
	if _, err := quiz.CreateQuestionnaire(acme, &cmiv1.CreateQuestionnaireRequest{Questionnaire: onlyOf("acme")}); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"get":     second(quiz.GetQuestionnaire(globex, &cmiv1.GetQuestionnaireRequest{QuestionnaireId: "only-acme", Version: 1})),
		"update":  second(quiz.UpdateQuestionnaire(globex, &cmiv1.UpdateQuestionnaireRequest{Questionnaire: onlyOf("acme"), UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"title"}}})),
		"publish": second(quiz.PublishQuestionnaire(globex, &cmiv1.PublishQuestionnaireRequest{QuestionnaireId: "only-acme"})),
		"archive": second(quiz.ArchiveQuestionnaire(globex, &cmiv1.ArchiveQuestionnaireRequest{QuestionnaireId: "only-acme"})),
		"lint":    second(quiz.LintQuestionnaire(globex, &cmiv1.LintQuestionnaireRequest{Source: &cmiv1.LintQuestionnaireRequest_Stored{Stored: &cmiv1.QuestionnaireRef{QuestionnaireId: "only-acme", Version: 1}}})),
		"copy": second(quiz.CreateQuestionnaire(globex, &cmiv1.CreateQuestionnaireRequest{
			Questionnaire: &cmiv1.Questionnaire{QuestionnaireId: "mine"}, CopyFrom: &cmiv1.QuestionnaireRef{QuestionnaireId: "only-acme", Version: 1},
		})),
		"score": second(scoring.ScoreCustomer(globex, &cmiv1.ScoreCustomerRequest{QuestionnaireId: "only-acme", Version: 1, DryRun: true, Response: same})),
		"batch": second(scoring.BatchScoreCustomers(globex, &cmiv1.BatchScoreCustomersRequest{QuestionnaireId: "only-acme", Version: 1, DryRun: true, Responses: []*cmiv1.Response{same}})),
	} {
		if status.Code(err) != codes.NotFound {
			t.Errorf("%s of another tenant's questionnaire: %v", name, err)
		}
	}
}

// second keeps the error of a call.
func second[T any](_ T, err error) error { return err }

// whyQuestionnaire is a questionnaire with a text, titled by its tenant.
func whyQuestionnaire(tenant string) *cmiv1.Questionnaire {
	item := func(id string, pillar cmiv1.Pillar) *cmiv1.Item {
		return &cmiv1.Item{ItemId: id, Prompt: id, Pillar: pillar, Scale: &cmiv1.Item_Rating{Rating: &cmiv1.Rating{Max: 10}}}
	}
	return &cmiv1.Questionnaire{QuestionnaireId: "why", Title: tenant, Items: []*cmiv1.Item{
		item("e", cmiv1.Pillar_PILLAR_ECI), item("b", cmiv1.Pillar_PILLAR_BEI), item("f", cmiv1.Pillar_PILLAR_FII),
		{ItemId: "why", Prompt: "Why?", Scale: &cmiv1.Item_Text{Text: &cmiv1.Text{}}},
	}}
}

func onlyOf(tenant string) *cmiv1.Questionnaire {
	q := whyQuestionnaire(tenant)
	q.QuestionnaireId = "only-" + tenant
	return q
}

// why is a response to whyQuestionnaire.
func why(id, customer string, points float64, text string) *cmiv1.Response {
	number := func(item string) *cmiv1.Answer {
		return &cmiv1.Answer{ItemId: item, Value: &cmiv1.Answer_Number{Number: points}}
	}
	return &cmiv1.Response{ResponseId: id, CustomerId: customer, Answers: []*cmiv1.Answer{
		number("e"), number("b"), number("f"), {ItemId: "why", Value: &cmiv1.Answer_Text{Text: text}},
	}}
}

// checkTenant checks that all that a tenant reads is its own.
func checkTenant(ctx context.Context, t *testing.T, r *running, me, stranger string) {
	t.Helper()
	quiz, scoring := r.questionnaires(), r.scoring()
	read := func(what string, m proto.Message, err error) {
		t.Helper()
		if err != nil {
			t.Errorf("%s %s: %v", me, what, err)
			return
		}
		text := fmt.Sprint(m)
		if strings.Contains(text, stranger) || strings.Contains(text, "changed") || strings.Contains(text, "mistake") {
			t.Errorf("%s %s reads what is %s's: %s", me, what, stranger, text)
		}
	}
	got, err := quiz.GetQuestionnaire(ctx, &cmiv1.GetQuestionnaireRequest{QuestionnaireId: "why"})
	read("GetQuestionnaire", got, err)
	if got.GetQuestionnaire().GetTitle() != me || got.GetQuestionnaire().GetState() != cmiv1.State_STATE_PUBLISHED {
		t.Errorf("the questionnaire of %s is %v", me, got)
	}
	list, err := quiz.ListQuestionnaires(ctx, &cmiv1.ListQuestionnairesRequest{AllVersions: true, ExcludeBuiltin: true})
	read("ListQuestionnaires", list, err)
	if len(list.GetQuestionnaires()) != 1 {
		t.Errorf("%s has %d questionnaires", me, len(list.GetQuestionnaires()))
	}
	for _, id := range []string{"same", "other"} {
		score, err := scoring.GetScore(ctx, &cmiv1.GetScoreRequest{ResponseId: id})
		read("GetScore", score, err)
		if score.GetScore().GetVoid() != nil {
			t.Errorf("%s finds a response voided that it did not void", me)
		}
		explained, err := scoring.ExplainScore(ctx, &cmiv1.ExplainScoreRequest{ResponseId: id})
		read("ExplainScore", explained, err)
		response, err := scoring.GetResponse(ctx, &cmiv1.GetResponseRequest{ResponseId: id})
		read("GetResponse", response, err)
	}
	scores, err := scoring.ListScores(ctx, &cmiv1.ListScoresRequest{IncludeVoid: true})
	read("ListScores", scores, err)
	responses, err := scoring.ListResponses(ctx, &cmiv1.ListResponsesRequest{IncludeVoid: true})
	read("ListResponses", responses, err)
	if len(scores.GetScores()) != 3 || len(responses.GetResponses()) != 3 {
		t.Errorf("%s lists %d scores and %d responses, want 3", me, len(scores.GetScores()), len(responses.GetResponses()))
	}
	outcomes, err := cmiv1.NewOutcomeServiceClient(r.conn).ListOutcomes(ctx, &cmiv1.ListOutcomesRequest{})
	read("ListOutcomes", outcomes, err)
	if len(outcomes.GetOutcomes()) != 1 {
		t.Errorf("%s lists %d outcomes, want 1", me, len(outcomes.GetOutcomes()))
	}
	checkReports(ctx, t, r, read)
	strangers, err := scoring.ListScores(ctx, &cmiv1.ListScoresRequest{CustomerId: "c-" + stranger})
	if err != nil || len(strangers.GetScores()) != 0 {
		t.Errorf("%s finds scores of a customer of %s: %v %v", me, stranger, strangers, err)
	}
}

// logged is a log that can be searched while it is written.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// lines answers what was written so far.
func (l *logged) lines() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// Neither keys nor what customers said, nor who they are, is ever in the log, however fine it is set and whatever is refused.
func TestTheLogKeepsSecrets(t *testing.T) {
	t.Parallel()
	plain, keyed := withKeys(t)
	log := &logged{}
	to, err := telemetry.NewLogger(log, slog.LevelDebug, "json")
	if err != nil {
		t.Fatal(err)
	}
	r := start(t, keyed, func(s *settings.Settings, o *server.Options) { s.LogCalls, o.Logger = true, to })
	admin := plain["acme admin"]
	ctx := as(t.Context(), admin)
	if _, err := r.questionnaires().CreateQuestionnaire(ctx, &cmiv1.CreateQuestionnaireRequest{Questionnaire: whyQuestionnaire("acme")}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.questionnaires().PublishQuestionnaire(ctx, &cmiv1.PublishQuestionnaireRequest{QuestionnaireId: "why"}); err != nil {
		t.Fatal(err)
	}
	const id, customer, text, points = "RESPONSE-4711", "CUSTOMER-0815", "because-of-LUMBAGO", 98765.4321
	wrong := why(id, customer, points, text) // the points are refused, and the refusal quotes them
	twice := why(id, customer, 2, text+"-otherwise")
	odd := why("not an id RESPONSE-4711", "not an id CUSTOMER-0815", 2, text)
	odd.Answers[3].ItemId = "LUMBAGO-item"
	for _, response := range []*cmiv1.Response{why(id, customer, 5, text), wrong, twice, odd, why(id, customer, 5, text)} {
		request := &cmiv1.ScoreCustomerRequest{QuestionnaireId: "why", Response: response}
		_, _ = r.scoring().ScoreCustomer(ctx, request) // refusals are what this is about
		_, _ = r.scoring().BatchScoreCustomers(ctx, &cmiv1.BatchScoreCustomersRequest{QuestionnaireId: "why", Responses: []*cmiv1.Response{response}})
		for _, client := range clients(t) {
			for _, body := range []string{strings.TrimSpace(lines(t, request)), `{"response":{"customerId":"CUSTOMER-0815","LUMBAGO":1}}`, `{"response":{"answers":[{"number":"LUMBAGO"}]}}`} {
				r.call(t, client, "/v1/scores", "application/json", admin, body)
			}
			r.call(t, client, "/v1/scores:stream", "application/x-ndjson", admin,
				`{"config":{"questionnaireId":"why"}}`+"\n"+lines(t, chunk(0, response))+`{"chunk":{"sequence":1,"LUMBAGO":"x"}}`+"\n")
			for _, path := range []string{"/v1/scores/" + id, "/v1/scores/" + id + ":explain", "/v1/responses/" + id, "/v1/scores?customerId=" + customer,
				"/v1/scores?pageToken=" + customer, "/v1/scores?LUMBAGO=" + id, "/v1/scores/RESPONSE-4711-none", "/v1/customers/" + customer, "/v1/scores/RESPONSE-4711:LUMBAGO"} {
				r.call(t, client, path, "", admin, "")
			}
			r.call(t, client, "/v1/responses/"+id+":void", "application/json", admin, `{"reason":"LUMBAGO"}`)
		}
	}
	for name, key := range plain {
		_, _ = r.scoring().GetScore(as(t.Context(), key), &cmiv1.GetScoreRequest{ResponseId: id})
		_, _ = r.scoring().GetScore(as(t.Context(), key+"x"), &cmiv1.GetScoreRequest{ResponseId: id})
		_, _ = r.scoring().GetScore(metadata.AppendToOutgoingContext(t.Context(), "x-api-key", key, "authorization", "Basic "+key), &cmiv1.GetScoreRequest{ResponseId: id})
		r.call(t, clients(t)["HTTP/1.1"], "/v1/scores/"+id, "", key+name, "")
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(log.lines(), "ScoreCustomer") || !strings.Contains(log.lines(), "INVALID_RESPONSE") {
		t.Fatal("the log does not hold the calls: the test tried nothing")
	}
	secrets := []string{id, customer, "LUMBAGO", "98765", "Bearer", "Basic ", "uthorization"}
	for _, key := range plain {
		secrets = append(secrets, key[strings.LastIndexByte(key, '.')+1:])
	}
	told := map[string]string{}
	for line := range strings.Lines(log.lines()) {
		for _, secret := range secrets {
			if strings.Contains(line, secret) {
				told[secret] = line
			}
		}
	}
	for secret, line := range told {
		t.Errorf("%s is in the log: %.600s", secret, line)
	}
}

// call makes a call over HTTP whose outcome does not matter; without a body it is a GET.
func (r *running) call(t *testing.T, client *http.Client, path, kind, key, body string) {
	t.Helper()
	method := http.MethodGet
	var in io.Reader
	if body != "" {
		method, in = http.MethodPost, strings.NewReader(body)
	}
	request, err := http.NewRequestWithContext(t.Context(), method, "http://"+r.HTTP+path, in)
	if err != nil {
		t.Fatal(err)
	}
	if kind != "" {
		request.Header.Set("Content-Type", kind)
	}
	request.Header.Set("Authorization", "Bearer "+strings.ReplaceAll(key, " ", "-"))
	answer, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		t.Fatal(err)
	}
}
