// Package storetest is the one suite that every driver of the store passes. It tries each promise that package store
// makes, through its interface alone; what a driver promises beyond that is tested beside the driver.
package storetest

import (
	"fmt"
	"testing"

	"github.com/customer-momentum/cmi/server/store"
)

// seeds is with how many the suite compares a driver with the model. More are for Compare.
const seeds = 5

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

		{"Record/creates customers", recordCreates},

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
		{"Ids/customers and what they are called", customersAreBytes},

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

		{"Calibrations/order and versions", calibrationOrder},
		{"Calibrations/pages", calibrationPages},
		{"Calibrations/exactness", calibrationExact},
		{"Calibrations/messages", calibrationMessages},

		{"Interactions/keeps each", interactionsKept},
		{"Interactions/an id is used once", interactionResults},
		{"Interactions/create customers", interactionsCreate},
		{"Interactions/at the same time", interactionsConcurrently},
		{"Interactions/many", interactionsMany},
		{"Interactions/messages", interactionMessages},
		{"Interactions/lists", interactionsListed},
		{"Interactions/bounds of time", interactionTimes},
		{"Interactions/pages while others write", interactionPagesWhileWriting},
		{"Doings/each answer", doingsAsked},
		{"Doings/many asks", doingsTogether},
		{"Doings/follow profiles and erasures", doingsFollow},

		{"Outcomes/keeps each", outcomesKept},
		{"Outcomes/an id is used once", outcomeResults},
		{"Outcomes/create customers", outcomesCreate},
		{"Outcomes/at the same time", outcomesConcurrently},
		{"Outcomes/many", outcomesMany},
		{"Outcomes/messages", outcomeMessages},
		{"Outcomes/lists", outcomesListed},
		{"Outcomes/pages while others write", outcomePagesWhileWriting},
		{"Outcomes/erased", outcomesErased},
		{"Outcomes/erased at the same time", outcomesErasedTogether},
		{"Invitations/keeps each", invitationsKept},
		{"Invitations/replace", invitationsReplaced},
		{"Invitations/bounds of time", invitationsBounded},
		{"Invitations/at the same time", invitationsTogether},
		{"Invitations/messages", invitationMessages},

		{"Profiles/are read", profilesRead},
		{"Profiles/are replaced", profilesReplaced},
		{"Profiles/an error refuses one alone", profilesRefused},
		{"Profiles/at the same time", profilesChangedTogether},
		{"Profiles/many", profilesMany},
		{"Profiles/while others erase", profilesErasedTogether},
		{"Profiles/a customer starts once", profilesStartOnce},
		{"Profiles/a panic harms nobody", profilesPanic},
		{"Profiles/cancelled within a change", profilesCancelledWithin},
		{"Profiles/messages", profileMessages},
		{"Profiles/read together", profilesTogether},
		{"Profiles/read together, many", profilesOfMany},
		{"Profiles/answered ones belong to the caller", profilesApart},
		{"Facts/order", factsOrdered},
		{"Facts/points", factsPoints},
		{"Facts/up to a time", factsUpTo},
		{"Facts/of many", factsOfMany},
		{"Facts/revisions", factsRevised},
		{"Facts/of one moment", factsOfOneMoment},
		{"Facts/belong to the caller", factsApart},

		{"Erase/counts", eraseCounts},
		{"Erase/many", eraseMany},
		{"Erase/leaves nothing", eraseLeavesNothing},
		{"Erase/remembers ids", eraseRemembers},
		{"Erase/ids in use", eraseAndIDsInUse},
		{"Erase/who starts anew", eraseAnew},
		{"Erase/at the same time", eraseConcurrently},

		{"Due/by facts", dueByFacts},
		{"Due/by time", dueByTime},
		{"Due/of all tenants", dueOfAll},
		{"Due/marked", markedDue},
		{"Due/marks are not lost", marksNotLost},
		{"Due/by rules", rulesUsed},
		{"Standings/exactness", standingsExact},
		{"Standings/outdated ones", standingsOutdated},
		{"Standings/while others record", standingsCaughtUp},
		{"Standings/many", standingsMany},
		{"Standings/given ones may be changed", standingsGiven},
		{"Customers/each filter and all combinations", customersFiltered},
		{"Customers/labels follow profiles", customersLabelled},
		{"Customers/by p-value", customersByPValue},
		{"Customers/by creation", customersByCreation},
		{"Customers/of one call", customersOfOneCall},
		{"Customers/pages", customerPages},
		{"Customers/places between", customersBetween},
		{"Customers/few of many", customersSparse},
		{"Customers/pages while others write", customerPagesWhileWriting},
		{"Means/follow", meansFollow},
		{"Means/in any order", meansInAnyOrder},
		{"Means/at the same time", meansTogether},

		{"Slices/cover", slicesCover},
		{"Slices/of nothing", slicesOfNothing},
		{"Slices/stay", slicesStay},
		{"Slices/of other tenants", slicesOfTenants},
		{"Slices/while others record", slicesWhileWriting},
		{"Slices/messages", slicesOfMessages},

		{"Histories/cover", historiesCover},
		{"Histories/each filter and all combinations", historiesFiltered},
		{"Histories/exactness", historiesExact},
		{"Histories/recorded in any number", historiesRecorded},
		{"Histories/of accounts and segments", historiesLabelled},
		{"Histories/void and erased", historiesFollow},
		{"Histories/responses at their places", placesAsked},
		{"Histories/while others write", historiesWhileWriting},
		{"Histories/of one moment", historiesOfOneMoment},

		{"Operations/start", operationStarts},
		{"Operations/start again", operationStartsAgain},
		{"Operations/start at the same time", operationStartsTogether},
		{"Operations/of two tenants", operationsOfTenants},
		{"Operations/missing", operationMissing},
		{"Operations/are planned once", operationPlannedOnce},
		{"Operations/planned at the same time", operationPlannedTogether},
		{"Operations/end once", operationEndsOnce},
		{"Operations/end at the same time", operationEndsTogether},
		{"Operations/removed", operationRemoved},
		{"Operations/expire", operationsExpire},
		{"Operations/cleared", operationsCleared},
		{"Operations/cleared at the same time", operationsClearedTogether},
		{"Operations/lists", operationsListed},
		{"Operations/open", operationsOpen},
		{"Operations/bytes", operationBytes},
		{"Pieces/are counted", piecesCounted},
		{"Pieces/saved twice", pieceSavedTwice},
		{"Pieces/saved late", pieceSavedLate},
		{"Pieces/saved at the same time", piecesSavedTogether},
		{"Pieces/saved while others erase", piecesSavedWhileErased},
		{"Pieces/lists", piecesListed},
		{"Pieces/exactness", piecesExact},
		{"Pieces/many", piecesMany},
		{"Rescored/order", rescoredOrder},
		{"Rescored/of other tenants", rescoredElsewhere},
		{"Rescored/many", rescoredMany},
		{"Rescored/erased", rescoredErased},
		{"Rescored/erased meanwhile", rescoredErasedMeanwhile},
		{"Rescored/void", rescoredVoid},

		{"Jobs/are done once", jobsOnce},
		{"Jobs/sent twice", jobsSentTwice},
		{"Jobs/twice in one call", jobsTwiceInOneCall},
		{"Jobs/of other rounds", jobsOfRounds},
		{"Jobs/come again", jobsComeAgain},
		{"Jobs/at the same time", jobsTogether},
		{"Jobs/end", jobsEnd},
		{"Jobs/end in time", jobsEndInTime},
		{"Jobs/cancelled", jobsCancelled},
		{"Jobs/while it closes", jobsWhileClosing},

		{"Watch/ends", watchEnds},
		{"Calls/every method", everyMethodIsCalled},
		{"Calls/with a cancelled context", cancelled},
		{"Calls/cancelled within a change", cancelledWithin},
		{"Calls/with a deadline under load", deadlines},
		{"Calls/after close", afterClose},
		{"Calls/while it closes", whileClosing},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.run(t, open(t))
		})
	}
	for seed := range uint64(seeds) {
		t.Run(fmt.Sprintf("Model/seed %d", seed), func(t *testing.T) {
			t.Parallel()
			Compare(t, open, seed)
		})
	}
}
