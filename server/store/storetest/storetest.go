// Package storetest is the one suite that every driver of the store passes. It tries each promise that package store
// makes, through its interface alone; what a driver promises beyond that is tested beside the driver.
package storetest

import (
	"testing"

	"github.com/customer-momentum/cmi/server/store"
)

// Run tries a driver. open answers an empty store, a new one for each call, and closes it when its test ends; a store that
// the test closed before must stand being closed again.
func Run(t *testing.T, open func(t *testing.T) store.Store) {
	for _, test := range []struct {
		name string
		run  func(t *testing.T, s store.Store)
	}{
		{"Record/keeps each entry", recordKeeps},
		{"Record/of nothing", recordNothing},
		{"Record/mixed outcomes", recordMixed},
		{"Record/same id twice in one call", recordTwice},
		{"Record/a thousand entries", recordThousand},
		{"Record/large texts", recordLarge},
		{"Record/unicode", recordUnicode},
		{"Record/anonymous", recordAnonymous},

		{"Idempotency/same content at the same time", sameContentConcurrently},
		{"Idempotency/other content at the same time", otherContentConcurrently},
		{"Idempotency/overlapping batches", overlappingBatches},

		{"Exactness/microseconds", microseconds},
		{"Exactness/floats to the last bit", floats},
		{"Exactness/presence", presence},

		{"Void/marks once", voidOnce},
		{"Void/at the same time", voidConcurrently},
		{"Void/of what is not there", voidMissing},
		{"Void/replays carry the mark", voidReplay},
		{"Void/times", voidTimes},

		{"List/order and ties", listOrder},
		{"List/each filter and all combinations", listFilters},
		{"List/bounds of time", listTimes},
		{"List/of nothing", listNothing},
		{"List/scores only", listScoresOnly},
		{"List/pages", listPages},
		{"List/pages while others write", listPagesWhileWriting},
		{"List/a cursor outside the bounds", listCursorOutside},

		{"Ids/bytes tell them apart", idsAreBytes},
		{"Ids/tenants with the same ids never meet", tenantsApart},
		{"Ids/names that run together", tenantsRunTogether},

		{"Questionnaire/versions", questionnaireVersions},
		{"Questionnaire/latest published", questionnaireLatest},
		{"Change/reads all versions in order", changeReads},
		{"Change/saves several versions or none", changeAtomic},
		{"Change/an error saves nothing", changeFails},
		{"Change/a panic harms nobody", changePanics},
		{"Change/at the same time", changeConcurrently},
		{"Change/different ids at the same time", changeApart},
		{"Catalogue/order", catalogueOrder},
		{"Catalogue/each filter and all combinations", catalogueFilters},
		{"Catalogue/pages", cataloguePages},
		{"Catalogue/pages while others write", cataloguePagesWhileWriting},

		{"Messages/given ones may be changed", givenMessages},
		{"Messages/given ones are not changed", givenMessagesStand},
		{"Messages/answered ones belong to the caller", answeredMessages},

		{"Calls/with a cancelled context", cancelled},
		{"Calls/with a deadline under load", deadlines},
		{"Calls/after close", afterClose},
		{"Calls/while it closes", whileClosing},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.run(t, open(t))
		})
	}
}
