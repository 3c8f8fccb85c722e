package storetest

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// anew is a response that was scored again; before and after are numbers of buckets.
func anew(t *testing.T, s store.Store, tenant, response string, before, after int, score string) store.Rescored {
	t.Helper()
	return store.Rescored{
		Place: kept(t, s, tenant, response).Cursor, Before: cmiv1.Bucket(before), After: cmiv1.Bucket(after), Score: []byte(score),
	}
}

func move(before, after int) store.Move {
	return store.Move{Before: cmiv1.Bucket(before), After: cmiv1.Bucket(after)}
}

// listRescored reads a page.
func listRescored(t *testing.T, s store.Store, tenant string, f store.RescoredFilter, limit int) []store.ListedRescored {
	t.Helper()
	page, err := s.ListRescored(t.Context(), tenant, f, limit)
	if err != nil {
		t.Fatalf("ListRescored %+v: %v", f, err)
	}
	return page
}

// rescored is a page in words, each the id of the response and what it was given.
func rescored(t *testing.T, s store.Store, tenant string, f store.RescoredFilter, limit int) []string {
	t.Helper()
	return rescoredInWords(listRescored(t, s, tenant, f, limit))
}

func rescoredInWords(page []store.ListedRescored) []string {
	var words []string
	for _, r := range page {
		words = append(words, fmt.Sprintf("%s %s", r.Recorded.GetResponseId(), r.Score))
	}
	return words
}

// scoredAgain is what the suite knows of a response that was scored again.
type scoredAgain struct {
	entry store.Entry
	move  store.Move
	words string
}

// scoredAgainByMove scores all responses of mixed again, over pieces that have nothing to do with their order, and answers
// them in the order in which they were recorded.
func scoredAgainByMove(t *testing.T, s store.Store, n int) (store.Operation, []scoredAgain) {
	t.Helper()
	const pieces = 7
	entries := mixed(t, s, n)
	// Another operation scores the same ones otherwise.
	beside := run(t, s, "acme", "beside", 1)
	var besides []store.Rescored
	op := run(t, s, "acme", "op", slices.Repeat([]int{n}, pieces)...)
	var given [pieces][]store.Rescored
	var all []scoredAgain
	for i, e := range entries {
		id := e.Score.GetResponseId()
		words := fmt.Sprintf("score %d", i)
		r := anew(t, s, "acme", id, i*5%4, i*3%11%4, words)
		given[(i*31)%pieces] = append(given[(i*31)%pieces], r)
		besides = append(besides, anew(t, s, "acme", id, 3, 3, "beside"))
		all = append(all, scoredAgain{e, store.Move{Before: r.Before, After: r.After}, id + " " + words})
	}
	save(t, s, beside.Key, 0, "part", minute(2), besides...)
	for i := range pieces {
		piece := (i + 3) % pieces
		slices.Reverse(given[piece])
		op = save(t, s, op.Key, piece, "part", minute(2), given[piece]...)
	}
	return op, all
}

// movesAsked are the filters of moves that the suite asks for: none, one, some in any order and twice, those that nobody made.
func movesAsked() [][]store.Move {
	var all []store.Move
	for before := 3; before >= 0; before-- {
		for after := range 4 {
			all = append(all, move(before, after))
		}
	}
	return [][]store.Move{nil, {move(1, 2)}, {move(3, 0), move(0, 0), move(1, 3), move(0, 0)}, all, {move(7, 7)}, {move(9, 9), move(2, 1)}}
}

// rescoredOrder compares lists with what was saved, for each customer and all combinations of moves.
func rescoredOrder(t *testing.T, s store.Store) {
	op, all := scoredAgainByMove(t, s, 200)
	for _, customer := range []string{"", "ann", "bob", "nobody", "Ann"} {
		for _, moves := range movesAsked() {
			f := store.RescoredFilter{Operation: op.Key, Customer: customer, Moves: moves}
			var want []scoredAgain
			for _, r := range all {
				if (customer == "" || r.entry.Score.GetCustomerId() == customer) && (moves == nil || slices.Contains(moves, r.move)) {
					want = append(want, r)
				}
			}
			if customer == "" {
				slices.SortStableFunc(want, func(a, b scoredAgain) int {
					return int(4*(a.move.Before-b.move.Before) + a.move.After - b.move.After)
				})
			}
			rescoredMatch(t, s, f, want)
		}
	}
}

func rescoredMatch(t *testing.T, s store.Store, f store.RescoredFilter, want []scoredAgain) {
	t.Helper()
	whole := listRescored(t, s, "acme", f, 1000)
	var words []string
	for _, r := range want {
		words = append(words, r.words)
	}
	sameWords(t, fmt.Sprintf("%+v", f), rescoredInWords(whole), words...)
	for i := range min(len(whole), len(want)) {
		same(t, "recorded score", whole[i].Recorded, want[i].entry.Score) // with its void mark
		if f.Customer != "" && whole[i].Cursor.Move != 0 {
			t.Fatalf("%+v: place %d is %+v, want no move in it", f, i, whole[i].Cursor)
		}
	}
	for _, limit := range []int{1, 7, 50, 200} {
		sameWords(t, fmt.Sprintf("%+v in pages of %d", f, limit), pagesOfRescored(t, s, f, limit), words...)
	}
	if page := listRescored(t, s, "acme", f, 0); len(page) != 0 {
		t.Errorf("%+v: a limit of 0 lists %d", f, len(page))
	}
}

func pagesOfRescored(t *testing.T, s store.Store, f store.RescoredFilter, limit int) []string {
	t.Helper()
	var words []string
	f.After = nil
	for {
		page := listRescored(t, s, "acme", f, limit)
		if len(page) > limit {
			t.Fatalf("a page of %d is longer than the limit of %d", len(page), limit)
		}
		words = append(words, rescoredInWords(page)...)
		for i := range page {
			if f.After != nil && rising(*f.After, page[i].Cursor) >= 0 {
				t.Fatalf("%+v: place %+v comes after %+v", f, page[i].Cursor, *f.After)
			}
			f.After = &page[i].Cursor
		}
		if len(page) < limit {
			return words
		}
	}
}

// rescoredElsewhere: an operation is of one tenant, and lists of others know nothing of it.
func rescoredElsewhere(t *testing.T, s store.Store) {
	op, _ := scoredAgainByMove(t, s, 20)
	record(t, s, "globex", entry("m-0000", of("ann")))
	own := run(t, s, "globex", "op", 1)
	save(t, s, own.Key, 0, "part", minute(2), anew(t, s, "globex", "m-0000", 1, 1, "of globex"))
	for _, f := range []store.RescoredFilter{{}, {Customer: "ann"}, {Moves: []store.Move{move(1, 2)}}} {
		for tenant, key := range map[string]int64{"globex": op.Key, "": op.Key, "Acme": op.Key, "nobody's": op.Key, "acme": own.Key} {
			f.Operation = key
			if got, err := s.ListRescored(t.Context(), tenant, f, 10); !errors.Is(err, store.ErrNotFound) || len(got) != 0 {
				t.Errorf("%+v of %q: got %d, %v; want ErrNotFound", f, tenant, len(got), err)
			}
		}
	}
	for _, f := range []store.RescoredFilter{{Operation: own.Key}, {Operation: own.Key, Customer: "ann"}} {
		sameWords(t, "of globex", rescored(t, s, "globex", f, 10), "m-0000 of globex")
	}
	waiting := begin(t, s, "acme", ofID("waiting"))
	sameWords(t, "of one that is not planned", rescored(t, s, "acme", store.RescoredFilter{Operation: waiting.Key}, 10))
}

// rescoredMany saves more in one piece than fits a page of anything, whose scores are of all lengths.
func rescoredMany(t *testing.T, s store.Store) {
	const n = 2500
	var entries []store.Entry
	for i := range n {
		entries = append(entries, entry(fmt.Sprintf("r-%04d", i), of([]string{"ann", ""}[i%2])))
	}
	record(t, s, "acme", entries...)
	given := make([]store.Rescored, n)
	for _, k := range list(t, s, "acme", store.ResponseFilter{}, n) {
		var i int
		if _, err := fmt.Sscanf(k.Score.GetResponseId(), "r-%d", &i); err != nil {
			t.Fatal(err)
		}
		score := slices.Repeat([]byte{0xff}, i)
		given[n-1-i] = store.Rescored{Place: k.Cursor, Before: cmiv1.Bucket_BUCKET_GROWTH, After: cmiv1.Bucket_BUCKET_GROWTH, Score: score}
	}
	op := run(t, s, "acme", "op", n)
	op = save(t, s, op.Key, 0, "part", minute(2), given...)
	if op.Done != n || op.Left != 0 {
		t.Errorf("got %s", operationInWords(op))
	}
	all := listRescored(t, s, "acme", store.RescoredFilter{Operation: op.Key}, 2*n)
	if len(all) != n {
		t.Fatalf("%d are listed, want %d", len(all), n)
	}
	for i, r := range all {
		if r.Recorded.GetResponseId() != fmt.Sprintf("r-%04d", i) || len(r.Score) != i {
			t.Fatalf("place %d is %s with %d bytes", i, r.Recorded.GetResponseId(), len(r.Score))
		}
	}
	if got := listRescored(t, s, "acme", store.RescoredFilter{Operation: op.Key, Customer: "ann"}, n); len(got) != n/2 {
		t.Errorf("%d of the customer are listed, want %d", len(got), n/2)
	}
}
