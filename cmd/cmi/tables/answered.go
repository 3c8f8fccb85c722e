package tables

import (
	"fmt"
	"math"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/columnar"
)

// answered are the columns of a batch of scores that a service answered.
type answered struct {
	status, bucket     []int32 // by place in the dictionary, of the contract
	statuses, buckets  *array.Dictionary
	cmi, eci, bei, fii *array.Float64
	display            *array.Int32
	why                *array.String
}

// readAnswered finds the columns. A service of another version may have others besides.
func readAnswered(batch arrow.RecordBatch) (a *answered, err error) {
	a = &answered{}
	for _, err := range []error{
		columnOf(batch, "status", &a.statuses), columnOf(batch, "bucket", &a.buckets),
		columnOf(batch, "cmi", &a.cmi), columnOf(batch, "eci", &a.eci), columnOf(batch, "bei", &a.bei), columnOf(batch, "fii", &a.fii),
		columnOf(batch, "display_score", &a.display), columnOf(batch, "error", &a.why),
	} {
		if err != nil {
			return nil, err
		}
	}
	if a.status, err = codesOf(a.statuses, "SCORE_STATUS_", cmiv1.ScoreStatus_value); err != nil {
		return nil, err
	}
	a.bucket, err = codesOf(a.buckets, "BUCKET_", cmiv1.Bucket_value)
	return a, err
}

func columnOf[T arrow.Array](batch arrow.RecordBatch, name string, into *T) error {
	at := batch.Schema().FieldIndices(name)
	if len(at) != 1 {
		return fmt.Errorf("the service answered without the column %q; is it newer than this program?", name)
	}
	column, ok := batch.Column(at[0]).(T)
	if !ok || int64(column.Len()) != batch.NumRows() {
		return fmt.Errorf("the service answered column %q as %s; is it newer than this program?", name, batch.Column(at[0]).DataType())
	}
	*into = column
	if err := columnar.Sound(column); err != nil {
		return fmt.Errorf("the service answered a broken column %q: %w", name, err)
	}
	return array.ValidateFull(column)
}

// codesOf reads the words of a dictionary as numbers of the contract.
func codesOf(column *array.Dictionary, prefix string, numbers map[string]int32) ([]int32, error) {
	words, ok := column.Dictionary().(*array.String)
	if !ok {
		return nil, fmt.Errorf("the service answered words as %s; is it newer than this program?", column.Dictionary().DataType())
	}
	codes := make([]int32, words.Len())
	for k := range codes {
		if codes[k], ok = numbers[prefix+words.Value(k)]; !ok {
			return nil, fmt.Errorf("the service answered %q, which is not known here; is it newer than this program?", words.Value(k))
		}
	}
	return codes, nil
}

// take puts the scores of a batch among those of the lane, for the next rows of its parcel.
func (l *lane) take(batch arrow.RecordBatch) error {
	a, err := readAnswered(batch)
	if err != nil {
		return err
	}
	p := l.parcel
	var refused []int
	for k, row := range p.rows[p.got : p.got+int(batch.NumRows())] {
		if a.why.IsValid(k) {
			if p.said == nil {
				p.said = map[int]string{}
			}
			p.said[row] = strings.Clone(a.why.Value(k))
			refused = append(refused, row)
			continue
		}
		l.scores.Status[row] = cmiv1.ScoreStatus(codeAt(a.statuses, a.status, k))
		l.scores.Bucket[row] = cmiv1.Bucket(codeAt(a.buckets, a.bucket, k))
		for pillar, column := range []*array.Float64{a.eci, a.bei, a.fii} {
			l.scores.Pillars[pillar][row] = figure(column, k)
		}
		if l.scores.CMI[row] = figure(a.cmi, k); a.display.IsValid(k) {
			l.scores.Display[row] = a.display.Value(k)
		}
	}
	p.got += int(batch.NumRows())
	l.scores.Refuse(refused...)
	return nil
}

func codeAt(column *array.Dictionary, codes []int32, row int) int32 {
	if column.IsNull(row) {
		return 0
	}
	return codes[column.GetValueIndex(row)]
}

func figure(column *array.Float64, row int) float64 {
	if column.IsNull(row) {
		return math.NaN()
	}
	return column.Value(row)
}
