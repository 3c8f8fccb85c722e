package report

import (
	"bytes"
	"encoding/csv"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// written is a report in all forms that are made here.
type written struct{ table, csv, html string }

func write(t *testing.T, request, response proto.Message) written {
	t.Helper()
	r, err := New(request, response)
	if err != nil {
		t.Fatal(err)
	}
	form := func(f Format) string {
		var b bytes.Buffer
		if err := r.Write(&b, f); err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		return b.String()
	}
	return written{form(Table), form(CSV), form(HTML)}
}

// replace puts other values in place of all texts or numbers of a message, however deep.
func replace(m protoreflect.Message, kind protoreflect.Kind, to func() protoreflect.Value) {
	m.Range(func(field protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case field.IsMap(): // filters alone have one
		case field.IsList():
			for i := range v.List().Len() {
				if field.Message() != nil {
					replace(v.List().Get(i).Message(), kind, to)
				} else if field.Kind() == kind {
					v.List().Set(i, to())
				}
			}
		case field.Message() != nil:
			replace(v.Message(), kind, to)
		case field.Kind() == kind && field.Name() != "by":
			m.Set(field, to())
		}
		return true
	})
}

// eachFixture runs a test for each fixture.
func eachFixture(t *testing.T, test func(t *testing.T, request, response proto.Message)) {
	t.Helper()
	for name, fixture := range fixtures() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			request, response := fixture()
			test(t, request, response)
		})
	}
}

// TestHostileTexts: whatever customers, clients and whoever names groups write, it stays text.
func TestHostileTexts(t *testing.T) {
	t.Parallel()
	for _, hostile := range []string{
		`<script>alert("1")</script>`, `"><img src=x onerror=alert(1)>`, "</title></svg></style><script>x</script>", `=HYPERLINK("http://x")`, "@SUM(A1)", "+1+1", "-1-1",
		"\x1b[31mred\x00\x07\u202etxet", "{{.Title}}", "a\xff\xfeb", "a,b\"c\nd", strings.Repeat("Donaudampfschifffahrt", 30), "\u65c5\u884c \U0001f600", "style=\"#000001\"",
	} {
		eachFixture(t, func(t *testing.T, request, response proto.Message) {
			replace(response.ProtoReflect(), protoreflect.StringKind, func() protoreflect.Value { return protoreflect.ValueOfString(hostile) })
			w := write(t, request, response)
			sound(t, w)
			if strings.Contains(w.html, hostile) && strings.ContainsAny(hostile, `<"`) {
				t.Errorf("the page has %s as it is", hostile)
			}
		})
	}
}

// sound checks what holds of all reports.
func sound(t *testing.T, w written) {
	t.Helper()
	for name, text := range map[string]string{"table": w.table, "csv": w.csv, "html": w.html} {
		if words := strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) }); slices.Contains(words, "NaN") || slices.Contains(words, "Inf") {
			t.Errorf("the %s has a number that is none", name)
		}
	}
	if i := strings.IndexFunc(w.table, func(r rune) bool { return r != '\n' && unicode.IsControl(r) || isOverride(r) }); i >= 0 {
		t.Errorf("the table has a control character: %q", w.table[i:min(len(w.table), i+20)])
	}
	checkCSV(t, w.csv)
	checkPage(t, w.html)
}

// checkCSV checks that a spreadsheet can read it, and takes nothing in it for a formula.
func checkCSV(t *testing.T, text string) {
	t.Helper()
	lines, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines {
		for _, cell := range line {
			if _, err := strconv.ParseFloat(cell, 64); err != nil && cell != "" && strings.ContainsRune("=+-@\t\r\n", rune(cell[0])) {
				t.Errorf("%q may be a formula", cell)
			}
		}
	}
}

// TestNumbersThatAreNone, and such as no axis has room for, are left out.
func TestNumbersThatAreNone(t *testing.T) {
	t.Parallel()
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64, -math.MaxFloat64, math.SmallestNonzeroFloat64, 0, -1, 1e14} {
		eachFixture(t, func(t *testing.T, request, response proto.Message) {
			replace(response.ProtoReflect(), protoreflect.DoubleKind, func() protoreflect.Value { return protoreflect.ValueOfFloat64(v) })
			sound(t, write(t, request, response))
		})
	}
}

// TestMixedNumbers: some figures of a report can be said and others not.
func TestMixedNumbers(t *testing.T) {
	t.Parallel()
	eachFixture(t, func(t *testing.T, request, response proto.Message) {
		turn := 0
		replace(response.ProtoReflect(), protoreflect.DoubleKind, func() protoreflect.Value {
			turn++
			return protoreflect.ValueOfFloat64([]float64{0.5, math.NaN(), 1e300, 0.7, math.Inf(-1), -40}[turn%6])
		})
		sound(t, write(t, request, response))
	})
}

// without takes all messages of a name out of a message, however deep.
func without(m protoreflect.Message, name protoreflect.Name) {
	m.Range(func(field protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case field.Message() == nil || field.IsMap():
		case field.IsList():
			for i := range v.List().Len() {
				without(v.List().Get(i).Message(), name)
			}
		case field.Message().Name() == name:
			m.Clear(field)
		default:
			without(v.Message(), name)
		}
		return true
	})
}

// TestWhatCannotBeSaid is a dash for people and nothing in CSV.
func TestWhatCannotBeSaid(t *testing.T) {
	t.Parallel()
	for _, gone := range []protoreflect.Name{"Estimate", "Difference", "Cell", "NetPromoter", "MixSplit", "DriverAnalysis", "Timestamp"} {
		eachFixture(t, func(t *testing.T, request, response proto.Message) {
			without(response.ProtoReflect(), gone)
			sound(t, write(t, request, response))
		})
	}
}

// TestHostileQuestions: what was asked for is shown too.
func TestHostileQuestions(t *testing.T) {
	t.Parallel()
	const hostile = "</title><script>x</script>\x1b[2J"
	_, response := indexFixture()
	for _, g := range response.(*cmiv1.GetIndexReportResponse).GetGroups() {
		for _, v := range g.GetCell().GetGroup() {
			v.By = "=1+" + hostile
		}
	}
	w := write(t, &cmiv1.GetIndexReportRequest{
		GroupBy: []string{hostile}, Filter: &cmiv1.ReportFilter{Segments: map[string]string{hostile: hostile}, AccountId: hostile},
	}, response)
	sound(t, w)
	if !strings.Contains(w.csv, "'=1+") || !strings.Contains(w.table, "</title><script>x</script>[2J") {
		t.Errorf("what was asked for is not there:\n%s\n%s", w.table, w.csv)
	}
}
