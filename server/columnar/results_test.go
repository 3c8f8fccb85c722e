package columnar_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
	"github.com/customer-momentum/cmi/server/columnar"
)

// stockMessage is what stock clients take in one message.
const stockMessage = 4 << 20

// TestAnswersFitIntoAMessage, even where every row of the largest batch was refused at length; and smaller ones say it all.
func TestAnswersFitIntoAMessage(t *testing.T) {
	t.Parallel()
	long := "INVALID_RESPONSE: " + strings.Repeat("item is not allowed; ", 20)
	for rows, whole := range map[int]bool{columnar.MostRows: false, 4096: true, 0: true} {
		results, err := columnar.NewResults(nil)
		if err != nil {
			t.Fatal(err)
		}
		var scores scoring.ColumnScores
		scores.Reset(rows)
		why := slices.Repeat([]string{long}, rows)
		for row := range rows {
			scores.Refused = append(scores.Refused, row)
		}
		batch := results.Batch(&scores, why)
		size := 0
		for _, m := range written(t, results.Schema(), []arrow.RecordBatch{batch}) {
			size = max(size, len(m.header)+len(m.body))
		}
		if size > stockMessage-32<<10 {
			t.Errorf("the answer to %d rows has %d bytes", rows, size)
		}
		said := batch.Column(batch.Schema().FieldIndices("error")[0]).(*array.String)
		full := 0
		for row := range rows {
			switch said.Value(row) {
			case long:
				full++
			case "INVALID_RESPONSE":
			default:
				t.Fatalf("row %d says %q", row, said.Value(row))
			}
		}
		if whole != (full == rows) || rows > 0 && full == 0 {
			t.Errorf("%d of %d rows say it all", full, rows)
		}
		batch.Release()
	}
}

// TestPickedColumns: by name and in the order of the names, and each once.
func TestPickedColumns(t *testing.T) {
	t.Parallel()
	results, err := columnar.NewResults([]string{"fii", "status"})
	if err != nil || results.Errors() || results.Schema().Field(0).Name != "fii" || results.Schema().NumFields() != 2 {
		t.Error(results, err)
	}
	_, err = columnar.NewResults([]string{"colour"})
	faulty(t, err, `"colour" is not a column that there is; status, bucket, cmi, eci, bei, fii, display_score, error are`)
	_, err = columnar.NewRecorded([]string{"cmi", "cmi"})
	faulty(t, err, "asked for twice")
}

// TestRecordedScores: what is absent is null.
func TestRecordedScores(t *testing.T) {
	t.Parallel()
	recorded, err := columnar.NewRecorded(nil)
	if err != nil {
		t.Fatal(err)
	}
	full := &cmiv1.Score{
		ResponseId: "r", QuestionnaireId: "q", QuestionnaireVersion: 2, Status: cmiv1.ScoreStatus_SCORE_STATUS_PARTIAL,
		Bucket: cmiv1.Bucket_BUCKET_AT_RISK, Cmi: proto.Float64(0), DisplayScore: proto.Int32(0),
		Pillars: []*cmiv1.PillarScore{{Pillar: cmiv1.Pillar_PILLAR_ECI}, {Pillar: cmiv1.Pillar_PILLAR_BEI, Score: proto.Float64(7)}},
	}
	batch := recorded.Batch([]*cmiv1.Score{full, {ResponseId: "unscored"}})
	got := map[string][2]string{}
	for k, f := range batch.Schema().Fields() {
		got[f.Name] = [2]string{batch.Column(k).ValueStr(0), batch.Column(k).ValueStr(1)}
	}
	const null = array.NullValueStr
	for name, want := range map[string][2]string{
		"response_id": {"r", "unscored"}, "customer_id": {null, null}, "status": {"PARTIAL", null}, "bucket": {"AT_RISK", null},
		"cmi": {"0", null}, "eci": {null, null}, "bei": {"7", null}, "fii": {null, null}, "display_score": {"0", null}, "submitted_at": {null, null},
	} {
		if got[name] != want {
			t.Errorf("%s: %q, want %q", name, got[name], want)
		}
	}
}
