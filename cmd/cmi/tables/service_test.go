package tables

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/ipc"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server"
	"github.com/customer-momentum/cmi/server/columnar/columnartest"
	"github.com/customer-momentum/cmi/server/settings"
)

// serve starts the real service with a questionnaire published, and answers its address and a connection to it.
func (s *survey) serve(t *testing.T) (string, *grpc.ClientConn) {
	t.Helper()
	service, err := server.New(t.Context(), settings.Settings{
		GRPCAddress: "127.0.0.1:0", HTTPAddress: "127.0.0.1:0", Store: "sqlite:" + filepath.Join(t.TempDir(), "cmi.db"),
	}, server.Options{Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- service.Serve(ctx) }()
	address := service.Addresses().GRPC
	conn := connect(t, address)
	t.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			t.Errorf("the service ended with %v", err)
		}
	})
	questionnaires := cmiv1.NewQuestionnaireServiceClient(conn)
	if _, err := questionnaires.CreateQuestionnaire(t.Context(), &cmiv1.CreateQuestionnaireRequest{Questionnaire: s.q}); err != nil {
		t.Fatal(err)
	}
	published, err := questionnaires.PublishQuestionnaire(t.Context(), &cmiv1.PublishQuestionnaireRequest{QuestionnaireId: s.q.GetQuestionnaireId()})
	if err != nil {
		t.Fatal(err)
	}
	s.q = published.GetQuestionnaire()
	return address, conn
}

func connect(t *testing.T, address string) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// through runs a table through a service, or where it is nil in process, and answers OUT and the rejects as CSV.
func (s *survey) through(t *testing.T, in Place, service *Service) (out, rejects string) {
	t.Helper()
	folder := t.TempDir()
	job := &Job{
		Questionnaire: s.q, Scorer: s.scorer, Service: service, In: in, Out: Place{File: filepath.Join(folder, "out"), Format: CSV},
		Rejects: &Place{File: filepath.Join(folder, "rejects"), Format: CSV},
	}
	if _, err := job.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	return read(t, job.Out.File), read(t, job.Rejects.File)
}

func read(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// recorded answers the ids on record, each as often as it is there.
func recorded(t *testing.T, conn *grpc.ClientConn) map[string]int {
	t.Helper()
	kept, request := map[string]int{}, &cmiv1.ListScoresRequest{PageSize: 1000}
	for {
		page, err := cmiv1.NewScoringServiceClient(conn).ListScores(t.Context(), request)
		if err != nil {
			t.Fatal(err)
		}
		for _, score := range page.GetScores() {
			kept[score.GetResponseId()]++
		}
		if request.PageToken = page.GetNextPageToken(); request.PageToken == "" {
			return kept
		}
	}
}

// TestServiceScoresAsThisProcessDoes: what the service answers, and what is rejected, is what this process writes, byte for byte,
// from every format, recorded or not, and a second time from the record.
func TestServiceScoresAsThisProcessDoes(t *testing.T) {
	t.Parallel()
	s := airlineSurvey(t, 1000)
	_, conn := s.serve(t)
	want, wantRejects := s.through(t, Place{File: s.write(t, CSV), Format: CSV}, nil)
	for k, format := range []Format{CSV, Parquet, Arrow, ArrowFile, JSONLines, CSV} {
		in := Place{File: s.write(t, format), Format: format}
		got, rejects := s.through(t, in, &Service{Conn: conn, DryRun: k < 3})
		if got != want || rejects != wantRejects {
			t.Errorf("%s: OUT is as it should be: %t, the rejects: %t", format, got == want, rejects == wantRejects)
		}
		if kept := recorded(t, conn); k < 3 && len(kept) > 0 || k >= 3 && len(kept) != strings.Count(want, "SCORED,")+strings.Count(want, "PARTIAL") {
			t.Errorf("%s: %d responses are on record", format, len(kept))
		}
	}
}

// TestServiceTakesEveryKindOfColumn: lists among them, cut out of larger batches, with rows that are not sent in between.
func TestServiceTakesEveryKindOfColumn(t *testing.T) {
	t.Parallel()
	job, _ := smallJob(t, "", Arrow)
	s := &survey{q: job.Questionnaire, scorer: job.Scorer}
	_, conn := s.serve(t)
	var lines strings.Builder
	for row := range 20_000 {
		id := strconv.Itoa(row)
		lines.WriteString(`{"@response_id":"` + id + `","@submitted_at":"2026-10-0` + strconv.Itoa(1+row%9) + `","trust":` + strconv.Itoa(row%12) +
			`,"visits":` + []string{"3", `"many"`, "null", "7", "1", "0", "2"}[row%7] + `,"card":"` + []string{"Blue", "Gold", "Tin"}[row%97%3] +
			`","uses":` + []string{`["a","b"]`, `[]`, `["c"]`, "null"}[row%4] + `,"again":` + []string{"true", "false", "null"}[row%3] + `,"why":"` + strings.Repeat("w", row%40) + "\"}\n")
	}
	in := func() Place { return Place{From: strings.NewReader(lines.String()), Format: JSONLines} }
	want, wantRejects := s.through(t, in(), nil)
	got, rejects := s.through(t, in(), &Service{Conn: conn, DryRun: true})
	if got != want || rejects != wantRejects {
		t.Errorf("lines: OUT is as it should be: %t, the rejects: %t", got == want, rejects == wantRejects)
	}
	table := columnartest.Plain(s.q)
	var responses []*cmiv1.Response
	for row := range 20_000 {
		r := &cmiv1.Response{ResponseId: strconv.Itoa(row)}
		r.Answers = append(r.Answers, &cmiv1.Answer{ItemId: "trust", Value: &cmiv1.Answer_Number{Number: float64(row % 12)}},
			&cmiv1.Answer{ItemId: "uses", Value: &cmiv1.Answer_Choices{Choices: &cmiv1.Choices{Values: []string{"a", "b", "c"}[:row%4]}}})
		responses = append(responses, r)
	}
	var data bytes.Buffer
	w := ipc.NewWriter(&data, ipc.WithSchema(table.Schema))
	if err := w.Write(table.Batch(responses, 0)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	in = func() Place { return Place{From: bytes.NewReader(data.Bytes()), Format: Arrow} }
	want, wantRejects = s.through(t, in(), nil)
	got, rejects = s.through(t, in(), &Service{Conn: conn, DryRun: true})
	if got != want || rejects != wantRejects {
		t.Errorf("columns: OUT is as it should be: %t, the rejects: %t", got == want, rejects == wantRejects)
	}
}

// TestServiceIsNotAskedForNothing: tables without rows, and those none of whose rows can be sent.
func TestServiceIsNotAskedForNothing(t *testing.T) {
	t.Parallel()
	s := airlineSurvey(t, 1)
	_, conn := s.serve(t)
	for table, rows := range map[string]int{"@response_id,com1\n": 0, "@response_id,com1\na,x\nb,y\n": 2} {
		out, rejects := s.through(t, Place{From: strings.NewReader(table), Format: CSV}, &Service{Conn: conn})
		if strings.Count(out, "\n") != 1+rows || strings.Count(rejects, "\n") != 1+rows {
			t.Errorf("%q: %q %q", table, out, rejects)
		}
	}
	if kept := recorded(t, conn); len(kept) > 0 {
		t.Errorf("%v is on record", kept)
	}
}

// inBatches writes the table as an Arrow stream of small batches.
func (s *survey) inBatches(t *testing.T, rows int) string {
	t.Helper()
	schema := s.schema(Arrow)
	batch := s.batch(t, schema)
	var data bytes.Buffer
	w := ipc.NewWriter(&data, ipc.WithSchema(schema))
	for from := 0; from < len(s.rows); from += rows {
		if err := w.Write(batch.NewSlice(int64(from), int64(min(from+rows, len(s.rows))))); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "in.arrows")
	if err := os.WriteFile(file, data.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// onRecord checks that every row of OUT that was not refused is on record once, and no other.
func onRecord(t *testing.T, conn *grpc.ClientConn, out string) {
	t.Helper()
	kept, rows := recorded(t, conn), 0
	for line := range strings.Lines(out) {
		cells := strings.SplitN(strings.TrimSpace(line), ",", 3)
		if cells[0] == "@response_id" || cells[1] == "" {
			continue
		}
		if rows++; kept[cells[0]] != 1 {
			t.Errorf("%s is on record %d times", cells[0], kept[cells[0]])
		}
	}
	if len(kept) != rows || rows == 0 {
		t.Errorf("%d responses are on record, of %d", len(kept), rows)
	}
}

// flaky hands connections on to a service, and cuts some of them off once so many bytes were answered over them.
type flaky struct {
	after, most int
	mutex       sync.Mutex
	cuts        int
}

func (f *flaky) listen(t *testing.T, to string) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			all.Go(func() { f.carry(t, client, to) })
		}
	})
	t.Cleanup(func() { _ = listener.Close(); all.Wait() })
	return listener.Addr().String()
}

func (f *flaky) carry(t *testing.T, client net.Conn, to string) {
	defer client.Close()
	service, err := new(net.Dialer).DialContext(t.Context(), "tcp", to)
	if err != nil {
		return
	}
	defer service.Close()
	asked := make(chan struct{})
	go func() {
		defer close(asked)
		_, _ = io.Copy(service, client)
		_ = service.Close()
	}()
	f.mutex.Lock()
	cut := f.cuts < f.most
	f.mutex.Unlock()
	if !cut {
		_, _ = io.Copy(client, service)
	} else if n, _ := io.CopyN(client, service, int64(f.after)); n == int64(f.after) {
		f.mutex.Lock()
		f.cuts++
		f.mutex.Unlock()
	}
	_ = client.Close()
	<-asked
}

// TestConnectionsCutOff ten times in one run: OUT is what it would have been, and each response is on record once.
func TestConnectionsCutOff(t *testing.T) {
	t.Parallel()
	s := airlineSurvey(t, 1500)
	address, conn := s.serve(t)
	in := Place{File: s.inBatches(t, 30), Format: Arrow}
	want, wantRejects := s.through(t, in, nil)
	way := &flaky{after: 5_000, most: 10}
	got, rejects := s.through(t, in, &Service{Conn: connect(t, way.listen(t, address))})
	if way.cuts != 10 {
		t.Errorf("%d connections were cut off: the test tries too little", way.cuts)
	}
	if got != want || rejects != wantRejects {
		t.Errorf("OUT is as it should be: %t, the rejects: %t", got == want, rejects == wantRejects)
	}
	onRecord(t, conn, got)
}

// TestRunsCutOff ten times, each further on, and then run to the end: OUT is whole, and each response is on record once.
func TestRunsCutOff(t *testing.T) {
	t.Parallel()
	s := airlineSurvey(t, 1500)
	_, conn := s.serve(t)
	in := Place{File: s.inBatches(t, 30), Format: Arrow}
	for cut := range 10 {
		ctx, interrupt := context.WithCancel(t.Context())
		job := &Job{Questionnaire: s.q, Scorer: s.scorer, Service: &Service{Conn: conn}, In: in, Out: Place{File: filepath.Join(t.TempDir(), "out"), Format: CSV}}
		job.Progress = func(p Progress) {
			if p.Rows > int64(100*cut) {
				interrupt()
			}
		}
		_, err := job.Run(ctx)
		interrupt()
		if err == nil || !strings.Contains(err.Error(), "records none twice") {
			t.Errorf("the error is %v", err)
		}
		if files, _ := os.ReadDir(filepath.Dir(job.Out.File)); len(files) > 0 {
			t.Errorf("there is %v", files)
		}
	}
	if kept := recorded(t, conn); len(kept) == 0 {
		t.Error("nothing was recorded by the runs that were cut off: the test tries nothing")
	}
	want, wantRejects := s.through(t, in, nil)
	got, rejects := s.through(t, in, &Service{Conn: conn})
	if got != want || rejects != wantRejects {
		t.Errorf("OUT is as it should be: %t, the rejects: %t", got == want, rejects == wantRejects)
	}
	onRecord(t, conn, got)
}

// TestServiceThatStaysAway is given up, and nothing is kept.
func TestServiceThatStaysAway(t *testing.T) {
	t.Parallel()
	s := airlineSurvey(t, 10)
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	_ = listener.Close()
	var notes []string
	job := &Job{
		Questionnaire: s.q, Scorer: s.scorer, Service: &Service{Conn: connect(t, address), Patience: 1}, In: Place{File: s.write(t, CSV), Format: CSV},
		Out: Place{File: filepath.Join(t.TempDir(), "out"), Format: CSV}, Note: func(text string) { notes = append(notes, text) },
	}
	if _, err := job.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "Unavailable") {
		t.Errorf("the error is %v", err)
	}
	if slices.ContainsFunc(notes, func(n string) bool { return strings.Contains(n, "went away") }) {
		t.Errorf("it says %q, and gives up", notes)
	}
}

// TestLargeBatchesAreSentApart: what would be more than the service takes in a message becomes several.
func TestLargeBatchesAreSentApart(t *testing.T) {
	t.Parallel()
	job, _ := smallJob(t, "", CSV)
	s := &survey{q: job.Questionnaire, scorer: job.Scorer}
	_, conn := s.serve(t)
	table := columnartest.Plain(s.q)
	said := &cmiv1.Answer{ItemId: "why", Value: &cmiv1.Answer_Text{Text: strings.Repeat("w", 1200)}}
	var responses []*cmiv1.Response
	for row := range batchRows {
		trust := &cmiv1.Answer{ItemId: "trust", Value: &cmiv1.Answer_Number{Number: float64(row % 11)}}
		responses = append(responses, &cmiv1.Response{ResponseId: strconv.Itoa(row), Answers: []*cmiv1.Answer{trust, said}})
	}
	var data bytes.Buffer
	w := ipc.NewWriter(&data, ipc.WithSchema(table.Schema))
	if err := errors.Join(w.Write(table.Batch(responses, 0)), w.Close()); err != nil {
		t.Fatal(err)
	}
	in := func() Place { return Place{From: bytes.NewReader(data.Bytes()), Format: Arrow} }
	want, _ := s.through(t, in(), nil)
	if got, _ := s.through(t, in(), &Service{Conn: conn, DryRun: true}); got != want {
		t.Error("OUT is not as it should be")
	}
}
