package columnar

import (
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// record is a column of recorded scores, and how the value of one gets into it.
type record struct {
	name string
	kind arrow.DataType
	put  func(array.Builder, *cmiv1.Score)
}

// records are all there are, in their order. Those of the scores are as in [outputs].
func records() []record {
	number, whole := arrow.PrimitiveTypes.Float64, arrow.PrimitiveTypes.Int32
	return []record{
		{"response_id", arrow.BinaryTypes.String, text((*cmiv1.Score).GetResponseId)},
		{"customer_id", arrow.BinaryTypes.String, text((*cmiv1.Score).GetCustomerId)},
		{"questionnaire_id", arrow.BinaryTypes.String, text((*cmiv1.Score).GetQuestionnaireId)},
		{"questionnaire_version", whole, func(b array.Builder, s *cmiv1.Score) {
			b.(*array.Int32Builder).Append(s.GetQuestionnaireVersion())
		}},
		{"submitted_at", arrow.FixedWidthTypes.Timestamp_us, instant((*cmiv1.Score).GetSubmittedAt)},
		{"scored_at", arrow.FixedWidthTypes.Timestamp_us, instant((*cmiv1.Score).GetScoredAt)},
		{"voided_at", arrow.FixedWidthTypes.Timestamp_us, instant(func(s *cmiv1.Score) *timestamppb.Timestamp { return s.GetVoid().GetVoidedAt() })},
		{"status", arrow.BinaryTypes.String, text(func(s *cmiv1.Score) string { return nameOf("SCORE_STATUS_", s.GetStatus()) })},
		{"bucket", arrow.BinaryTypes.String, text(func(s *cmiv1.Score) string { return nameOf("BUCKET_", s.GetBucket()) })},
		{"cmi", number, figure(func(s *cmiv1.Score) *float64 { return s.Cmi })},
		{"eci", number, figure(pillar(cmiv1.Pillar_PILLAR_ECI))},
		{"bei", number, figure(pillar(cmiv1.Pillar_PILLAR_BEI))},
		{"fii", number, figure(pillar(cmiv1.Pillar_PILLAR_FII))},
		{"display_score", whole, func(b array.Builder, s *cmiv1.Score) {
			appendOr(b.(*array.Int32Builder), s.GetDisplayScore(), s.DisplayScore != nil)
		}},
	}
}

func text(of func(*cmiv1.Score) string) func(array.Builder, *cmiv1.Score) {
	return func(b array.Builder, s *cmiv1.Score) {
		value := of(s)
		appendOr(b.(*array.StringBuilder), value, value != "")
	}
}

func figure(of func(*cmiv1.Score) *float64) func(array.Builder, *cmiv1.Score) {
	return func(b array.Builder, s *cmiv1.Score) {
		if value := of(s); value != nil {
			b.(*array.Float64Builder).Append(*value)
			return
		}
		b.AppendNull()
	}
}

func instant(of func(*cmiv1.Score) *timestamppb.Timestamp) func(array.Builder, *cmiv1.Score) {
	return func(b array.Builder, s *cmiv1.Score) {
		at := of(s)
		appendOr(b.(*array.TimestampBuilder), arrow.Timestamp(at.AsTime().UnixMicro()), at != nil)
	}
}

func pillar(which cmiv1.Pillar) func(*cmiv1.Score) *float64 {
	return func(s *cmiv1.Score) *float64 {
		for _, p := range s.GetPillars() {
			if p.GetPillar() == which {
				return p.Score
			}
		}
		return nil
	}
}

// nameOf is the name of a value of an enum without what all of them begin with; none of the unspecified one.
func nameOf[E interface {
	~int32
	String() string
}](prefix string, value E) string {
	if value == 0 {
		return ""
	}
	return strings.TrimPrefix(value.String(), prefix)
}

// appendOr appends a value, or null where there is none.
func appendOr[T any](b interface {
	Append(T)
	AppendNull()
}, value T, there bool) {
	if there {
		b.Append(value)
		return
	}
	b.AppendNull()
}

// Recorded turns recorded scores into record batches. One goroutine at a time may use it.
type Recorded struct {
	picked  []record
	builder *array.RecordBuilder
}

// NewRecorded picks columns of recorded scores by their names, in the order of the names; none stands for all. The error is a
// [*Fault].
func NewRecorded(names []string) (*Recorded, error) {
	picked, err := pick(records(), names, func(r record) string { return r.name })
	if err != nil {
		return nil, err
	}
	fields := make([]arrow.Field, len(picked))
	for k, r := range picked {
		fields[k] = arrow.Field{Name: r.name, Type: r.kind, Nullable: true}
	}
	return &Recorded{picked: picked, builder: array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema(fields, nil))}, nil
}

// Schema answers the columns.
func (r *Recorded) Schema() *arrow.Schema { return r.builder.Schema() }

// Batch makes a record batch of scores. The caller releases it.
func (r *Recorded) Batch(scores []*cmiv1.Score) arrow.RecordBatch {
	for k, column := range r.picked {
		into := r.builder.Field(k)
		into.Reserve(len(scores))
		for _, s := range scores {
			column.put(into, s)
		}
	}
	return r.builder.NewRecordBatch()
}

// pick picks some of all by their names, in the order of the names; none stands for all.
func pick[T any](all []T, names []string, nameOf func(T) string) ([]T, error) {
	if len(names) == 0 {
		return all, nil
	}
	known := make([]string, len(all))
	for k := range all {
		known[k] = nameOf(all[k])
	}
	picked := make([]T, 0, len(all))
	for k, name := range names {
		at := slices.Index(known, name)
		if at < 0 {
			return nil, wrong("%q is not a column that there is; %s are", name, strings.Join(known, ", "))
		}
		if slices.Contains(names[:k], name) {
			return nil, wrong("column %q is asked for twice; each column is allowed once", name)
		}
		picked = append(picked, all[at])
	}
	return picked, nil
}
