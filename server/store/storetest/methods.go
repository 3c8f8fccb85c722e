package storetest

import (
	"reflect"
	"slices"
	"testing"

	"github.com/customer-momentum/cmi/server/store"
)

// covers tells whether a table has a row for every method of a store but those named, and none besides.
func covers(t *testing.T, rows []string, but ...string) {
	t.Helper()
	methods := reflect.TypeFor[store.Store]()
	var want []string
	for i := range methods.NumMethod() {
		if name := methods.Method(i).Name; !slices.Contains(but, name) {
			want = append(want, name)
		}
	}
	sameNames(t, "the methods in the table", rows, want...)
}
