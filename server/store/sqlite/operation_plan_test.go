package sqlite

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"github.com/customer-momentum/cmi/server/store"
)

// anyOf gives each of the parameters of a statement some number.
func anyOf(names ...string) []any {
	var args []any
	for _, name := range names {
		args = append(args, sql.Named(name, 1))
	}
	return args
}

func TestReadsOfOperationsAreIndexWalks(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, text := range []string{
		findOperation, findOperationByID, findPiece, findUnits, listMissing, listParts, findOperationOf, removeOperation, endOperation,
		planOperation, endPiece, countPiece, expireOperations, clearRescored, clearPieces, clearOperation, findTenantOfScope,
		findLastResponse,
	} {
		walks(t, text, plan(t, s, text, make([]any, strings.Count(text, "?"))...))
	}
	walks(t, "a list of operations", plan(t, s, listOperations, operationArgs("acme", store.OperationFilter{}, 1)...))
	walks(t, "a list of what is open", plan(t, s, listOpenOperations, anyOf("limit")...))
	if steps := plan(t, s, findRemoved); steps != "SCAN operations USING INDEX operations_removed" {
		t.Errorf("what was removed is found by\n%s", steps)
	}
	text := fmt.Sprintf(insertRescored, rescoredTuple)
	if steps := plan(t, s, text, 1, 1, 1, nil, 1); strings.Contains(steps, "SCAN responses") || !strings.Contains(steps, "SEARCH responses") {
		t.Errorf("%s looks for responses by\n%s", text, steps)
	}
}

func TestListsOfWhatWasScoredAgainAreIndexWalks(t *testing.T) {
	t.Parallel()
	s := open(t)
	walks(t, walkRescored, plan(t, s, walkRescored, anyOf("operation", "move", "place", "limit")...))
	steps := plan(t, s, walkRescoredOfCustomer, anyOf("operation", "customer", "place", "moves", "limit")...)
	if strings.Contains(steps, "SCAN") || strings.Contains(steps, "MATERIALIZE") {
		t.Errorf("that of one customer reads more than is the customer's:\n%s", steps)
	}
}

// TestSlicesAreBoundedOnBothSides: the index tells apart places of the same microsecond too.
func TestSlicesAreBoundedOnBothSides(t *testing.T) {
	t.Parallel()
	s := open(t)
	bounds := []string{"class", "at", "seq"}
	for text, names := range map[string][]string{findSliceEnd: {"before", "others"}, placesFrom: {"before"}, readSlice: {"toAt", "toSeq", "last"}} {
		steps := plan(t, s, text, anyOf(append(names, bounds...)...)...)
		walks(t, text, steps)
		if !strings.Contains(steps, "submitted_at=? AND rowid>?") {
			t.Errorf("%s walks those of one microsecond from their start:\n%s", text, steps)
		}
		if text != readSlice && strings.Count(steps, "SEARCH") != strings.Count(steps, "COVERING INDEX") {
			t.Errorf("%s reads the table:\n%s", text, steps)
		}
		t.Log(steps)
	}
}
