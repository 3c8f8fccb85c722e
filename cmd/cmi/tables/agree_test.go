package tables

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"github.com/customer-momentum/cmi/examples/airline"
	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/internal/reference"
	"github.com/customer-momentum/cmi/scoring"
)

// airlineSurvey is the survey of the airline, spoiled, so long that it takes several batches.
func airlineSurvey(t *testing.T, rows int) *survey {
	t.Helper()
	q, err := airline.Questionnaire()
	if err != nil {
		t.Fatal(err)
	}
	responses, err := airline.Responses()
	if err != nil {
		t.Fatal(err)
	}
	s := newSurvey(t, q)
	for _, r := range responses {
		said := map[string]string{}
		for _, a := range r.GetAnswers() {
			said[a.GetItemId()] = a.GetChoice()
			if said[a.GetItemId()] == "" {
				said[a.GetItemId()] = strconv.FormatFloat(a.GetNumber(), 'g', -1, 64)
			}
		}
		var cells []answer
		for _, item := range q.GetItems() {
			cells = append(cells, answer{text: said[item.GetItemId()]})
		}
		s.rows = append(s.rows, cells)
	}
	s.spoil(rows)
	return s
}

// mobileSurvey is another, which may be read but not copied into the project.
func mobileSurvey(t *testing.T, rows int) *survey {
	t.Helper()
	table := reference.Open(t, "mobile.csv")
	q := &cmiv1.Questionnaire{QuestionnaireId: "mobile", Version: 1, Series: "mobile"}
	for _, id := range []string{"CUSL3", "CUSL1", "IMAG1", "IMAG4", "CUSA1", "PERQ4", "PERQ5"} {
		pillar := map[string]cmiv1.Pillar{"CUSL": cmiv1.Pillar_PILLAR_FII, "PERQ": cmiv1.Pillar_PILLAR_BEI}[id[:4]]
		if pillar == 0 {
			pillar = cmiv1.Pillar_PILLAR_ECI
		}
		q.Items = append(q.Items, &cmiv1.Item{
			ItemId: id, Prompt: "How much?", Pillar: pillar, Required: id == "CUSL3",
			Scale: &cmiv1.Item_Rating{Rating: &cmiv1.Rating{Min: 1, Max: 10}},
		})
	}
	s := newSurvey(t, q)
	for row := range table.Rows {
		var cells []answer
		for _, item := range q.GetItems() {
			cells = append(cells, answer{text: table.Columns[item.GetItemId()][row]})
		}
		s.rows = append(s.rows, cells)
	}
	s.spoil(rows)
	return s
}

// scored is a row of results.
type scored struct {
	id, status, bucket string
	figures            [4]uint64 // bits of the CMI and the pillars, 0 where there is none
	display            string
	refused            bool
}

// want scores a row alone.
func (s *survey) want(row int) scored {
	id := "r-" + strconv.Itoa(row+1)
	score, err := s.scorer.Score(s.response(row))
	if err != nil {
		return scored{id: id, refused: true}
	}
	return scoredAs(id, score)
}

// scoredAs is a score of the contract as a row of results.
func scoredAs(id string, score *cmiv1.Score) scored {
	w := scored{id: id}
	w.status = strings.TrimPrefix(score.GetStatus().String(), "SCORE_STATUS_")
	if score.Cmi != nil {
		w.bucket = strings.TrimPrefix(score.GetBucket().String(), "BUCKET_")
		w.figures[0], w.display = math.Float64bits(score.GetCmi()), strconv.Itoa(int(score.GetDisplayScore()))
	}
	for k, p := range score.GetPillars() {
		if p.Score != nil {
			w.figures[k+1] = math.Float64bits(p.GetScore())
		}
	}
	return w
}

// result reads a row of results.
func result(cells []string) scored {
	r := scored{id: cells[0], status: cells[1], bucket: cells[2], display: cells[7], refused: cells[8] != ""}
	for k, cell := range cells[3:7] {
		if cell != "" {
			x, _ := strconv.ParseFloat(cell, 64)
			r.figures[k] = math.Float64bits(x)
		}
	}
	return r
}

func TestAllFormatsScoreAsTheEngineDoes(t *testing.T) {
	t.Parallel()
	for name, make := range map[string]func(*testing.T, int) *survey{"airline": airlineSurvey, "mobile": mobileSurvey} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const rows = 20_000 // more than a batch, and for CSV more than a block
			s := make(t, rows)
			want, rejected := s.all(t)
			var first [][]string
			for _, format := range []Format{CSV, JSONLines, Parquet, Arrow, ArrowFile} {
				results, rejects := s.run(t, &Job{In: Place{File: s.write(t, format), Format: format}}, format)
				compare(t, format, results, want)
				if first == nil {
					first = rejects
				}
				if !reflect.DeepEqual(rejects, first) {
					t.Errorf("%s: its %d rejects are not the %d of %s", format, len(rejects), len(first), CSV)
				}
			}
			if seen := distinct(first); seen != rejected {
				t.Errorf("%d rows are among the rejects; the engine refuses %d", seen, rejected)
			}
		})
	}
}

func TestLongTablesScoreAsTheEngineDoes(t *testing.T) {
	t.Parallel()
	s := airlineSurvey(t, 5000)
	want, _ := s.all(t)
	results, _ := s.run(t, &Job{In: Place{File: s.long(t), Format: CSV}, Long: &Long{"who", "what", "said"}}, CSV)
	compare(t, CSV, results, want)
}

// all scores every row alone, and counts those that are refused.
func (s *survey) all(t *testing.T) (want []scored, refused int) {
	t.Helper()
	kinds := map[string]int{}
	for row := range s.rows {
		want = append(want, s.want(row))
		kinds[want[row].status]++
		if want[row].refused {
			refused++
		}
	}
	if refused == 0 || kinds["SCORED"] == 0 || kinds["PARTIAL"] == 0 && kinds["UNSCORED"] == 0 {
		t.Fatalf("the survey tries too little: %v, %d refused", kinds, refused)
	}
	return want, refused
}

func compare(t *testing.T, format Format, got, want []scored) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d rows, want %d", format, len(got), len(want))
	}
	wrong := 0
	for row := range got {
		if got[row] != want[row] {
			if wrong++; wrong <= 3 {
				t.Errorf("%s: row %d is %+v, want %+v", format, row+1, got[row], want[row])
			}
		}
	}
}

func distinct(rejects [][]string) int {
	seen := map[string]bool{}
	for _, r := range rejects {
		seen[r[0]] = true
	}
	return len(seen)
}

// run scores a table into one of the same format, and reads that and the rejects.
func (s *survey) run(t *testing.T, job *Job, format Format) (results []scored, rejects [][]string) {
	t.Helper()
	folder := t.TempDir()
	job.Questionnaire, job.Scorer = s.q, s.scorer
	job.Out = Place{File: filepath.Join(folder, "out"), Format: format}
	job.Rejects = &Place{File: filepath.Join(folder, "rejects"), Format: format}
	summary, err := job.Run(t.Context())
	if err != nil {
		t.Fatalf("%s: %v", format, err)
	}
	for _, cells := range readTable(t, job.Out) {
		results = append(results, result(cells))
	}
	rejects = readTable(t, *job.Rejects)
	if summary.Rows != int64(len(s.rows)) || summary.Rejected != int64(distinct(rejects)) {
		t.Errorf("%s: the summary says %d rows, %d rejected; there are %d and %d", format, summary.Rows, summary.Rejected, len(s.rows), distinct(rejects))
	}
	return results, rejects
}

// readTable reads a table as texts, null as empty, with tools that are not those under test.
func readTable(t *testing.T, at Place) [][]string {
	t.Helper()
	data, err := os.ReadFile(at.File)
	if err != nil {
		t.Fatal(err)
	}
	switch at.Format {
	case CSV:
		all, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		return all[1:]
	case JSONLines:
		return readJSON(t, data)
	case Parquet:
		r, err := file.NewParquetReader(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		table, err := pqarrow.ReadTable(t.Context(), bytes.NewReader(data), nil, pqarrow.ArrowReadProperties{}, memory.DefaultAllocator)
		if err != nil {
			t.Fatal(err)
		}
		if most := int64(groupRows); r.NumRowGroups() > 0 && r.RowGroup(0).NumRows() > most {
			t.Errorf("a row group has %d rows", r.RowGroup(0).NumRows())
		}
		var all [][]string
		for batches := array.NewTableReader(table, 0); batches.Next(); {
			all = append(all, cellsOf(batches.RecordBatch())...)
		}
		return all
	}
	return readArrow(t, data, at.Format)
}

func readArrow(t *testing.T, data []byte, format Format) (all [][]string) {
	t.Helper()
	if format == Arrow {
		r, err := ipc.NewReader(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		for r.Next() {
			all = append(all, cellsOf(r.RecordBatch())...)
		}
		if r.Err() != nil {
			t.Fatal(r.Err())
		}
		return all
	}
	r, err := ipc.NewFileReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	for k := range r.NumRecords() {
		batch, err := r.RecordBatch(k)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, cellsOf(batch)...)
	}
	return all
}

func cellsOf(batch arrow.RecordBatch) (all [][]string) {
	for row := range int(batch.NumRows()) {
		var cells []string
		for _, column := range batch.Columns() {
			cell := ""
			switch c := column.(type) {
			case *array.Float64:
				if c.IsValid(row) {
					cell = strconv.FormatFloat(c.Value(row), 'g', -1, 64)
				}
			default:
				if c.IsValid(row) {
					cell = c.ValueStr(row)
				}
			}
			cells = append(cells, cell)
		}
		all = append(all, cells)
	}
	return all
}

func readJSON(t *testing.T, data []byte) (all [][]string) {
	t.Helper()
	for line := range bytes.Lines(data) {
		d := json.NewDecoder(bytes.NewReader(line))
		d.UseNumber()
		var cells []string
		if _, err := d.Token(); err != nil {
			t.Fatal(err)
		}
		for d.More() {
			var value any
			if _, err := d.Token(); err != nil {
				t.Fatal(err)
			}
			if err := d.Decode(&value); err != nil {
				t.Fatal(err)
			}
			switch v := value.(type) {
			case nil:
				cells = append(cells, "")
			case json.Number:
				cells = append(cells, v.String())
			case string:
				cells = append(cells, v)
			default:
				t.Fatal(errors.New("a value is neither"))
			}
		}
		all = append(all, cells)
	}
	return all
}

// TestSomeRowsByHand holds the way through a table to figures that are calculated here.
func TestSomeRowsByHand(t *testing.T) {
	t.Parallel()
	q, err := airline.Questionnaire()
	if err != nil {
		t.Fatal(err)
	}
	scorer, err := scoring.Compile(q)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	job := &Job{
		Questionnaire: q, Scorer: scorer, Columns: []string{"cmi", "eci", "bei", "fii", "bucket"},
		In: Place{From: strings.NewReader("com1,com2,com3,reputation,nflights,status,loy1,loy2,loy3,loy4,loy5,nps\n" +
			"7,7,7,7,52,Gold,7,7,7,7,7,10\n4,4,4,4,0,Silver,4,4,4,4,4,5\n"), Format: CSV},
		Out: Place{To: &out, Format: CSV},
	}
	if _, err := job.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	// Everything at its best is 100. The middle of every rating is 50; no flight is 0 and silver 50: BEI 25, CMI 125/3.
	want := "cmi,eci,bei,fii,bucket\n100,100,100,100,ADVOCATE\n41.666666667,50,25,50,AT_RISK\n"
	if out.String() != want {
		t.Errorf("it is\n%swant\n%s", out.String(), want)
	}
}
