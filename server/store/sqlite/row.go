package sqlite

import (
	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

// row is an entry as it is written. It is made by the caller's goroutine, so that the writer only writes, and so that a
// caller may change its messages once it was answered, whatever the writer is at.
type row struct {
	*form.Response
	tenant   string
	customer *visit // nil for an anonymous response

	seq    int64
	result store.Result
	stands *stored // what was there before, where it was replayed
}

func newRow(keys *form.Secret, tenant string, e store.Entry) (*row, error) {
	response, err := form.NewResponse(keys, tenant, e)
	if err != nil {
		return nil, err
	}
	r := &row{Response: response, tenant: tenant}
	if id := response.CustomerID; id != "" {
		r.customer = newVisit(keys, tenant, id, response.ScoredAt)
	}
	return r, nil
}
