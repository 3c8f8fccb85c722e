package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cloud.google.com/go/longrunning/autogen/longrunningpb"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// TestReportForms writes the form that is asked for, or that the name of the file says.
func TestReportForms(t *testing.T) {
	t.Parallel()
	address := always(smallIndex(), nil).serve(t)
	folder := t.TempDir()
	for _, c := range []struct{ file, format, begins string }{
		{"", "", "Customer Momentum Index\n"}, {"-", "csv", "report,"}, {"", "html", "<!DOCTYPE html>"}, {"", "json", "{\n  \""},
		{"a.csv", "", "report,"}, {"b.HTML", "", "<!DOCTYPE html>"}, {"c.json", "", "{\n  \""}, {"d.txt", "", "Customer Momentum Index\n"},
		{"e.csv", "html", "<!DOCTYPE html>"}, {"f", "table", "Customer Momentum Index\n"},
	} {
		args := []string{"report", "index", "--server", address}
		if c.format != "" {
			args = append(args, "--format", c.format)
		}
		file := c.file
		if file != "" && file != "-" {
			file = filepath.Join(folder, file)
		}
		if file != "" {
			args = append(args, "--out", file)
		}
		r := within(t.Context(), args...)
		r.expect(t, exitOK)
		text := r.out
		if file != c.file {
			data, err := os.ReadFile(file)
			if err != nil || r.out != "" {
				t.Fatalf("%v; it prints %q", err, r.out)
			}
			text = string(data)
		}
		if !strings.HasPrefix(text, c.begins) {
			t.Errorf("%+v begins with %.60q", c, text)
		}
	}
	answer := &cmiv1.GetIndexReportResponse{}
	data, err := os.ReadFile(filepath.Join(folder, "c.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := protojson.Unmarshal(data, answer); err != nil || !proto.Equal(answer, smallIndex()) {
		t.Errorf("%v: the JSON is not the answer: %s", err, data)
	}
}

// names are the files of a folder.
func names(t *testing.T, folder string) string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return strings.Join(all, " ")
}

// TestReportFileIsWhole or is as it was before.
func TestReportFileIsWhole(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file := filepath.Join(folder, "r.csv")
	if err := os.WriteFile(file, []byte("before"), 0o600); err != nil {
		t.Fatal(err)
	}
	refusing := always(nil, status.Error(codes.InvalidArgument, "The filter is too narrow.")).serve(t)
	r := within(t.Context(), "report", "index", "--server", refusing, "--out", file)
	r.expect(t, exitNo)
	r.sentence(t, "The filter is too narrow.")
	broken := errors.New("the disk is full")
	err := writeWhole(file, func(w io.Writer) error {
		if _, err := io.WriteString(w, "half"); err != nil {
			t.Error(err)
		}
		return broken
	})
	if !errors.Is(err, broken) {
		t.Errorf("it says %v", err)
	}
	if data, err := os.ReadFile(file); err != nil || string(data) != "before" || names(t, folder) != "r.csv" {
		t.Errorf("%v: %q among %s", err, data, names(t, folder))
	}
	within(t.Context(), "report", "index", "--server", always(smallIndex(), nil).serve(t), "--out", file).expect(t, exitOK)
	about, err := os.Stat(file)
	if err != nil || about.Mode().Perm() != 0o644 || names(t, folder) != "r.csv" {
		t.Errorf("%v: %v among %s", err, about.Mode(), names(t, folder))
	}
	r = within(t.Context(), "report", "index", "--server", always(smallIndex(), nil).serve(t), "--out", filepath.Join(folder, "none", "r.csv"))
	r.expect(t, exitNo)
	r.sentence(t, "none", "cannot be written")
	within(t.Context(), "report", "index", "--server", always(smallIndex(), nil).serve(t), "--out", os.DevNull, "--format", "csv").expect(t, exitOK)
	if about, err := os.Stat(os.DevNull); err != nil || about.Mode().IsRegular() {
		t.Errorf("the device is gone: %v", err)
	}
}

// pagedMatrix has 2,500 customers to list.
func pagedMatrix(t *testing.T) *fakeInsight {
	const all = 2500
	return &fakeInsight{answer: func(_ context.Context, asked proto.Message) (proto.Message, error) {
		request := asked.(*cmiv1.GetLoyaltyMatrixRequest)
		from := len(request.GetPageToken()) // a page token as long as what came before
		answer := &cmiv1.GetLoyaltyMatrixResponse{}
		if from == 0 {
			answer.SatisfactionItems = []string{"s"}
		}
		to := min(all, from+int(request.GetPageSize()))
		if request.GetPageSize() < 1 || request.GetPageSize() > 1000 {
			t.Errorf("a page of %d", request.GetPageSize())
		}
		for range to - from {
			answer.Customers = append(answer.Customers, &cmiv1.PlacedCustomer{CustomerId: "c"})
		}
		if to < all {
			answer.NextPageToken = strings.Repeat("x", to)
		}
		return answer, nil
	}}
}

// TestReportListsPages, all of them or as many as are wanted.
func TestReportListsPages(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		limit       string
		want, calls int
		more        bool
	}{{"0", 2500, 3, false}, {"1200", 1200, 2, true}, {"2500", 2500, 3, false}, {"9999", 2500, 3, false}} {
		f := pagedMatrix(t)
		r := within(t.Context(), "report", "matrix", "--list", "hostage", "--limit", c.limit, "--format", "json", "--server", f.serve(t))
		r.expect(t, exitOK)
		answer := &cmiv1.GetLoyaltyMatrixResponse{}
		if err := protojson.Unmarshal([]byte(r.out), answer); err != nil {
			t.Fatal(err)
		}
		if got := len(answer.GetCustomers()); got != c.want || len(f.asked()) != c.calls || (answer.GetNextPageToken() != "") != c.more {
			t.Errorf("--limit %s lists %d by %d calls, want %d by %d", c.limit, got, len(f.asked()), c.want, c.calls)
		}
		if len(answer.GetSatisfactionItems()) != 1 {
			t.Error("the first page is not the report")
		}
	}
}

// TestReportListsTexts as far as they are wanted.
func TestReportListsTexts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		limit       string
		want, calls int
	}{{"0", 0, 1}, {"5", 5, 3}} {
		f := &fakeInsight{answer: func(_ context.Context, asked proto.Message) (proto.Message, error) {
			answer := &cmiv1.GetAnswerReportResponse{NextPageToken: "more"}
			for range min(2, asked.(*cmiv1.GetAnswerReportRequest).GetPageSize()) { // a service may list fewer
				answer.Texts = append(answer.Texts, &cmiv1.TextAnswer{Text: "said"})
			}
			return answer, nil
		}}
		r := within(t.Context(), "report", "answers", "why", "--limit", c.limit, "--server", f.serve(t))
		r.expect(t, exitOK)
		if got := strings.Count(r.out, "    said\n"); got != c.want || len(f.asked()) != c.calls {
			t.Errorf("--limit %s lists %d by %d calls:\n%s", c.limit, got, len(f.asked()), r.out)
		}
	}
}

// byOperation answers operations: running at first, then as they ended.
func byOperation(t *testing.T, started proto.Message, end *longrunningpb.Operation) *fakeInsight {
	t.Helper()
	return &fakeInsight{answer: func(_ context.Context, asked proto.Message) (proto.Message, error) {
		if _, waits := asked.(*longrunningpb.WaitOperationRequest); waits {
			return end, nil
		}
		return started, nil
	}}
}

// TestReportAsOperation runs every report as an operation, and lays out what it came to.
func TestReportAsOperation(t *testing.T) {
	t.Parallel()
	op := packed(t, &cmiv1.OperationMetadata{}, false)
	for _, c := range flagCases() {
		if c.name == "matrix" { // its list goes with no operation
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := byOperation(t, op, ended(t, c.answer))
			r := within(t.Context(), append(append([]string{"report"}, c.args...), "--operation", "operations/x", "--server", f.serve(t))...)
			r.expect(t, exitOK)
			if r.err != "Operation x: report "+c.args[0]+"\n" || r.out == "" {
				t.Errorf("stderr has %q, stdout %q", r.err, r.out)
			}
			ran, ok := f.asked()[0].(*cmiv1.RunReportRequest)
			if !ok || ran.GetOperationId() != "x" {
				t.Fatalf("it asks %v", f.asked()[0])
			}
			field := ran.ProtoReflect().WhichOneof(ran.ProtoReflect().Descriptor().Oneofs().ByName("report"))
			got := ran.ProtoReflect().Get(field).Message().Interface()
			want := proto.Clone(c.want)
			if listed, ok := want.(*cmiv1.GetAnswerReportRequest); ok {
				listed.PageSize = 0
			}
			if !proto.Equal(got, want) {
				t.Errorf("it runs\n%v\nwant\n%v", got, want)
			}
		})
	}
}

// TestDriversThatTakeLonger are followed to their end.
func TestDriversThatTakeLonger(t *testing.T) {
	t.Parallel()
	started := &cmiv1.AnalyzeDriversResponse{Result: &cmiv1.AnalyzeDriversResponse_Operation{Operation: packed(t, &cmiv1.OperationMetadata{}, false)}}
	found := &cmiv1.AnalyzeDriversResponse{Result: &cmiv1.AnalyzeDriversResponse_Analysis{Analysis: &cmiv1.DriverAnalysis{N: 123456, RSquared: &cmiv1.Estimate{Value: new(0.25)}}}}
	f := byOperation(t, started, ended(t, found))
	r := within(t.Context(), "report", "drivers", "--target", "cmi", "--predictor", "s1", "--server", f.serve(t))
	r.expect(t, exitOK)
	says(t, r.out, "123,456", "25.0 %")
	if r.err != "Operation x: report drivers\n" {
		t.Errorf("stderr has %q", r.err)
	}
}

// TestReportOperationsThatFail say why, and write nothing.
func TestReportOperationsThatFail(t *testing.T) {
	t.Parallel()
	op := packed(t, &cmiv1.OperationMetadata{State: cmiv1.OperationState_OPERATION_STATE_FAILED}, true)
	op.Result = &longrunningpb.Operation_Error{Error: &spb.Status{Code: int32(codes.FailedPrecondition), Message: "Too many groups."}}
	file := filepath.Join(t.TempDir(), "r.html")
	r := within(t.Context(), "report", "index", "--operation", "x", "--server", byOperation(t, op, op).serve(t), "--out", file)
	r.expect(t, exitNo)
	says(t, r.err, `operation "x" failed: Too many groups`)
	if _, err := os.Stat(file); !os.IsNotExist(err) {
		t.Errorf("there is a file: %v", err)
	}
	// An operation of another kind has another result.
	other := ended(t, &cmiv1.RecomputeScoresResponse{})
	r = within(t.Context(), "report", "index", "--operation", "x", "--server", byOperation(t, other, other).serve(t))
	r.expect(t, exitNo)
	says(t, r.err, "RecomputeScoresResponse is not the answer to a report")
}

// TestInterruptedReportSaysHowToGoOn: the operation is left alone.
func TestInterruptedReportSaysHowToGoOn(t *testing.T) {
	t.Parallel()
	ctx, interrupt := context.WithCancel(t.Context())
	op := packed(t, &cmiv1.OperationMetadata{}, false)
	f := &fakeInsight{answer: func(ctx context.Context, asked proto.Message) (proto.Message, error) {
		if _, waits := asked.(*longrunningpb.WaitOperationRequest); !waits {
			return op, nil
		}
		interrupt()
		<-ctx.Done()
		return nil, ctx.Err()
	}}
	address := f.serve(t)
	r := within(ctx, "report", "index", "--operation", "x", "--server", address)
	r.expect(t, exitNo)
	want := "Operation x: report index\ncmi: interrupted; operation x goes on: the same command with --operation x shows its result, or end it with " +
		"\"cmi operations cancel x --server " + address + "\"\n"
	if r.err != want || r.out != "" {
		t.Errorf("it says %q and prints %q; want %q", r.err, r.out, want)
	}
}

// TestReportHelpIsWorthReading: every report says what it is, and has examples that its own flags understand.
func TestReportHelpIsWorthReading(t *testing.T) {
	t.Parallel()
	for _, c := range flagCases() {
		r := cmi(t, "", "report", c.args[0], "--help")
		r.expect(t, exitOK)
		says(t, r.out, "    cmi report "+c.args[0], "--format", "--out", "--operation", "--as-of", "--questionnaire")
	}
}
