package tables

import (
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/customer-momentum/cmi/scoring"
	"github.com/customer-momentum/cmi/server/columnar"
)

// lane is all that one piece needs on its way from input to output. It is used again for another piece when that is written.
type lane struct {
	piece piece
	err   error // of reading or scoring the piece
	done  chan struct{}
	// reached and of are how far the source was when it had read the piece.
	reached, of int64

	decoder  decoder
	binding  *columnar.Binding
	columns  *scoring.Columns
	scores   scoring.ColumnScores
	results  *columnar.Results
	refusals *refusals
	schema   *arrow.Schema // of the output
	encoder  encoder       // nil: the sink does it

	rows    int
	counts  counts
	bad     map[int][]badCell // by row
	rejects []Reject
	ends    []int // of the rejects of each refused row
	why     []string
	parcel  *parcel // nil: this process has the last word
	batch   arrow.RecordBatch
	encoded []byte
}

func newLane(j *Job, from source, p *plan) (*lane, error) {
	l := &lane{columns: j.Scorer.Columns(), refusals: newRefusals(j, p), bad: map[int][]badCell{}, done: make(chan struct{}, 1)}
	if j.Service != nil {
		l.parcel = &parcel{}
	}
	var err error
	if l.decoder, err = from.decoder(p); err != nil {
		return nil, err
	}
	if l.binding, err = columnar.Bind(j.Scorer, l.decoder.schema(), nil); err != nil {
		return nil, err
	}
	if l.results, err = columnar.NewResults(j.Columns); err != nil {
		return nil, err
	}
	kept := l.decoder.kept()
	for _, field := range kept {
		if l.results.Schema().HasField(field.Name) {
			return nil, fmt.Errorf("column %q is kept, and is one of the scores too; keep it under another name (%s=NAME), or pick other scores",
				field.Name, field.Name)
		}
	}
	l.schema = arrow.NewSchema(append(kept, l.results.Schema().Fields()...), nil)
	return l, nil
}

// work scores the piece.
func (l *lane) work() error {
	l.release()
	in, err := l.decoder.decode(&l.piece)
	if err != nil {
		return err
	}
	return guarded(func() error {
		if err := l.score(in); err != nil {
			return err
		}
		if l.parcel != nil {
			return l.pack(in)
		}
		l.count()
		l.output(in)
		return nil
	})
}

func (l *lane) score(in *answers) error {
	l.rows = int(in.batch.NumRows())
	if err := l.binding.Set(in.batch, l.columns); err != nil {
		return err
	}
	if err := l.columns.Score(l.rows, &l.scores); err != nil {
		return err
	}
	l.scores.Refuse(l.binding.Heads().Disallowed(l.rows, nil)...)
	l.refuse(in.bad)
	l.explain()
	return nil
}

func (l *lane) count() {
	l.counts = counts{}
	l.counts.add(&l.scores)
}

// refuse takes back the scores of rows with cells that make no answer.
func (l *lane) refuse(bad []badCell) {
	clear(l.bad)
	rows := make([]int, len(bad))
	for k, one := range bad {
		rows[k] = one.row
		l.bad[one.row] = append(l.bad[one.row], one)
	}
	l.scores.Refuse(rows...)
}

// explain says why rows were refused.
func (l *lane) explain() {
	l.rejects, l.ends, l.why = l.rejects[:0], l.ends[:0], l.why[:0]
	for _, row := range l.scores.Refused {
		response := l.columns.Response(row)
		l.binding.Heads().Put(row, response)
		all := l.refusals.of(row, response, l.bad[row], l.decoder.cell)
		for k := range all {
			// The piece's memory is used again before the rejects are written.
			all[k].Value = strings.Clone(all[k].Value)
		}
		l.rejects = append(l.rejects, all...)
		l.ends = append(l.ends, len(l.rejects))
		l.why = append(l.why, why(all))
	}
}

// output makes the batch to write, and its bytes.
func (l *lane) output(in *answers) {
	scores := l.results.Batch(&l.scores, l.why)
	defer scores.Release()
	columns := append(append([]arrow.Array(nil), in.kept...), scores.Columns()...)
	l.batch = array.NewRecordBatch(l.schema, columns, int64(l.rows))
	l.encoded = l.encoded[:0]
	if l.encoder != nil {
		l.encoded = l.encoder.encode(l.encoded, l.batch)
	}
}

func (l *lane) release() {
	if l.batch != nil {
		l.batch.Release()
		l.batch = nil
	}
	if l.parcel != nil {
		l.parcel.release()
	}
}
