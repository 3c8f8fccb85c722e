package server_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/customer-momentum/cmi/examples/airline"
	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server"
	"github.com/customer-momentum/cmi/server/settings"
	"github.com/customer-momentum/cmi/server/store/postgres/pgtest"
)

// whichStore names the variable that says which store the services under test keep their data in: sqlite (the default) or
// postgres.
const whichStore = "CMI_TEST_STORE"

// database is the PostgreSQL of all tests, where they ask for one.
var database *pgtest.Server

func TestMain(m *testing.M) {
	if os.Getenv(whichStore) != "postgres" {
		goleak.VerifyTestMain(m)
		return
	}
	var err error
	if database, err = pgtest.Find(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		if err := database.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = max(code, 1)
		}
		os.Exit(code)
	}))
}

// newStore answers the URL of an empty store, which lasts as long as the test.
func newStore(t testing.TB) string {
	t.Helper()
	// Asked for here again: go test remembers results by the variables that tests read, and TestMain is none of them.
	if os.Getenv(whichStore) == "postgres" {
		return database.Schema(t)
	}
	return "sqlite:" + filepath.Join(t.TempDir(), "cmi.db")
}

// now is the clock of the servers under test.
var now = time.Date(2026, 11, 2, 9, 30, 0, 0, time.UTC)

// running is the real service, served on random ports of this machine until its test ends.
type running struct {
	server.Addresses
	conn *grpc.ClientConn
	// stop ends the service in good order and answers what Serve did.
	stop func() error
}

type option func(*settings.Settings, *server.Options)

// start starts the service on a store of its own.
func start(t testing.TB, options ...option) *running {
	t.Helper()
	s := settings.Settings{
		GRPCAddress: "127.0.0.1:0", HTTPAddress: "127.0.0.1:0", Store: newStore(t),
	}
	o := server.Options{Version: "test", Now: func() time.Time { return now }}
	for _, set := range options {
		set(&s, &o)
	}
	service, err := server.New(t.Context(), s, o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- service.Serve(ctx) }()
	r := &running{Addresses: service.Addresses()}
	stopped := false
	r.stop = func() error {
		if stopped {
			return nil
		}
		stopped = true
		cancel()
		return <-served
	}
	r.conn, err = grpc.NewClient(r.GRPC, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.conn.Close(); err != nil {
			t.Error(err)
		}
		if err := r.stop(); err != nil {
			t.Errorf("the service ended with %v", err)
		}
	})
	return r
}

func (r *running) questionnaires() cmiv1.QuestionnaireServiceClient {
	return cmiv1.NewQuestionnaireServiceClient(r.conn)
}

func (r *running) scoring() cmiv1.ScoringServiceClient { return cmiv1.NewScoringServiceClient(r.conn) }

// publish creates and publishes a questionnaire.
func (r *running) publish(t testing.TB, q *cmiv1.Questionnaire) {
	t.Helper()
	if _, err := r.questionnaires().CreateQuestionnaire(t.Context(), &cmiv1.CreateQuestionnaireRequest{Questionnaire: q}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.questionnaires().PublishQuestionnaire(t.Context(), &cmiv1.PublishQuestionnaireRequest{QuestionnaireId: q.GetQuestionnaireId()}); err != nil {
		t.Fatal(err)
	}
}

// publishAirline publishes the airline's questionnaire and answers its survey.
func (r *running) publishAirline(t *testing.T) []*cmiv1.Response {
	t.Helper()
	q, err := airline.Questionnaire()
	if err != nil {
		t.Fatal(err)
	}
	responses, err := airline.Responses()
	if err != nil {
		t.Fatal(err)
	}
	r.publish(t, q)
	return responses
}

// post sends a message as JSON and reads the answer into reply; it answers the status code.
func (r *running) post(t *testing.T, client *http.Client, path string, message, reply proto.Message) int {
	t.Helper()
	body, err := protojson.Marshal(message)
	if err != nil {
		t.Fatal(err)
	}
	code, answer := r.do(t, client, http.MethodPost, path, "application/json", bytes.NewReader(body))
	if err := protojson.Unmarshal(answer, reply); err != nil {
		t.Fatalf("POST %s answered %d %s: %v", path, code, answer, err)
	}
	return code
}

// do makes one HTTP call and answers its status code and body.
func (r *running) do(t *testing.T, client *http.Client, method, path, contentType string, body io.Reader) (int, []byte) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, "http://"+r.HTTP+path, body)
	if err != nil {
		t.Fatal(err)
	}
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, answer
}

// clients are one for each version of HTTP; both end with the test.
func clients(t testing.TB) map[string]*http.Client {
	t.Helper()
	all := make(map[string]*http.Client)
	for name, http2 := range map[string]bool{"HTTP/1.1": false, "HTTP/2": true} {
		protocols := new(http.Protocols)
		protocols.SetHTTP1(!http2)
		protocols.SetUnencryptedHTTP2(http2)
		transport := &http.Transport{Protocols: protocols}
		t.Cleanup(transport.CloseIdleConnections)
		all[name] = &http.Client{Transport: transport}
	}
	return all
}

// lines joins messages as JSON lines.
func lines(t *testing.T, messages ...proto.Message) string {
	t.Helper()
	var b strings.Builder
	for _, m := range messages {
		line, err := protojson.MarshalOptions{}.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(line)
		b.WriteByte('\n')
	}
	return b.String()
}
