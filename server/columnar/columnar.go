// Package columnar ties questionnaires to tables in the form of Apache Arrow: the columns that a questionnaire expects, how
// those of a record batch become columns of the engine, and how scores become columns again. What comes in is not trusted:
// every offset and bitmap is checked before the engine sees it.
package columnar

import (
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// The columns that say what a response is, beside its answers. No item's id begins so.
const (
	ResponseID  = "@response_id"
	CustomerID  = "@customer_id"
	SubmittedAt = "@submitted_at"
	Channel     = "@channel"
)

// NotApplicable ends the name of the column that tells where an item does not apply: "trust:na".
const NotApplicable = ":na"

// MostRows is how many rows a batch may have. The scores of so many fit into what stock clients take in one message.
const MostRows = 1 << 16

// Heads are the types of the columns beside the items that [Expected] lists.
func heads() []arrow.Field {
	return []arrow.Field{
		{Name: ResponseID, Type: arrow.BinaryTypes.String, Nullable: true},
		{Name: CustomerID, Type: arrow.BinaryTypes.String, Nullable: true},
		{Name: SubmittedAt, Type: arrow.FixedWidthTypes.Timestamp_us, Nullable: true},
		{Name: Channel, Type: arrow.BinaryTypes.String, Nullable: true},
	}
}

// Expected answers the columns that a questionnaire expects, in its order and then the others. Of each, more types are taken than
// the one that is listed, and every column may be missing.
func Expected(q *cmiv1.Questionnaire) *arrow.Schema {
	fields := make([]arrow.Field, 0, 2*len(q.GetItems())+4)
	for _, item := range q.GetItems() {
		fields = append(fields, arrow.Field{Name: item.GetItemId(), Type: typeOf(item), Nullable: true, Metadata: about(item)})
	}
	for _, item := range q.GetItems() {
		fields = append(fields, arrow.Field{Name: item.GetItemId() + NotApplicable, Type: arrow.FixedWidthTypes.Boolean, Nullable: true})
	}
	return arrow.NewSchema(append(fields, heads()...), nil)
}

// typeOf is the narrowest type that every answer to an item fits into.
func typeOf(item *cmiv1.Item) arrow.DataType {
	switch item.GetScale().(type) {
	case *cmiv1.Item_YesNo:
		return arrow.FixedWidthTypes.Boolean
	case *cmiv1.Item_Choice:
		return &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int16, ValueType: arrow.BinaryTypes.String}
	case *cmiv1.Item_Text:
		return arrow.BinaryTypes.String
	case *cmiv1.Item_MultipleChoice:
		return arrow.ListOf(arrow.BinaryTypes.String)
	}
	return arrow.PrimitiveTypes.Float64
}

// about describes an item beside its type.
func about(item *cmiv1.Item) arrow.Metadata {
	facts := map[string]string{}
	if item.GetPillar() != cmiv1.Pillar_PILLAR_UNSPECIFIED {
		facts["pillar"] = strings.TrimPrefix(item.GetPillar().String(), "PILLAR_")
	}
	if item.GetPrompt() != "" {
		facts["prompt"] = item.GetPrompt()
	}
	return arrow.MetadataFrom(facts)
}
