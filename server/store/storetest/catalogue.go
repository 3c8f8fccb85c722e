package storetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// names are those of a page: id and version, in its order.
func names(page []*cmiv1.Questionnaire) []string {
	var names []string
	for _, q := range page {
		names = append(names, fmt.Sprintf("%s/%d", q.GetQuestionnaireId(), q.GetVersion()))
	}
	return names
}

func catalogue(t *testing.T, s store.Store, filter store.QuestionnaireFilter, limit int) []*cmiv1.Questionnaire {
	t.Helper()
	page, err := s.ListQuestionnaires(t.Context(), "acme", filter, limit)
	if err != nil {
		t.Fatalf("ListQuestionnaires: %v", err)
	}
	return page
}

func catalogueOrder(t *testing.T, s store.Store) {
	if page := catalogue(t, s, store.QuestionnaireFilter{}, 10); len(page) != 0 {
		t.Errorf("an empty store lists %q", names(page))
	}
	for _, id := range []string{"b", "a", "B", "a-1", "a.1", "a_1", "aa", "10", "9"} {
		saveVersions(t, s, "acme", version(id, 1, cmiv1.State_STATE_PUBLISHED), version(id, 2, cmiv1.State_STATE_DRAFT),
			version(id, 11, cmiv1.State_STATE_DRAFT))
	}
	sorted := []string{"10", "9", "B", "a", "a-1", "a.1", "a_1", "aa", "b"}
	var all, latest []string
	for _, id := range sorted {
		all = append(all, id+"/11", id+"/2", id+"/1")
		latest = append(latest, id+"/11")
	}
	if got := names(catalogue(t, s, store.QuestionnaireFilter{AllVersions: true}, 100)); !slices.Equal(got, all) {
		t.Errorf("all versions: got %q, want %q", got, all)
	}
	if got := names(catalogue(t, s, store.QuestionnaireFilter{}, 100)); !slices.Equal(got, latest) {
		t.Errorf("latest versions: got %q, want %q", got, latest)
	}
	if got := catalogue(t, s, store.QuestionnaireFilter{}, 0); len(got) != 0 {
		t.Errorf("a limit of 0 lists %d", len(got))
	}
	same(t, "listed", catalogue(t, s, store.QuestionnaireFilter{ID: "a"}, 1)[0], version("a", 11, cmiv1.State_STATE_DRAFT))
}

// shelf saves questionnaires of all kinds and answers every version, in the order of lists.
func shelf(t *testing.T, s store.Store) []*cmiv1.Questionnaire {
	t.Helper()
	var all []*cmiv1.Questionnaire
	sets := [][]cmiv1.Channel{nil, {1}, {2, 3}}
	for i := range 36 {
		var versions []*cmiv1.Questionnaire
		for n := range int32(1 + i%3) {
			q := version(fmt.Sprintf("q-%02d", i), n+1, cmiv1.State(1+(i+int(n))%3))
			q.Audience = cmiv1.Audience((i / 3) % 4)
			q.Channels = sets[(i/12+int(n))%3]
			versions = append(versions, q)
		}
		saveVersions(t, s, "acme", versions...)
		all = append(all, versions...)
	}
	slices.SortFunc(all, func(a, b *cmiv1.Questionnaire) int {
		if c := strings.Compare(a.GetQuestionnaireId(), b.GetQuestionnaireId()); c != 0 {
			return c
		}
		return int(b.GetVersion() - a.GetVersion())
	})
	return all
}

// picks is the rule of filters, said once more and plainly. all is in the order of lists.
func picks(all []*cmiv1.Questionnaire, f store.QuestionnaireFilter) []*cmiv1.Questionnaire {
	var picked []*cmiv1.Questionnaire
	for i, q := range all {
		latest := i == 0 || all[i-1].GetQuestionnaireId() != q.GetQuestionnaireId()
		if (f.AllVersions || latest) &&
			(f.ID == "" || q.GetQuestionnaireId() == f.ID) &&
			(f.State == 0 || q.GetState() == f.State) &&
			(f.Audience == 0 || q.GetAudience() == f.Audience) &&
			(f.Channel == 0 || len(q.GetChannels()) == 0 || slices.Contains(q.GetChannels(), f.Channel)) {
			picked = append(picked, q)
		}
	}
	return picked
}

func catalogueFilters(t *testing.T, s store.Store) {
	all := shelf(t, s)
	for _, every := range []bool{false, true} {
		for _, id := range []string{"", "q-17", "none"} {
			for state := range cmiv1.State(4) {
				for audience := range cmiv1.Audience(4) {
					for channel := range cmiv1.Channel(4) {
						f := store.QuestionnaireFilter{ID: id, State: state, Audience: audience, Channel: channel, AllVersions: every}
						want := picks(all, f)
						got := catalogue(t, s, f, 100)
						if !slices.Equal(names(got), names(want)) {
							t.Fatalf("%+v: got %q, want %q", f, names(got), names(want))
						}
						for i := range got {
							same(t, "listed", got[i], want[i])
						}
					}
				}
			}
		}
	}
	unknown := store.QuestionnaireFilter{Channel: 99, AllVersions: true}
	if got, want := names(catalogue(t, s, unknown, 100)), names(picks(all, unknown)); !slices.Equal(got, want) {
		t.Errorf("a channel that nobody names: got %q, want those for any channel %q", got, want)
	}
}

// cataloguePaged reads a list page by page to its end.
func cataloguePaged(t *testing.T, s store.Store, f store.QuestionnaireFilter, limit int) []*cmiv1.Questionnaire {
	t.Helper()
	var all []*cmiv1.Questionnaire
	for {
		page := catalogue(t, s, f, limit)
		all = append(all, page...)
		if len(page) < limit {
			return all
		}
		if len(all) > 10_000 {
			t.Fatalf("%+v: the pages do not end", f)
		}
		last := page[len(page)-1]
		f.AfterID, f.AfterVersion = last.GetQuestionnaireId(), last.GetVersion()
	}
}

func cataloguePages(t *testing.T, s store.Store) {
	all := shelf(t, s)
	for _, f := range []store.QuestionnaireFilter{
		{}, {AllVersions: true}, {State: cmiv1.State_STATE_PUBLISHED}, {ID: "q-17", AllVersions: true},
		{Channel: cmiv1.Channel_CHANNEL_ONLINE, AllVersions: true},
	} {
		want := names(picks(all, f))
		for _, limit := range []int{1, 2, 7} {
			if got := names(cataloguePaged(t, s, f, limit)); !slices.Equal(got, want) {
				t.Errorf("%+v in pages of %d: got %q, want %q", f, limit, got, want)
			}
		}
	}
}

// cataloguePagesWhileWriting adds questionnaires and versions all the while: none that was there is left out or doubled.
func cataloguePagesWhileWriting(t *testing.T, s store.Store) {
	shelf(t, s)
	ctx, stop := context.WithCancel(t.Context())
	var writing sync.WaitGroup
	writing.Go(func() {
		for i := 0; ctx.Err() == nil && i < 2000; i++ {
			saveVersions(t, s, "acme", version(fmt.Sprintf("q-%02d", i%36), int32(10+i/36), cmiv1.State_STATE_DRAFT))
		}
	})
	seen := map[string]int{}
	for range 5 {
		clear(seen)
		for _, q := range cataloguePaged(t, s, store.QuestionnaireFilter{}, 5) {
			seen[q.GetQuestionnaireId()]++
		}
		for i := range 36 {
			if id := fmt.Sprintf("q-%02d", i); seen[id] > 1 {
				t.Errorf("%s was read %d times", id, seen[id])
			}
		}
	}
	stop()
	writing.Wait()
}
