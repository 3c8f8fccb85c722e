package columnar

import (
	"math"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
)

// Heads are the columns that say what a response is, beside its answers.
type Heads struct {
	responseID, customerID, submittedAt, channel int // places in the schema; -1: none

	responses, customers, channels texts
	times                          *array.Timestamp
	unit                           arrow.TimeUnit
}

func noHeads() Heads { return Heads{responseID: -1, customerID: -1, submittedAt: -1, channel: -1} }

// any tells whether there is any such column.
func (h *Heads) any() bool {
	return h.responseID >= 0 || h.customerID >= 0 || h.submittedAt >= 0 || h.channel >= 0
}

// columns are the places of these columns in the schema; -1: none.
func (h *Heads) columns() [4]int {
	return [4]int{h.responseID, h.customerID, h.submittedAt, h.channel}
}

// Responses tells whether responses have ids, without which none can be recorded.
func (h *Heads) Responses() bool { return h.responseID >= 0 }

// Customers tells whether customers are named.
func (h *Heads) Customers() bool { return h.customerID >= 0 }

// bind takes a column by its reserved name.
func (h *Heads) bind(field arrow.Field, at int) error {
	switch field.Name {
	case ResponseID:
		h.responseID = at
	case CustomerID:
		h.customerID = at
	case Channel:
		h.channel = at
	case SubmittedAt:
		h.submittedAt = at
		t, ok := field.Type.(*arrow.TimestampType)
		if !ok {
			return wrong("column %q: %s is not allowed; timestamp is", field.Name, field.Type)
		}
		h.unit = t.Unit
		return nil
	default:
		return wrong("column %q is not a reserved name; %s, %s, %s and %s are", field.Name, ResponseID, CustomerID, SubmittedAt, Channel)
	}
	kind := field.Type
	if d, ok := kind.(*arrow.DictionaryType); ok {
		kind = d.ValueType
	}
	switch kind.ID() {
	case arrow.STRING, arrow.LARGE_STRING, arrow.STRING_VIEW:
		return nil
	}
	return wrong("column %q: %s is not allowed; utf8 is", field.Name, field.Type)
}

func (h *Heads) load(batch arrow.RecordBatch) error {
	for _, one := range []struct {
		at   int
		into *texts
	}{{h.responseID, &h.responses}, {h.customerID, &h.customers}, {h.channel, &h.channels}} {
		if one.at < 0 {
			continue
		}
		if err := one.into.take(batch.ColumnName(one.at), batch.Column(one.at)); err != nil {
			return err
		}
	}
	if h.submittedAt >= 0 {
		h.times = batch.Column(h.submittedAt).(*array.Timestamp)
		_, err := validity(SubmittedAt, h.times)
		return err
	}
	return nil
}

// Disallowed adds the rows that say something of their response, beside its answers, that the engine does not allow.
func (h *Heads) Disallowed(rows int, to []int) []int {
	if !h.any() {
		return to
	}
	var r cmiv1.Response
	for row := range rows {
		r.ResponseId, r.CustomerId, r.Channel, r.SubmittedAt = "", "", 0, nil
		if h.Put(row, &r); !scoring.HeadAllowed(&r) {
			to = append(to, row)
		}
	}
	return to
}

// Put says of a response what a row says of it. What is null is left as it is. A channel that is not known is put as a number that
// is none, so that the engine refuses the response.
func (h *Heads) Put(row int, r *cmiv1.Response) {
	if id, ok := h.responses.at(row); ok {
		r.ResponseId = id
	}
	if id, ok := h.customers.at(row); ok {
		r.CustomerId = id
	}
	if name, ok := h.channels.at(row); ok {
		r.Channel = channelOf(name)
	}
	if h.times != nil && h.times.IsValid(row) {
		r.SubmittedAt = timestamppb.New(h.times.Value(row).ToTime(h.unit).Truncate(time.Microsecond))
	}
}

// channelOf reads a channel's name: as in the contract, or its end in any case: "online".
func channelOf(name string) cmiv1.Channel {
	name = strings.ToUpper(name)
	if n, ok := cmiv1.Channel_value[name]; ok {
		return cmiv1.Channel(n)
	}
	if n, ok := cmiv1.Channel_value["CHANNEL_"+name]; ok {
		return cmiv1.Channel(n)
	}
	return math.MaxInt32
}

// texts is a column of texts of any kind.
type texts struct {
	column array.StringLike
	coded  *array.Dictionary
	words  dictionary
}

func (t *texts) take(name string, column arrow.Array) error {
	t.column, t.coded = nil, nil
	if _, err := validity(name, column); err != nil {
		return err
	}
	if c, ok := column.(*array.Dictionary); ok {
		t.coded = c
		_, err := coded(name, c, &t.words)
		return err
	}
	c, ok := column.(array.StringLike)
	if !ok {
		return wrong("column %q: %s is not allowed; utf8 is", name, column.DataType())
	}
	t.column = c
	return sound(name, column)
}

// at is the text of a row; none where it is null. It is of the batch's memory where the column is no dictionary.
func (t *texts) at(row int) (string, bool) {
	switch {
	case t.coded != nil && t.coded.IsValid(row):
		return t.words.words[t.coded.GetValueIndex(row)], true
	case t.column != nil && t.column.IsValid(row):
		return t.column.Value(row), true
	}
	return "", false
}
