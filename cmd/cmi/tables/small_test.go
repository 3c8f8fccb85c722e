package tables

import (
	"bytes"
	"strings"
	"testing"

	"github.com/customer-momentum/cmi/scoring"
	"github.com/customer-momentum/cmi/server/questionnaire"
)

// small is a questionnaire with an item of every kind.
const small = `questionnaireId: small
series: small
title: Small
channels: [CHANNEL_ONLINE]
items:
  - {itemId: trust, prompt: How much?, pillar: PILLAR_ECI, required: true, rating: {min: 0, max: 10, step: 1}}
  - {itemId: visits, prompt: How often?, pillar: PILLAR_BEI, count: {saturation: 9}}
  - {itemId: card, prompt: Which?, pillar: PILLAR_BEI, choice: {options: [{value: Blue, points: 0}, {value: Gold, points: 100}]}}
  - {itemId: uses, prompt: Which?, pillar: PILLAR_BEI, multipleChoice: {options: [{value: a}, {value: b}, {value: c}], target: 2}}
  - {itemId: again, prompt: Again?, pillar: PILLAR_FII, yesNo: {}}
  - {itemId: why, prompt: Why?, text: {}}
`

func smallJob(t testing.TB, table string, format Format) (*Job, *bytes.Buffer) {
	t.Helper()
	q, err := questionnaire.Read("small.yaml", []byte(small))
	if err != nil {
		t.Fatal(err)
	}
	scorer, err := scoring.Compile(q)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	return &Job{
		Questionnaire: q, Scorer: scorer, In: Place{From: strings.NewReader(table), Format: format}, Out: Place{To: &out, Format: CSV},
	}, &out
}

// score runs a small table, and answers what comes out and what is said.
func score(t *testing.T, job *Job, out *bytes.Buffer, mapping string) (text string, notes []string, err error) {
	t.Helper()
	if mapping != "" {
		if job.Mapping, err = ReadMapping("map.yaml", []byte(mapping), job.Scorer); err != nil {
			return "", nil, err
		}
	}
	job.Note = func(text string) { notes = append(notes, text) }
	_, err = job.Run(t.Context())
	return out.String(), notes, err
}

func TestFormsOfText(t *testing.T) {
	t.Parallel()
	// trust 8: ECI 80. visits 9: 100, card Gold: 100, uses a and b: 100, so BEI 100. again: FII 100.
	const full = "SCORED,80,100,100,\n"
	for _, c := range []struct{ name, format, table, want string }{
		{"plain", "csv", "trust,visits,card,uses,again,why\n8,9,Gold,a;b,yes,so\n", full},
		{"line ends of Windows, a mark at the start, no line end at the end", "csv",
			"\uFEFFtrust,visits,card,uses,again,why\r\n8,9,Gold,a;b,1,so", full},
		{"quotes", "csv", "\"trust\",visits,\"card\",uses,again,why\n\"8\",9,\"Gold\",\"a;b\",TRUE,\"he said \"\"so\"\",\n\nand went\"\n", full},
		{"empty lines", "csv", "trust,visits,card,uses,again,why\n\n8,9,Gold,a;b,y,\n\n\n", full},
		{"spaces and decimals", "csv", "trust,visits,card,uses,again,why\n 8.0 ,9,Gold,a; b,t,\n", full},
		{"other ways to write a number", "csv", "trust,visits,card,uses,again,why\n0.8e1,+9,Gold,a;b,yes,\n", full},
		{"objects", "jsonl", `{"trust": 8, "visits": 9.0, "card": "Gold", "uses": ["a", "b"], "again": true, "why": "\u0073o \"then\""}`, full},
		{"objects with more in them", "jsonl", "\n" + `{"x": [{"y": "}"}], "trust":"8","visits":9,"card":"\u0047old","uses":"a;b","again":1, "z": {}}` + "\n\n", full},
		{"one column", "csv", "trust\n\n8\n", "missing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			job, out := smallJob(t, c.table, Format(c.format))
			job.Columns = []string{"status", "eci", "bei", "fii", "error"}
			got, _, err := score(t, job, out, "")
			if err != nil {
				t.Fatal(err)
			}
			if c.want == "missing" {
				// An empty line is a row here, in which the required item is skipped.
				if strings.Count(got, "\n") != 3 || !strings.Contains(got, "skipping is not allowed") {
					t.Errorf("it is %q", got)
				}
				return
			}
			if _, rows, _ := strings.Cut(got, "\n"); rows != c.want {
				t.Errorf("it is %q, want %q", rows, c.want)
			}
		})
	}
}

func TestTablesThatAreBroken(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, format, table, says string }{
		{"nothing", "csv", "", "its first line names the columns"},
		{"no item", "csv", "a,b\n1,2\n", `no column is an item of questionnaire "small"`},
		{"a name twice", "csv", "trust,x,trust\n1,2,3\n", `column "trust" stands there twice`},
		{"a column without a name", "csv", "trust,\n1,2\n", "column 2 has no name"},
		{"too few cells", "csv", "trust,visits\n1,2\n\n3\n", "line 4: the row has 1 cells; the header names 2 columns"},
		{"too many cells", "csv", "trust,visits\n1,2\n3,4,5\n", "line 3: the row has 3 cells"},
		{"a quote that stays open", "csv", "trust,why\n1,a\n2,\"b\nc\nd", "line 3: a quote is opened here and never closed"},
		{"a quote within", "csv", "trust,why\n1,a\n2,b\"c\"\n", "line 3: a quote stands within a cell"},
		{"text after a quote", "csv", "trust,why\n1,\"a\"\n\n2,\"b\"c\n", "line 4: a quoted cell goes on after its closing quote"},
		{"a quote in the header", "csv", "trust,\"why\n", "line 1: a quote is opened here and never closed"},
		{"nothing", "jsonl", "", "each line is one object"},
		{"no object", "jsonl", "{\"trust\": 1}\n[1]\n", "line 2: an object is expected here"},
		{"cut off", "jsonl", "{\"trust\": 1}\n\n{\"trust\": 1, \"visits\"", "line 3: not JSON at byte 22, where a colon is expected"},
		{"a name twice", "jsonl", `{"trust": 1, "trust": 2}`, `line 1: column "trust" stands there twice`},
		{"more after an object", "jsonl", `{"trust": 1} {"trust": 2}`, "line 1: not JSON at byte 14"},
		{"no value", "jsonl", `{"trust": one}`, "where a value is expected"},
		{"a number with a zero before it", "jsonl", `{"trust": 01}`, "where a value is expected"},
		{"no Parquet", "parquet", "trust,visits\n1,2\n", "not Parquet"},
		{"no Arrow", "arrow", "trust,visits\n1,2\n", "not Arrow"},
		{"too short", "arrow", "1\n", "not Arrow"},
	} {
		t.Run(c.format+": "+c.name, func(t *testing.T) {
			t.Parallel()
			job, out := smallJob(t, c.table, Format(c.format))
			got, _, err := score(t, job, out, "")
			if err == nil || !strings.Contains(err.Error(), c.says) || !strings.HasPrefix(err.Error(), "stdin: ") {
				t.Errorf("the error is %v, want %q; it wrote %q", err, c.says, got)
			}
		})
	}
}

func TestCellsThatAreNoAnswers(t *testing.T) {
	t.Parallel()
	const csv = "trust,visits,card,uses,again,why\nnan,,,,,\n8,many,Silver,a;z,maybe,\n11,1,,a;a,,\n8,,,,,fine\n"
	const jsonl = `{"trust": "nan"}
{"trust": 8, "visits": "many", "card": "Silver", "uses": ["a", "z"], "again": "maybe"}
{"trust": 11, "visits": 1, "uses": "a;a"}
{"trust": 8, "why": "fine"}
`
	want := []string{
		`1|trust|nan|"nan" is not a number`,
		`2|visits|many|"many" is not a number`,
		`2|again|maybe|"maybe" is neither yes nor no`,
		`2|card|Silver|item "card": "Silver" is not allowed`,
		`2|uses|`, // as it is written
		`3|trust|11|item "trust": 11 is not allowed`,
		`3|uses|a;a|item "uses": "a" is chosen twice`,
	}
	for format, table := range map[Format]string{CSV: csv, JSONLines: jsonl} {
		job, out := smallJob(t, table, format)
		var rejects bytes.Buffer
		job.Rejects = &Place{To: &rejects, Format: CSV}
		if _, _, err := score(t, job, out, ""); err != nil {
			t.Fatal(err)
		}
		if strings.Count(out.String(), "\n") != 5 {
			t.Errorf("%s: a row is lost:\n%s", format, out)
		}
		table := readTable(t, keepFile(t, rejects.Bytes()))
		if len(table) != len(want) {
			t.Errorf("%s: %d rejects, want %d: %q", format, len(table), len(want), table)
			continue
		}
		for k, cells := range table {
			if got := strings.Join(cells, "|"); !strings.HasPrefix(got, want[k]) {
				t.Errorf("%s: reject %d is %s, want %s", format, k, got, want[k])
			}
		}
	}
}
