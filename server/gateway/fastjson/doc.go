// Package fastjson reads and writes the JSON of the messages that the hot paths are made of: requests to score, and scores.
// It knows their usual shape and nothing else. Whatever it meets beyond that (an escape in a string, a field it does not
// know, null, a number out of the ordinary) makes it say no, and the caller takes the general and slow way, protojson, which
// alone decides what is right. What this package does accept or write means exactly what protojson would make of it; tests
// hold it to that, field by field.
//
// It is worth its place: for a response of 12 answers protojson costs about as much as all the rest of an HTTP call.
package fastjson

import (
	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// Unmarshal reads data into m, which must be empty, and tells whether it did. When it did not, m holds anything.
func Unmarshal(data []byte, m proto.Message) bool {
	r := reader{data: data}
	switch m := m.(type) {
	case *cmiv1.ScoreCustomerRequest:
		r.scoreCustomer(m)
	case *cmiv1.BatchScoreCustomersRequest:
		r.batch(m)
	case *cmiv1.StreamScoresRequest:
		r.stream(m)
	default:
		return false
	}
	r.space()
	return !r.bad && r.at == len(data)
}

// Append writes m behind b and tells whether it did. When it did not, what follows b is to be dropped.
func Append(b []byte, m proto.Message) ([]byte, bool) {
	w := writer{b: b}
	switch m := m.(type) {
	case *cmiv1.ScoreCustomerResponse:
		w.scoreCustomer(m)
	case *cmiv1.BatchScoreCustomersResponse:
		w.batch(m)
	case *cmiv1.StreamScoresResponse:
		w.stream(m)
	default:
		return b, false
	}
	return w.b, !w.bad
}
