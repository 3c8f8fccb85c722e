package tables

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// keepFile puts bytes of CSV into a file.
func keepFile(t *testing.T, data []byte) Place {
	t.Helper()
	file := filepath.Join(t.TempDir(), "table.csv")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return Place{File: file, Format: CSV}
}

const coded = `# a survey that codes badly
responseId: nr
missing: [-99, "NA"]
notApplicable: -98
ignore: age
items:
  trust: {from: q1, minus: 1}
  visits: {from: q2, times: 2, plus: 1, missing: 0}
  card:
    from: q3
    labels: {1: Blue, 2: Gold}
  again: {labels: {ja: yes, nein: "no"}}
`

func TestMappingTranslates(t *testing.T) {
	t.Parallel()
	for name, format := range map[string]struct {
		format Format
		table  string
	}{
		"csv": {CSV, "nr,q1,q2,q3,again,age\nA1,11,4,2,ja,30\nA2,11,-99.0,NA,nein,30\nA3,6,0,-98,NA,NA\nA4,-99,4,1,ja,5\n"},
		"jsonl": {JSONLines, `{"nr": "A1", "q1": 11, "q2": 4, "q3": 2, "again": "ja", "age": 1}
{"nr": "A2", "q1": 11.0, "q2": -99, "q3": "NA", "again": "nein"}
{"nr": "A3", "q1": 6, "q2": 0, "q3": -98}
{"nr": "A4", "q1": -99, "q2": 4, "q3": 1, "again": "ja"}
`},
	} {
		job, out := smallJob(t, format.table, format.format)
		job.Strict = false
		job.Columns = []string{"eci", "bei", "fii", "error"}
		got, _, err := score(t, job, out, coded)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		lines := strings.Split(got, "\n")
		for k, want := range []string{
			"@response_id,eci,bei,fii,error",
			"A1,100,100,100,", // 11 - 1 of 10; twice 4 and 1 of 9, and Gold; yes
			"A2,100,,0,",      // nothing of BEI is answered
			"A3,50,,,",
			`A4,,,,"item ""trust"": skipping is not allowed`,
		} {
			if !strings.HasPrefix(lines[k], want) {
				t.Errorf("%s: line %d is %s, want %s", name, k+1, lines[k], want)
			}
		}
	}
}

// TestMappingOfTypedColumns holds columns of numbers and words to what the same cells of text come to.
func TestMappingOfTypedColumns(t *testing.T) {
	t.Parallel()
	s := airlineSurvey(t, 3000)
	mapping := "missing: [3, Silver]\nnotApplicable: 2\nitems:\n  nps: {minus: 1}\n  com1: {times: 0.5, plus: 3.25}\n  loy1: {labels: {4: 7}}\n  status: {labels: {Blue: Gold}}\n"
	var first []scored
	for _, format := range []Format{CSV, JSONLines, Parquet, Arrow} {
		m, err := ReadMapping("map.yaml", []byte(mapping), s.scorer)
		if err != nil {
			t.Fatal(err)
		}
		results, _ := s.run(t, &Job{In: Place{File: s.write(t, format), Format: format}, Mapping: m}, format)
		if first == nil {
			first = results
		}
		compare(t, format, results, first)
	}
	different := 0
	for row := range first {
		if first[row] != s.want(row) {
			different++
		}
	}
	if different < 1000 {
		t.Errorf("the mapping changes only %d rows", different)
	}
}

func TestMappingsThatAreRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ mapping, says string }{
		{"", "the file is empty"},
		{"items: {", "not YAML"},
		{"items:\n  trust: {minus: 1}\n  nothing: {minus: 1}\n", `map.yaml, line 3: item "nothing" is not in questionnaire "small"`},
		{"items:\n  trust: {minus: one}\n", `line 2: minus: "one" is not a number`},
		{"items:\n  trust: {minus: .inf}\n", "line 2"},
		{"items:\n  trust:\n    from: q9\n", `line 3: there is no column "q9" for item "trust"; the columns are trust, q1`},
		{"items:\n  trust: {form: q1}\n", `line 2: "form" is not a key of an item`},
		{"item:\n  trust: {from: q1}\n", `line 1: "item" is not a key of a mapping`},
		{"items: [trust]\n", "keys and values are expected here"},
		{"missing: [[1]]\n", "a text or a number is expected here"},
		{"missing: 1\nmissing: 2\n", "missing"},
		{"ignore: [q1, q7]\n", `line 1: there is no column "q7" to ignore`},
		{"customerId: who\n", `line 1: there is no column "who"`},
		{"a: &a [*a]\n", "map.yaml"},
	} {
		job, out := smallJob(t, "trust,q1\n1,2\n", CSV)
		if c.mapping == "" {
			_, err := ReadMapping("map.yaml", nil, job.Scorer)
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("the error is %v, want %q", err, c.says)
			}
			continue
		}
		_, _, err := score(t, job, out, c.mapping)
		if _, ok := errors.AsType[*MappingError](err); !ok || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q: the error is %v, want %q", c.mapping, err, c.says)
		}
	}
}

func TestWhatIsNotUsedIsSaid(t *testing.T) {
	t.Parallel()
	const table = "trust,age,shoe\n1,2,3\n"
	job, out := smallJob(t, table, CSV)
	job.Keep = []string{"shoe=size"}
	got, notes, err := score(t, job, out, "")
	if err != nil || len(notes) != 2 || !strings.Contains(notes[0], "1 column (age)") || !strings.Contains(notes[1], "5 items (visits, card, uses, again, why)") {
		t.Errorf("it says %q (%v)", notes, err)
	}
	if !strings.HasPrefix(got, "size,status,") || !strings.Contains(got, "\n3,") {
		t.Errorf("it writes %q", got)
	}
	for _, c := range []struct {
		change func(*Job)
		says   string
	}{
		{func(j *Job) { j.Strict = true }, "not used: 2 columns (age, shoe)"},
		{func(j *Job) { j.Keep = []string{"hat"} }, `there is no column "hat" to keep`},
		{func(j *Job) { j.Keep = []string{"age", "shoe=age"} }, `two columns are to be kept as "age"`},
		{func(j *Job) { j.Keep = []string{"age=cmi"} }, `column "cmi" is kept, and is one of the scores too`},
		{func(j *Job) { j.Columns = []string{"nps"} }, `"nps" is not a column`},
		{func(j *Job) { j.Long = &Long{"trust", "age", "value"} }, `there is no column "value"`},
	} {
		job, out := smallJob(t, table, CSV)
		c.change(job)
		if _, _, err := score(t, job, out, ""); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("the error is %v, want %q", err, c.says)
		}
	}
}
