package columnartest

import (
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/columnar"
)

// put puts what a response says in a column.
func (t *Table) put(into array.Builder, name string, r *cmiv1.Response) {
	switch name {
	case columnar.ResponseID:
		word(into, r.GetResponseId(), r.GetResponseId() != "")
		return
	case columnar.CustomerID:
		word(into, r.GetCustomerId(), r.GetCustomerId() != "")
		return
	case columnar.Channel:
		word(into, strings.ToLower(strings.TrimPrefix(r.GetChannel().String(), "CHANNEL_")), r.GetChannel() != 0)
		return
	case columnar.SubmittedAt:
		if r.GetSubmittedAt() == nil {
			into.AppendNull()
			return
		}
		at, err := arrow.TimestampFromTime(r.GetSubmittedAt().AsTime(), into.Type().(*arrow.TimestampType).Unit)
		if err != nil {
			panic(err)
		}
		into.(*array.TimestampBuilder).Append(at)
		return
	}
	item, without := strings.CutSuffix(name, columnar.NotApplicable)
	a := answerTo(r, item)
	_, notApplicable := a.GetValue().(*cmiv1.Answer_NoAnswer)
	switch {
	case without:
		into.(*array.BooleanBuilder).Append(notApplicable)
	case a == nil || notApplicable:
		into.AppendNull()
	default:
		answer(into, a)
	}
}

// answer puts an answer into a column of a type that it fits into.
func answer(into array.Builder, a *cmiv1.Answer) {
	switch v := a.GetValue().(type) {
	case *cmiv1.Answer_Number:
		number(into, v.Number)
	case *cmiv1.Answer_Yes:
		into.(*array.BooleanBuilder).Append(v.Yes)
	case *cmiv1.Answer_Choice:
		word(into, v.Choice, true)
	case *cmiv1.Answer_Text:
		word(into, v.Text, true)
	case *cmiv1.Answer_Choices:
		list := into.(interface {
			Append(bool)
			ValueBuilder() array.Builder
		})
		list.Append(true)
		for _, value := range v.Choices.GetValues() {
			word(list.ValueBuilder(), value, true)
		}
	default:
		panic(fmt.Sprintf("no column has room for %v", a))
	}
}

func number(into array.Builder, n float64) {
	switch b := into.(type) {
	case *array.Float64Builder:
		b.Append(n)
	case *array.Float32Builder:
		b.Append(float32(n))
	case *array.Int8Builder:
		b.Append(int8(n))
	case *array.Int16Builder:
		b.Append(int16(n))
	case *array.Int32Builder:
		b.Append(int32(n))
	case *array.Int64Builder:
		b.Append(int64(n))
	case *array.Uint8Builder:
		b.Append(uint8(n))
	case *array.Uint16Builder:
		b.Append(uint16(n))
	case *array.Uint32Builder:
		b.Append(uint32(n))
	case *array.Uint64Builder:
		b.Append(uint64(n))
	default:
		panic(fmt.Sprintf("no number fits into %T", into))
	}
}

func word(into array.Builder, value string, there bool) {
	if !there {
		into.AppendNull()
		return
	}
	switch b := into.(type) {
	case *array.BinaryDictionaryBuilder:
		if err := b.AppendString(value); err != nil {
			panic(err)
		}
	case interface{ Append(string) }:
		b.Append(value)
	default:
		panic(fmt.Sprintf("no text fits into %T", into))
	}
}
