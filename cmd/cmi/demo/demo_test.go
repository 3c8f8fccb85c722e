package demo

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// surveyed is what the formulas of the model give for one customer of the survey.
type surveyed struct {
	customer           string
	eci, bei, fii, cmi float64
}

// byHand computes every customer straight from the file of the survey, with nothing of the service or of the engine.
func byHand(t *testing.T) []surveyed {
	t.Helper()
	file, err := os.Open("../../../examples/airline/airline.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at := func(row []string, name string) string { return row[slices.Index(rows[0], name)] }
	percent := func(row []string, name string, least, most float64) float64 {
		x, err := strconv.ParseFloat(at(row, name), 64)
		if err != nil {
			t.Fatal(err)
		}
		return 100 * (x - least) / (most - least)
	}
	var all []surveyed
	for _, row := range rows[1:] {
		flights, err := strconv.ParseFloat(at(row, "nflights"), 64)
		if err != nil {
			t.Fatal(err)
		}
		s := surveyed{customer: at(row, "id")}
		for _, name := range []string{"com1", "com2", "com3", "reputation"} {
			s.eci += percent(row, name, 1, 7) / 4
		}
		card := map[string]float64{"Blue": 0, "Silver": 50, "Gold": 100}[at(row, "status")]
		s.bei = (100*math.Min(1, math.Log(1+flights)/math.Log(53)) + card) / 2
		for _, name := range []string{"loy1", "loy2", "loy3", "loy4", "loy5"} {
			s.fii += percent(row, name, 1, 7) / 6
		}
		s.fii += percent(row, "nps", 1, 11) / 6
		s.cmi = (s.eci + s.bei + s.fii) / 3
		all = append(all, s)
	}
	return all
}

// startDemo starts a service that ends with the test. Its clock may be nil.
func startDemo(t *testing.T, clock func() time.Time) *service {
	t.Helper()
	running, err := start(t.Context(), Options{GRPCAddress: "127.0.0.1:0", HTTPAddress: "127.0.0.1:0", Version: "test", Now: clock}, discard())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := running.stop(); err != nil {
			t.Error(err)
		}
	})
	return running
}

func TestReportAgreesWithArithmeticByHand(t *testing.T) {
	t.Parallel()
	want := byHand(t)
	report, _ := recorded(t, startDemo(t, nil), Options{}.now())

	var atRisk, growth, advocates int
	var eci, bei, fii, cmi float64
	for _, s := range want {
		switch rounded := math.Round(s.cmi*1e9) / 1e9; {
		case rounded >= 80:
			advocates++
		case rounded >= 50:
			growth++
		default:
			atRisk++
		}
		eci, bei, fii, cmi = eci+s.eci, bei+s.bei, fii+s.fii, cmi+s.cmi
	}
	n := float64(len(want))
	buckets := map[cmiv1.Bucket]int{
		cmiv1.Bucket_BUCKET_AT_RISK: atRisk, cmiv1.Bucket_BUCKET_GROWTH: growth, cmiv1.Bucket_BUCKET_ADVOCATE: advocates,
	}
	for bucket, count := range buckets {
		if report.Buckets[bucket] != count {
			t.Errorf("%s: %d customers, by hand %d", bucket, report.Buckets[bucket], count)
		}
	}
	if got := report.Statuses[cmiv1.ScoreStatus_SCORE_STATUS_SCORED]; got != len(want) {
		t.Errorf("%d scored, want all %d", got, len(want))
	}
	near(t, "mean CMI", report.MeanCMI, cmi/n)
	for i, mean := range []float64{eci / n, bei / n, fii / n} {
		near(t, report.Pillars[i].Pillar.String(), report.Pillars[i].Mean, mean)
	}

	slices.SortStableFunc(want, func(a, b surveyed) int {
		return int(math.Copysign(1, math.Round(a.cmi*1e9)-math.Round(b.cmi*1e9)))
	})
	for i, c := range report.AtRisk {
		if c.Score.GetCustomerId() != want[i].customer {
			t.Errorf("at risk %d is %s, by hand %s", i, c.Score.GetCustomerId(), want[i].customer)
		}
		near(t, want[i].customer, c.Score.Cmi, want[i].cmi)
		lacking := 0.0
		for _, f := range c.Facets {
			lacking += f.Headroom
		}
		near(t, want[i].customer+" with all headroom", &lacking, 100-want[i].cmi)
	}
	if len(report.AtRisk) != mostAtRisk {
		t.Errorf("%d at risk are named, want %d", len(report.AtRisk), mostAtRisk)
	}
}

func near(t *testing.T, what string, got *float64, want float64) {
	t.Helper()
	switch {
	case got == nil:
		t.Errorf("%s is absent, by hand %v", what, want)
	case !(math.Abs(*got-want) <= 1e-6):
		t.Errorf("%s is %v, by hand %v", what, *got, want)
	}
}

// TestRunPrintsPlainLinesThatFit looks at all that is printed, today and on another day.
func TestRunPrintsPlainLinesThatFit(t *testing.T) {
	var out, said bytes.Buffer
	t.Setenv("TMPDIR", t.TempDir())
	err := Run(t.Context(), Options{GRPCAddress: "127.0.0.1:0", HTTPAddress: "127.0.0.1:0", Exit: true, Version: "test"}, &out, &said)
	if err != nil {
		t.Fatal(err)
	}
	if said.Len() > 0 {
		t.Errorf("no terminal, and yet it said %q", said.String())
	}
	for line := range strings.Lines(out.String()) {
		if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > width {
			t.Errorf("%d characters are too wide: %s", n, line)
		}
	}
	if strings.Contains(out.String(), "\x1b") {
		t.Error("there are control sequences, and no terminal")
	}
	counts := map[string]int{}
	for _, s := range byHand(t) {
		switch rounded := math.Round(s.cmi*1e9) / 1e9; {
		case rounded >= 80:
			counts["Advocate"]++
		case rounded >= 50:
			counts["Growth Opportunity"]++
		default:
			counts["At-Risk"]++
		}
	}
	for name, count := range counts {
		if !printed(out.String(), name, fmt.Sprint(count)) {
			t.Errorf("no line has both %s and %d", name, count)
		}
	}
	saysTheSame(t, out.String(), time.Date(2028, time.February, 29, 23, 59, 59, 999_999_999, time.UTC))
	left, err := os.ReadDir(os.Getenv("TMPDIR"))
	if err != nil || len(left) > 0 {
		t.Errorf("%v is left behind (%v)", left, err)
	}
}

// saysTheSame runs the demo on another day, and compares all that it prints but for the ports.
func saysTheSame(t *testing.T, today string, another time.Time) {
	t.Helper()
	var out bytes.Buffer
	err := Run(t.Context(), Options{
		GRPCAddress: "127.0.0.1:0", HTTPAddress: "127.0.0.1:0", Exit: true, Now: func() time.Time { return another },
	}, &out, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	ports := regexp.MustCompile(`127\.0\.0\.1:\d+`)
	if says := ports.ReplaceAllString(out.String(), ""); says != ports.ReplaceAllString(today, "") {
		t.Errorf("today it says\n%s\nand on %v\n%s", today, another, says)
	}
}

// printed tells whether a line starts with a name and holds a word.
func printed(text, name, word string) bool {
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(strings.TrimSpace(line), name); ok && slices.Contains(strings.Fields(rest), word) {
			return true
		}
	}
	return false
}

func TestRunEndsWhenItIsTold(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	out := &stopper{at: "Ctrl-C ends the demo.", stop: cancel}
	err := Run(ctx, Options{GRPCAddress: "127.0.0.1:0", HTTPAddress: "127.0.0.1:0"}, out, &bytes.Buffer{})
	if err != nil {
		t.Errorf("it was told to end, and said %v", err)
	}
}

func TestRunSaysThatItWasInterrupted(t *testing.T) {
	t.Parallel()
	for _, at := range []string{"temporary folder", "simulated waves", "mean of new ones"} {
		ctx, cancel := context.WithCancel(t.Context())
		out := &stopper{at: at, stop: cancel}
		err := Run(ctx, Options{GRPCAddress: "127.0.0.1:0", HTTPAddress: "127.0.0.1:0"}, out, &bytes.Buffer{})
		if err == nil || !strings.Contains(err.Error(), "interrupted") {
			t.Errorf("interrupted at %q, it said %v", at, err)
		}
	}
}

// stopper calls stop once a text was written.
type stopper struct {
	written bytes.Buffer
	at      string
	stop    func()
}

func (s *stopper) Write(p []byte) (int, error) {
	s.written.Write(p)
	if strings.Contains(s.written.String(), s.at) {
		s.stop()
	}
	return len(p), nil
}
