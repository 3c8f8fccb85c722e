package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/customer-momentum/cmi/cmd/cmi/tables"
)

const airlineQuestionnaire = "../../examples/airline/questionnaire.yaml"

func TestScoreTable(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	in := func(name string) string { return filepath.Join(folder, name) }
	write(t, in("map.yaml"), "items: {nps: {minus: 1}}\n")
	csv := "../../examples/airline/airline.csv"
	r := cmi(t, "", "score", "-q", airlineQuestionnaire, "--map", in("map.yaml"), "--keep", "id", csv, in("scores.parquet"))
	r.expect(t, exitOK)
	says(t, r.err, "not used: 58 columns", "1065 rows: 1065 scored", "Advocate 12, Growth Opportunity 545, At-Risk 508")
	if r.out != "" {
		t.Errorf("stdout has %q", r.out)
	}
	// Without the mapping those who would recommend most answered 11 of 10.
	r = cmi(t, "", "score", "-q", airlineQuestionnaire, "--rejects", in("bad.csv"), "--summary", "json", csv, in("scores.jsonl"))
	r.expect(t, exitRejected)
	_, text, _ := strings.Cut(r.err, "\n")
	var summary tables.Summary
	if err := json.Unmarshal([]byte(text), &summary); err != nil {
		t.Fatalf("%v: %s", err, r.err)
	}
	if summary.Rows != 1065 || summary.Rejected != 23 || summary.Reasons[0] != (tables.Reason{Item: "nps", Kind: "not allowed", Count: 23, First: 17}) {
		t.Errorf("the summary is %+v", summary)
	}
	bad, err := os.ReadFile(in("bad.csv"))
	if err != nil {
		t.Fatal(err)
	}
	says(t, string(bad), "row,item,value,reason\n17,nps,11,\"item \"\"nps\"\": 11 is not allowed")
}

func TestScoreTableThroughPipes(t *testing.T) {
	t.Parallel()
	const table = "id;com1;status\n1;4;Gold\n2;x;Gold\n"
	r := cmi(t, table, "score", "-q", airlineQuestionnaire, "--from", "csv", "--to", "csv", "--delimiter", ";", "--keep", "id", "--columns", "eci,bei,status",
		"--quiet", "-", "-")
	r.expect(t, exitRejected)
	if want := "id;eci;bei;status\n1;;100;UNSCORED\n2;;;\n"; r.out != want || r.err != "" {
		t.Errorf("it is %q and %q, want %q", r.out, r.err, want)
	}
	parquet := cmi(t, table, "score", "-q", airlineQuestionnaire, "--from", "csv", "--to", "parquet", "--delimiter", ";", "--keep", "com1,status=card", "--columns", "bei", "-", "-")
	r = cmi(t, parquet.out, "score", "-q", airlineQuestionnaire, "--from", "parquet", "--to", "jsonl", "--columns", "bei,error", "-", "-")
	r.expect(t, exitRejected)
	says(t, r.out, `{"bei":null,"error":null}`+"\n"+`{"bei":null,"error":"item \"com1\": \"x\" is not a number"}`)
	r = cmi(t, "who,what,said\na,status,Gold\na,com1,7\nb,status,Blue\n", "score", "-q", airlineQuestionnaire, "--from", "csv", "--to", "jsonl",
		"--long", "who,what,said", "--columns", "bei", "--quiet", "-", "-")
	r.expect(t, exitOK)
	if want := "{\"@response_id\":\"a\",\"bei\":100}\n{\"@response_id\":\"b\",\"bei\":0}\n"; r.out != want {
		t.Errorf("it is %q, want %q", r.out, want)
	}
}

func TestScoreTableSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	bad, empty := filepath.Join(folder, "bad.csv"), filepath.Join(folder, "bad.yaml")
	write(t, bad, "com1,com2\n1,2\n\"3\n")
	write(t, empty, "items: {nothing: {minus: 1}}\n")
	for _, c := range []struct {
		code int
		args []string
		says string
	}{
		{exitUsage, []string{"in.csv", "out.xlsx"}, "out.xlsx"},
		{exitUsage, []string{"-", "out.csv"}, "--from"},
		{exitUsage, []string{"in.csv", "-"}, "--to"},
		{exitUsage, []string{"in.csv", "--quiet"}, "OUT"},
		{exitUsage, []string{"in.csv", "out.csv", "--explain"}, "--explain"},
		{exitUsage, []string{"in.csv", "out.csv", "--from", "xml"}, "xml"},
		{exitUsage, []string{"in.csv", "out.csv", "--long", "a,b"}, "three columns"},
		{exitUsage, []string{"in.csv", "out.csv", "--delimiter", "::"}, "::"},
		{exitUsage, []string{"in.csv", "out.csv", "--rejects", "bad"}, "bad"},
		{exitNo, []string{"no-such.csv", "out.csv"}, "no-such.csv"},
		{exitNo, []string{bad, filepath.Join(folder, "out.csv"), "--quiet"}, "line 3: a quote is opened here"},
		{exitNo, []string{bad, filepath.Join(folder, "no", "out.csv"), "--quiet"}, "out.csv"},
		{exitNo, []string{bad, "out.csv", "--map", empty}, "line 1: item \"nothing\""},
		{exitNo, []string{bad, "out.csv", "--map", "no-such.yaml"}, "no-such.yaml"},
	} {
		r := cmi(t, "", append([]string{"score", "-q", airlineQuestionnaire}, c.args...)...)
		r.expect(t, c.code)
		r.sentence(t, c.says)
	}
}

func TestScoreBarSaysHowFarItIs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		p    tables.Progress
		took time.Duration
		want string
	}{
		{tables.Progress{Rows: 1000, Done: 25, Total: 100}, 2 * time.Second, "1000 rows, 500 a second, 6s left"},
		{tables.Progress{Rows: 1000, Done: 25}, 2 * time.Second, "1000 rows, 500 a second"},
		{tables.Progress{Rows: 1}, 0, "1 row"},
	} {
		if got := scorePace(c.p, c.took); got != c.want {
			t.Errorf("%+v after %s: %q, want %q", c.p, c.took, got, c.want)
		}
	}
	var to bytes.Buffer
	bar := scoreBar{drawBar(&to, lineWidth, "Scoring", ""), time.Now()}
	bar.reach(tables.Progress{Rows: 1000, Done: 25, Total: 100})
	bar.end()
	says(t, to.String(), "Scoring", "1000 rows")
	to.Reset()
	quiet := newScoreBar(&to)
	quiet.reach(tables.Progress{Rows: 1})
	quiet.end()
	if to.Len() > 0 {
		t.Errorf("it writes %q", to.String())
	}
}
