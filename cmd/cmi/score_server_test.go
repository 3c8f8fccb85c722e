package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/customer-momentum/cmi/examples/airline"
	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

const airlineTable = "../../examples/airline/airline.csv"

// publishAirline publishes the questionnaire of the airline at a service.
func publishAirline(t *testing.T, address string) {
	t.Helper()
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	q, err := airline.Questionnaire()
	if err != nil {
		t.Fatal(err)
	}
	client := cmiv1.NewQuestionnaireServiceClient(conn)
	if _, err := client.CreateQuestionnaire(t.Context(), &cmiv1.CreateQuestionnaireRequest{Questionnaire: q}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.PublishQuestionnaire(t.Context(), &cmiv1.PublishQuestionnaireRequest{QuestionnaireId: q.GetQuestionnaireId()}); err != nil {
		t.Fatal(err)
	}
}

// TestScoreTableAtAService writes what is written in process, records it, and does so again.
func TestScoreTableAtAService(t *testing.T) {
	t.Parallel()
	s := serve(t)
	publishAirline(t, s.GRPC)
	folder := t.TempDir()
	in := func(name string) string { return filepath.Join(folder, name) }
	write(t, in("map.yaml"), "responseId: id\n")
	content := func(name string) string {
		data, err := os.ReadFile(in(name))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	there := func(out string, args ...string) result {
		return cmi(t, "", append([]string{"score", "-q", "airline", "--server", s.GRPC, "--map", in("map.yaml"), "--rejects", in("bad-" + out), airlineTable, in(out)}, args...)...)
	}
	r := cmi(t, "", "score", "-q", airlineQuestionnaire, "--map", in("map.yaml"), "--rejects", in("bad.csv"), airlineTable, in("here.csv"))
	r.expect(t, exitRejected) // the recommendation is stored as 1 to 11
	said := r.err
	for _, args := range [][]string{{"--dry-run"}, {}, {"--version", "1"}} {
		r = there("there.csv", args...)
		r.expect(t, exitRejected)
		if r.err != said || content("there.csv") != content("here.csv") || content("bad-there.csv") != content("bad.csv") {
			t.Errorf("%q: it is not as in process:\n%s\n%s", args, r.err, said)
		}
	}
	// The same ids with other answers are refused, and nothing else is.
	write(t, in("map.yaml"), "responseId: id\nitems: {nps: {minus: 1}}\n")
	r = there("other.csv")
	r.expect(t, exitRejected)
	says(t, r.err, "1065 rows: 23 scored", "1042 rejected", "@response_id RESPONSE_EXISTS: 1042, first in row 1\n")
	says(t, content("bad-other.csv"), "1,@response_id,A0001,")
}

// TestScoreAtAServiceSaysWhatIsWrong before anything is sent.
func TestScoreAtAServiceSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	s := serve(t)
	publishAirline(t, s.GRPC)
	folder := t.TempDir()
	out := filepath.Join(folder, "out.csv")
	at := func(args ...string) []string { return append([]string{"--server", s.GRPC, "--quiet"}, args...) }
	for _, c := range []struct {
		code int
		args []string
		says string
	}{
		{exitUsage, at("-q", airlineQuestionnaire, airlineTable, out), "is a file"},
		{exitUsage, at("-q", "-", airlineTable, out), "is a file"},
		{exitUsage, at("-q", "airline", "--version=-1", airlineTable, out), "count from 1"},
		{exitUsage, []string{"--server", s.GRPC, "-q", "airline", airlineTable}, "OUT"},
		{exitUsage, []string{"-q", airlineQuestionnaire, "--dry-run", airlineTable, out}, "--server"},
		{exitUsage, []string{"-q", airlineQuestionnaire, "--tls", airlineTable, out}, "--server"},
		{exitNo, at("-q", "airline", airlineTable, out), "responseId: COLUMN"},
		{exitNo, at("-q", "no-such", airlineTable, out), "no-such"},
		{exitNo, at("-q", "airline", "--version", "7", airlineTable, out), "7"},
		{exitNo, at("-q", "airline", "--tls", airlineTable, out), "TLS"},
		{exitNo, at("-q", "airline", "no-such.csv", out), "no-such.csv"},
		{exitNo, []string{"--server", "127.0.0.1:1", "-q", "airline", airlineTable, out}, "no service answers"},
	} {
		r := cmi(t, "", append([]string{"score"}, c.args...)...)
		r.expect(t, c.code)
		r.sentence(t, c.says)
	}
	if files, err := os.ReadDir(folder); err != nil || len(files) > 0 {
		t.Errorf("there is %v (%v)", files, err)
	}
}

// TestScoreAtAServiceThroughPipes needs no ids for a dry run.
func TestScoreAtAServiceThroughPipes(t *testing.T) {
	t.Parallel()
	s := serve(t)
	publishAirline(t, s.GRPC)
	r := cmi(t, "com1,status\n4,Gold\nx,Gold\n9,Gold\n", "score", "-q", "airline", "--server", s.GRPC, "--dry-run", "--from", "csv", "--to", "csv",
		"--columns", "bei,status,error", "--quiet", "-", "-")
	r.expect(t, exitRejected)
	if lines := strings.Split(r.out, "\n"); len(lines) != 5 || lines[1] != "100,UNSCORED," || !strings.Contains(lines[2], "is not a number") ||
		!strings.Contains(lines[3], "9 is not allowed") {
		t.Errorf("it is %q", r.out)
	}
}

// TestScoreAtAServiceWithAKey that may read questionnaires and not score: the service says so, and nothing is kept.
func TestScoreAtAServiceWithAKey(t *testing.T) {
	t.Parallel()
	r := cmi(t, "", "keys", "new", "--id", "ana.lyst", "--tenant", "acme", "--scopes", "read", "--not-after", "2099-01-01T00:00:00Z")
	r.expect(t, exitOK)
	at := strings.Index(r.out, "keys:\n")
	key := ""
	for line := range strings.Lines(r.out[:at]) {
		if word := strings.TrimSpace(line); strings.HasPrefix(word, "ana.lyst.") {
			key = word
		}
	}
	folder := t.TempDir()
	file, out := filepath.Join(folder, "settings.yaml"), filepath.Join(folder, "out.csv")
	write(t, file, r.out[at:])
	s := serve(t, "--config", file)
	args := []string{"score", "-q", "builtin-active-online", "--server", s.GRPC, "--from", "csv", "--quiet", "-", out}
	const table = "@response_id,trust\na,5\n"
	r = cmi(t, table, args...)
	r.expect(t, exitNo)
	r.sentence(t, "--key")
	r = cmi(t, table, append(args, "--key", key)...)
	r.expect(t, exitNo)
	r.sentence(t, "score", "there is no OUT")
	if _, err := os.Stat(out); err == nil {
		t.Error("there is an OUT")
	}
}
