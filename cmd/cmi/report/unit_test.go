package report

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// TestFiguresReadWell in every unit.
func TestFiguresReadWell(t *testing.T) {
	t.Parallel()
	with := func(v, low, high float64) figure { return figure{value: &v, low: &low, high: &high} }
	for _, c := range []struct {
		unit unit
		of   figure
		want string
	}{
		{points, with(-18.1, -22.7, -13.4), "-18.1 [-22.7, -13.4]"}, {points, bare(new(-0.04)), "0.0"}, {points, figure{}, "-"},
		{change, with(2.41, -0.01, 5), "+2.4 [0.0, +5.0]"}, {share, with(0.352, 0.31, 0.396), "35.2 % [31.0, 39.6]"},
		{shareChange, bare(new(-0.051)), "-5.1"}, {whole, counted(1234567), "1,234,567"}, {whole, counted(999), "999"}, {whole, bare(new(-1234.0)), "-1,234"},
		{ratio, bare(new(0.456)), "0.46"}, {scale, bare(new(4.0)), "4"}, {scale, bare(new(-2.5)), "-2.5"}, {scale, bare(new(0.0)), "0"}, {money, bare(new(1234.5)), "1,234.50"}, {money, bare(new(-123456.789)), "-123,456.79"},
		{change, figure{value: new(1.0), p: new(0.0001)}, "+1.0, p < 0.001"}, {change, figure{value: new(0.0), p: new(0.9996)}, "0.0, p = 1.000"},
		{points, estimatedOf(&cmiv1.Estimate{Value: new(50.0)}, 7), "50.0 (n 7)"}, {points, said("keep up"), "keep up"},
		{points, figure{value: new(50.0), low: new(40.0)}, "50.0"},
	} {
		if got := c.unit.write(c.of); got != c.want {
			t.Errorf("%+v is written %q, want %q", c.of, got, c.want)
		}
	}
}

// TestPeriodsHaveNames as people call them.
func TestPeriodsHaveNames(t *testing.T) {
	t.Parallel()
	for want, span := range map[string][2]*timestamppb.Timestamp{
		"2026-03":    {day(2026, 3, 1), day(2026, 4, 1)},
		"2026-12":    {day(2026, 12, 1), day(2027, 1, 1)},
		"2026 Q1":    {day(2026, 1, 1), day(2026, 4, 1)},
		"2026 Q4":    {day(2026, 10, 1), day(2027, 1, 1)},
		"2026-03-02": {day(2026, 3, 2), day(2026, 3, 9)},
		"2026-06-01": {day(2026, 6, 1), day(2026, 6, 2)},
		"2026-01-01": {day(2026, 1, 1), nil},
		"all time":   {nil, nil},
	} {
		if got := periodLabel(span[0], span[1]); got.shown != want || span[0] != nil && got.raw != clock(span[0]) {
			t.Errorf("it is called %+v, want %q", got, want)
		}
	}
}

// TestFormulasGetAnApostrophe, and numbers do not.
func TestFormulasGetAnApostrophe(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"=1+1": "'=1+1", "+1 and more": "'+1 and more", "-": "'-", "@SUM": "'@SUM", "\t=1": "'\t=1", "\r": "'\r", "\n=1": "'\n=1", "-5": "-5", "+5.5": "+5.5", "": "", "a=b": "a=b", "'=1": "'=1",
		"-1+1": "'-1+1", "a\xffb": "a\ufffdb",
	} {
		if got := guarded(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

// TestWordsOfEnums are those of the command line, and of the CSV.
func TestWordsOfEnums(t *testing.T) {
	t.Parallel()
	for want, got := range map[string]string{
		"face-to-face": Word(cmiv1.Channel_CHANNEL_FACE_TO_FACE), "key-weight": Word(cmiv1.Weighting_WEIGHTING_KEY_WEIGHT), "premium-paid": Word(cmiv1.OutcomeKind_OUTCOME_PREMIUM_PAID),
		"lmg": Word(cmiv1.DriverMethod_DRIVER_METHOD_LMG), "": Word(cmiv1.Bucket_BUCKET_UNSPECIFIED), "99": Word(cmiv1.Period(99)),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	for i := range cmiv1.OutcomeKind_name {
		kind := cmiv1.OutcomeKind(i)
		if got, err := ParseWord[cmiv1.OutcomeKind](Word(kind)); i != 0 && (err != nil || got != kind) {
			t.Errorf("%v is read as %v: %v", kind, got, err)
		}
	}
}

// TestAxesHaveRoundNumbers within their ends.
func TestAxesHaveRoundNumbers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		unit      unit
		low, high float64
		want      string
	}{
		{points, 41.2, 68.9, "45 50 55 60 65"}, {share, 0, 1, "0 % 20 % 40 % 60 % 80 % 100 %"}, {money, 0, 3450000, "0 1,000,000 2,000,000 3,000,000"},
		{points, -0.3, 0.3, "-0.3 -0.2 -0.1 0 0.1 0.2 0.3"}, {ratio, 1, 1, "1"}, {points, 3, 2, ""},
	} {
		var got []string
		for _, tick := range (ticks{c.unit, 6}).Ticks(c.low, c.high) {
			got = append(got, tick.Label)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("from %g to %g: %q, want %q", c.low, c.high, got, c.want)
		}
	}
}

// TestLongLabelsAreShortened to the width that there is.
func TestLongLabelsAreShortened(t *testing.T) {
	t.Parallel()
	s := style(inkText, 0)
	long := strings.Repeat("abc ", 40)
	got := shortened(s, long, 100)
	if s.Width(got) > 100 || s.Width(got) < 80 || !strings.HasSuffix(got, "…") || !strings.HasPrefix(long, strings.TrimSuffix(got, "…")) {
		t.Errorf("%q of width %v", got, s.Width(got))
	}
	if got := shortened(s, " a\n b ", 100); got != "a b" {
		t.Errorf("%q", got)
	}
	if got := shortened(s, "abc", 1); got != "a…" {
		t.Errorf("%q", got)
	}
}

// TestFormats are known by their names and by how files end.
func TestFormats(t *testing.T) {
	t.Parallel()
	for _, f := range []Format{Table, CSV, JSON, HTML} {
		if got, err := ParseFormat(string(f)); err != nil || got != f {
			t.Errorf("%s: %s, %v", f, got, err)
		}
	}
	if _, err := ParseFormat("HTML"); err == nil {
		t.Error("HTML is a format")
	}
	if got, err := FormatOf("a.b/c.HTM"); err != nil || got != HTML {
		t.Errorf("%s, %v", got, err)
	}
	if _, err := FormatOf("html"); err == nil {
		t.Error("a name without an end says its format")
	}
}
