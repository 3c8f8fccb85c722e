package tables

import (
	"encoding/csv"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/status"

	"github.com/customer-momentum/cmi/examples/airline"
	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
)

// simulatedRows names the variable that says how many rows the table of [TestAllDoorsAgree] has.
const simulatedRows = "CMI_SIMULATED_ROWS"

// simulatedSurvey has answers drawn at random, some of them missing, not applicable or not allowed.
func simulatedSurvey(t *testing.T, rows int) *survey {
	t.Helper()
	q, err := airline.Questionnaire()
	if err != nil {
		t.Fatal(err)
	}
	s := newSurvey(t, q)
	rng := rand.New(rand.NewPCG(7, 11))
	for range rows {
		cells := make([]answer, len(q.GetItems()))
		for k, item := range q.GetItems() {
			switch scale := item.GetScale().(type) {
			case *cmiv1.Item_Rating:
				cells[k].text = strconv.Itoa(int(scale.Rating.GetMin()) + rng.IntN(int(scale.Rating.GetMax()-scale.Rating.GetMin())+1))
			case *cmiv1.Item_Choice:
				cells[k].text = scale.Choice.GetOptions()[rng.IntN(len(scale.Choice.GetOptions()))].GetValue()
			default:
				cells[k].text = strconv.Itoa(rng.IntN(80))
			}
		}
		s.rows = append(s.rows, cells)
	}
	s.spoil(rows)
	return s
}

// refusal is something that is wrong with a row.
type refusal struct {
	row    int
	reason string
}

// byRow scores every row alone: what comes out, and what is wrong with the others.
func (s *survey) byRow(t *testing.T) (all []scored, refused []refusal) {
	t.Helper()
	for row := range s.rows {
		all = append(all, s.want(row))
		if !all[row].refused {
			continue
		}
		_, err := s.scorer.Score(s.response(row))
		bad, ok := errors.AsType[*scoring.Invalid](err)
		if !ok {
			t.Fatal(err)
		}
		for _, v := range bad.Violations {
			refused = append(refused, refusal{row + 1, v.Message})
		}
	}
	return all, refused
}

// byStream has every row scored by StreamScores, without recording.
func (s *survey) byStream(t *testing.T, conn *grpc.ClientConn) (all []scored, refused []refusal) {
	t.Helper()
	stream, err := cmiv1.NewScoringServiceClient(conn).StreamScores(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	config := &cmiv1.StreamScoresConfig{QuestionnaireId: s.q.GetQuestionnaireId(), Version: s.q.GetVersion(), DryRun: true}
	if err := stream.Send(&cmiv1.StreamScoresRequest{Message: &cmiv1.StreamScoresRequest_Config{Config: config}}); err != nil {
		t.Fatal(err)
	}
	go func() { // its errors are those that the receiving ends with
		const most = 500
		for from := 0; from < len(s.rows); from += most {
			chunk := &cmiv1.ResponseChunk{Sequence: int32(from / most)}
			for row := from; row < min(from+most, len(s.rows)); row++ {
				chunk.Responses = append(chunk.Responses, s.response(row))
			}
			if stream.Send(&cmiv1.StreamScoresRequest{Message: &cmiv1.StreamScoresRequest_Chunk{Chunk: chunk}}) != nil {
				return
			}
		}
		_ = stream.CloseSend()
	}()
	for {
		message, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return all, refused
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, result := range message.GetChunk().GetResults() {
			row := len(all) + 1
			if result.GetError() == nil {
				all = append(all, scoredAs("r-"+strconv.Itoa(row), result.GetScore()))
				continue
			}
			all = append(all, scored{id: "r-" + strconv.Itoa(row), refused: true})
			for _, detail := range status.FromProto(result.GetError()).Details() {
				if bad, ok := detail.(*errdetails.BadRequest); ok {
					for _, v := range bad.GetFieldViolations() {
						refused = append(refused, refusal{row, v.GetDescription()})
					}
				}
			}
		}
	}
}

// fromFile reads OUT and the rejects of a run, both CSV.
func fromFile(t *testing.T, out, rejects string) (all []scored, refused []refusal) {
	t.Helper()
	each := func(text string, take func(cells []string)) {
		r := csv.NewReader(strings.NewReader(text))
		r.ReuseRecord = true
		for header := true; ; header = false {
			cells, err := r.Read()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if !header {
				take(cells)
			}
		}
	}
	each(out, func(cells []string) { all = append(all, result(cells)) })
	each(rejects, func(cells []string) {
		row, _ := strconv.Atoi(cells[0])
		refused = append(refused, refusal{row, cells[3]})
	})
	return all, refused
}

// TestAllDoorsAgree: a simulated table scores alike, to the last bit, row by row, through StreamScores, through Flight and out of
// every format, and the same is refused for the same reasons.
func TestAllDoorsAgree(t *testing.T) {
	t.Parallel()
	rows := 2000
	if said := os.Getenv(simulatedRows); said != "" {
		var err error
		if rows, err = strconv.Atoi(said); err != nil {
			t.Fatal(err)
		}
	}
	s := simulatedSurvey(t, rows)
	_, conn := s.serve(t)
	want, refused := s.byRow(t)
	if len(refused) == 0 {
		t.Fatal("nothing is refused: the test tries too little")
	}
	agree := func(door string, got []scored, gotRefused []refusal) {
		t.Helper()
		compare(t, Format(door), got, want)
		for k := range min(len(gotRefused), len(refused)) {
			if gotRefused[k] != refused[k] {
				t.Errorf("%s: %+v is refused, want %+v", door, gotRefused[k], refused[k])
				break
			}
		}
		t.Logf("%s: %d rows, %d things refused", door, len(got), len(gotRefused))
		if len(gotRefused) != len(refused) {
			t.Errorf("%s: %d things are refused, want %d", door, len(gotRefused), len(refused))
		}
	}
	got, gotRefused := s.byStream(t, conn)
	agree("StreamScores", got, gotRefused)
	var first, firstRejects string
	for _, format := range []Format{CSV, JSONLines, Parquet, Arrow, ArrowFile} {
		in := Place{File: s.write(t, format), Format: format}
		out, rejects := s.through(t, in, nil)
		if first == "" {
			first, firstRejects = out, rejects
			got, gotRefused = fromFile(t, out, rejects)
			agree(string(format), got, gotRefused)
			out, rejects = s.through(t, in, &Service{Conn: conn, DryRun: true})
			got, gotRefused = fromFile(t, out, rejects)
			agree("Flight", got, gotRefused)
		}
		if out != first || rejects != firstRejects {
			t.Errorf("%s: OUT is that of %s: %t, the rejects: %t", format, CSV, out == first, rejects == firstRejects)
		}
		t.Logf("%s: %d bytes of OUT, %d of rejects", format, len(out), len(rejects))
		if err := os.RemoveAll(filepath.Dir(in.File)); err != nil {
			t.Fatal(err)
		}
	}
}
