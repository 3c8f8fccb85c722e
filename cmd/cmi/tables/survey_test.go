package tables

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
)

// survey is a table whose answers are known one by one.
type survey struct {
	q      *cmiv1.Questionnaire
	scorer *scoring.Scorer
	rows   [][]answer // by row and item
}

// answer is a number or a word, skipped where text is empty.
type answer struct {
	text          string
	notApplicable bool
}

func newSurvey(t *testing.T, q *cmiv1.Questionnaire) *survey {
	t.Helper()
	scorer, err := scoring.Compile(q)
	if err != nil {
		t.Fatal(err)
	}
	return &survey{q: q, scorer: scorer}
}

// spoil makes some answers missing, not applicable or such as are not allowed, and repeats rows until there are n.
func (s *survey) spoil(n int) {
	whole := s.rows
	s.rows = nil
	for row := range n {
		cells := append([]answer(nil), whole[row%len(whole)]...)
		for k := range cells {
			if row%23 == 5 && k >= len(cells)/3 || row%29 == 0 {
				cells[k] = answer{} // too little for a score, or for every pillar
				continue
			}
			switch (row*31 + k*17) % 101 {
			case 3, 44:
				cells[k] = answer{}
			case 7:
				cells[k] = answer{notApplicable: true}
			case 11:
				cells[k].notApplicable = true // and answered
			case 13:
				cells[k].text = "77.5"
			case 17:
				if s.numeric(k) {
					cells[k].text = "-3"
				} else {
					cells[k].text = "no such option"
				}
			}
		}
		s.rows = append(s.rows, cells)
	}
}

func (s *survey) numeric(k int) bool {
	item := s.q.GetItems()[k]
	return item.GetChoice() == nil && item.GetYesNo() == nil && item.GetText() == nil && item.GetMultipleChoice() == nil
}

// response is a row in the form of the contract.
func (s *survey) response(row int) *cmiv1.Response {
	r := &cmiv1.Response{ResponseId: "r-" + strconv.Itoa(row+1)}
	for k, a := range s.rows[row] {
		id := s.q.GetItems()[k].GetItemId()
		if a.notApplicable {
			r.Answers = append(r.Answers, &cmiv1.Answer{
				ItemId: id, Value: &cmiv1.Answer_NoAnswer{NoAnswer: cmiv1.NoAnswer_NO_ANSWER_NOT_APPLICABLE},
			})
		}
		if a.text == "" {
			continue
		}
		if !s.numeric(k) {
			r.Answers = append(r.Answers, &cmiv1.Answer{ItemId: id, Value: &cmiv1.Answer_Choice{Choice: a.text}})
			continue
		}
		x, _ := strconv.ParseFloat(a.text, 64)
		r.Answers = append(r.Answers, &cmiv1.Answer{ItemId: id, Value: &cmiv1.Answer_Number{Number: x}})
	}
	return r
}

// names are the columns: the id, the items, and for each whether it does not apply.
func (s *survey) names() []string {
	all := []string{"@response_id"}
	for _, item := range s.q.GetItems() {
		all = append(all, item.GetItemId())
	}
	for _, item := range s.q.GetItems() {
		all = append(all, item.GetItemId()+":na")
	}
	return all
}

// write writes the table in a format, with tools that are not those under test.
func (s *survey) write(t *testing.T, format Format) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "in."+string(format))
	var data bytes.Buffer
	switch format {
	case CSV:
		s.writeCSV(t, &data)
	case JSONLines:
		s.writeJSON(t, &data)
	default:
		s.writeArrow(t, &data, format)
	}
	if err := os.WriteFile(file, data.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func (s *survey) writeCSV(t *testing.T, to *bytes.Buffer) {
	t.Helper()
	w := csv.NewWriter(to)
	_ = w.Write(s.names())
	for row, cells := range s.rows {
		line := []string{"r-" + strconv.Itoa(row+1)}
		for _, a := range cells {
			line = append(line, a.text)
		}
		for _, a := range cells {
			line = append(line, map[bool]string{true: "true"}[a.notApplicable])
		}
		_ = w.Write(line)
	}
	w.Flush()
	if err := w.Error(); err != nil {
		t.Fatal(err)
	}
}

func (s *survey) writeJSON(t *testing.T, to *bytes.Buffer) {
	t.Helper()
	for row, cells := range s.rows {
		line := map[string]any{"@response_id": "r-" + strconv.Itoa(row+1)}
		for k, a := range cells {
			id := s.q.GetItems()[k].GetItemId()
			switch {
			case a.text == "" && k%2 == 0:
				line[id] = nil // and else it is left out
			case a.text != "" && s.numeric(k):
				line[id] = json.Number(a.text)
			case a.text != "":
				line[id] = a.text
			}
			if a.notApplicable {
				line[id+":na"] = true
			}
		}
		data, err := json.Marshal(line)
		if err != nil {
			t.Fatal(err)
		}
		to.Write(append(data, '\n'))
	}
}

// schema has numbers of different kinds, and words as texts and as a dictionary.
func (s *survey) schema(format Format) *arrow.Schema {
	fields := []arrow.Field{{Name: "@response_id", Type: arrow.BinaryTypes.String}}
	for k, item := range s.q.GetItems() {
		f := arrow.Field{Name: item.GetItemId(), Type: arrow.PrimitiveTypes.Float64, Nullable: true}
		switch {
		case !s.numeric(k) && format == Arrow:
			f.Type = &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int8, ValueType: arrow.BinaryTypes.String}
		case !s.numeric(k):
			f.Type = arrow.BinaryTypes.String
		case k%3 == 1:
			f.Type = arrow.PrimitiveTypes.Float32
		}
		fields = append(fields, f)
	}
	for _, item := range s.q.GetItems() {
		fields = append(fields, arrow.Field{Name: item.GetItemId() + ":na", Type: arrow.FixedWidthTypes.Boolean, Nullable: true})
	}
	return arrow.NewSchema(fields, nil)
}

func (s *survey) batch(t *testing.T, schema *arrow.Schema) arrow.RecordBatch {
	t.Helper()
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer b.Release()
	for row, cells := range s.rows {
		texts := []string{"r-" + strconv.Itoa(row+1)}
		for _, a := range cells {
			texts = append(texts, a.text)
		}
		for _, a := range cells {
			texts = append(texts, map[bool]string{true: "true"}[a.notApplicable])
		}
		for k, text := range texts {
			if text == "" {
				b.Field(k).AppendNull()
			} else if err := b.Field(k).AppendValueFromString(text); err != nil {
				t.Fatal(err)
			}
		}
	}
	return b.NewRecordBatch()
}

func (s *survey) writeArrow(t *testing.T, to *bytes.Buffer, format Format) {
	t.Helper()
	schema := s.schema(format)
	batch := s.batch(t, schema)
	defer batch.Release()
	var w interface {
		Write(rec arrow.RecordBatch) error
		Close() error
	}
	var err error
	switch format {
	case Arrow:
		w = ipc.NewWriter(to, ipc.WithSchema(schema))
	case ArrowFile:
		w, err = ipc.NewFileWriter(to, ipc.WithSchema(schema), ipc.WithZstd())
	default:
		w, err = pqarrow.NewFileWriter(schema, to, parquet.NewWriterProperties(parquet.WithMaxRowGroupLength(7000),
			parquet.WithCompression(compress.Codecs.Zstd)), pqarrow.DefaultWriterProps())
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(batch); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

// long writes the table with a row for each answer. It knows nothing of what does not apply, which comes as a code.
func (s *survey) long(t *testing.T) string {
	t.Helper()
	var text strings.Builder
	text.WriteString("who,what,said\n")
	for row, cells := range s.rows {
		id := "r-" + strconv.Itoa(row+1)
		text.WriteString(id + ",other,1\n") // a response without answers is one all the same
		for k, a := range cells {
			name := s.q.GetItems()[k].GetItemId()
			if a.text != "" {
				text.WriteString(id + "," + name + "," + a.text + "\n")
			}
			if a.notApplicable {
				text.WriteString(id + "," + name + ":na,true\n")
			}
		}
	}
	file := filepath.Join(t.TempDir(), "long.csv")
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
