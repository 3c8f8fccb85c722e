package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

// life is what is remembered of one customer from their creation to their erasure. Every text of it holds the same mark.
type life struct {
	customer     string
	mark         string
	profile      *cmiv1.Customer
	responses    []store.Entry
	void         map[string]string // reasons by response id
	interactions []*cmiv1.Interaction
	outcomes     []*cmiv1.Outcome
}

// town is a store with customers in it, and what should be in it.
type town struct {
	*Store
	random *rand.Rand
	alive  map[int]*life
	gone   []*life
	births int
}

const townsfolk = 25

// TestErasureLeavesNoByte lives through some thousand random steps: customers come, say and do things, move to other
// accounts with larger and smaller profiles, have responses voided, are erased and come back. Then nothing of those who
// were erased may stand in any file, and everything of the others must.
func TestErasureLeavesNoByte(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "cmi.db")
			p := &town{Store: openAt(t, path), random: rand.New(rand.NewPCG(seed, 7)), alive: map[int]*life{}}
			for range 1000 {
				p.step(t)
			}
			for i := range 5 {
				p.erase(t, i)
			}
			if len(p.gone) < 10 || len(p.alive) < 5 {
				t.Fatalf("%d lives ended and %d go on: the test tried too little", len(p.gone), len(p.alive))
			}
			p.checkFiles(t)
			p.check(t)
			if err := p.Close(); err != nil {
				t.Fatal(err)
			}
			p.checkFiles(t)
			p.Store = openAt(t, path)
			p.check(t)
			p.checkFiles(t)
		})
	}
}

func (p *town) step(t *testing.T) {
	t.Helper()
	i := p.random.IntN(townsfolk)
	l := p.alive[i]
	if l == nil {
		p.births++
		l = &life{customer: fmt.Sprintf("who-%03d-", i), mark: fmt.Sprintf("Mark%05dEnd", p.births), void: map[string]string{}}
		p.alive[i] = l
		if p.random.IntN(2) == 0 {
			p.record(t, l)
		} else {
			p.save(t, l)
		}
		return
	}
	switch n := p.random.IntN(100); {
	case n < 35:
		p.record(t, l)
	case n < 55:
		p.do(t, l)
	case n < 65:
		p.conclude(t, l)
	case n < 85:
		p.save(t, l)
	case n < 96:
		p.mark(t, l)
	default:
		p.erase(t, i)
	}
}

// text is of a size from a few bytes to several pages, full of the mark.
func (p *town) text(l *life) string {
	return strings.Repeat(l.mark+" ", 1+[]int{0, 2, 30, 900}[p.random.IntN(4)])
}

func (p *town) when() time.Time {
	return time.UnixMicro(1_770_000_000_000_000 + p.random.Int64N(50))
}

func (p *town) record(t *testing.T, l *life) {
	t.Helper()
	var entries []store.Entry
	for range 1 + p.random.IntN(3) {
		e := sample(fmt.Sprintf("%s-%d", l.mark, len(l.responses)+len(entries)))
		e.Response.CustomerId, e.Score.CustomerId = l.customer, l.customer
		e.Score.SubmittedAt = timestamppb.New(p.when())
		e.Response.Answers[0].Value = &cmiv1.Answer_Text{Text: p.text(l)}
		e.Score.Series = l.mark
		entries = append(entries, e)
	}
	outcomes, err := p.Record(t.Context(), "acme", entries)
	if err != nil {
		t.Fatal(err)
	}
	for i, o := range outcomes {
		if o.Result != store.Recorded {
			t.Fatalf("%s: got result %d, want it recorded", entries[i].Score.GetResponseId(), o.Result)
		}
	}
	l.responses = append(l.responses, entries...)
	if l.profile == nil {
		l.profile = &cmiv1.Customer{CustomerId: l.customer, CreatedAt: entries[0].Score.GetScoredAt()}
	}
}

func (p *town) do(t *testing.T, l *life) {
	t.Helper()
	var all []*cmiv1.Interaction
	for range 1 + p.random.IntN(5) {
		i := &cmiv1.Interaction{
			InteractionId: fmt.Sprintf("did-%s-%d", l.mark, len(l.interactions)+len(all)), CustomerId: l.customer,
			Kind: []string{"visit", "kind " + l.mark}[p.random.IntN(2)], OccurredAt: timestamppb.New(p.when()),
		}
		if p.random.IntN(2) == 0 {
			i.Value = proto.Float64(p.random.Float64())
		}
		all = append(all, i)
	}
	results, err := p.RecordInteractions(t.Context(), "acme", all, p.when())
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range results {
		if r != store.Recorded {
			t.Fatalf("%s: got result %d, want it recorded", all[i].GetInteractionId(), r)
		}
	}
	l.interactions = append(l.interactions, all...)
}

// conclude records outcomes whose ids hold the mark; some have longer bodies than others.
func (p *town) conclude(t *testing.T, l *life) {
	t.Helper()
	var all []*cmiv1.Outcome
	for range 1 + p.random.IntN(5) {
		o := &cmiv1.Outcome{
			OutcomeId: fmt.Sprintf("came-%s-%d", l.mark, len(l.outcomes)+len(all)), CustomerId: l.customer,
			Kind: cmiv1.OutcomeKind(1 + p.random.IntN(3)), OccurredAt: timestamppb.New(p.when()),
		}
		if p.random.IntN(2) == 0 {
			o.Amount, o.Currency = proto.Float64(p.random.Float64()), "EUR"
		}
		all = append(all, o)
	}
	l.outcomes = append(l.outcomes, all...)
	p.outcomesBecome(t, all, store.Recorded)
}

// outcomesBecome records outcomes, of each of which the same must become.
func (p *town) outcomesBecome(t *testing.T, all []*cmiv1.Outcome, want store.Result) {
	t.Helper()
	results, err := p.RecordOutcomes(t.Context(), "acme", all, p.when())
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range results {
		if r != want {
			t.Errorf("%s: got result %d, want %d", all[i].GetOutcomeId(), r, want)
		}
	}
}

func (p *town) save(t *testing.T, l *life) {
	t.Helper()
	profile := &cmiv1.Customer{CustomerId: l.customer, AccountId: "account-" + l.mark, Segments: map[string]string{
		"key-" + l.mark: p.text(l), "country": "ch",
	}}
	saveProfiles(t, p.Store, profile)
	l.profile = profile
}

// saveProfiles saves profiles, whatever stood there before.
func saveProfiles(t testing.TB, s *Store, profiles ...*cmiv1.Customer) {
	t.Helper()
	var ids []string
	for _, p := range profiles {
		ids = append(ids, p.GetCustomerId())
	}
	errs, err := s.ChangeCustomers(t.Context(), "acme", ids, func(i int, _ store.Profile) (*cmiv1.Customer, error) { return profiles[i], nil })
	if err := errors.Join(append(errs, err)...); err != nil {
		t.Fatal(err)
	}
}

func (p *town) mark(t *testing.T, l *life) {
	t.Helper()
	if len(l.responses) == 0 {
		return
	}
	id := l.responses[p.random.IntN(len(l.responses))].Score.GetResponseId()
	if _, marked := l.void[id]; marked {
		return
	}
	l.void[id] = p.text(l)
	if _, err := p.Void(t.Context(), "acme", id, p.when(), l.void[id]); err != nil {
		t.Fatal(err)
	}
}

func (p *town) erase(t *testing.T, i int) {
	t.Helper()
	l := p.alive[i]
	if l == nil {
		return
	}
	got, err := p.EraseCustomer(t.Context(), "acme", l.customer)
	want := store.Erasure{Interactions: len(l.interactions), Outcomes: len(l.outcomes), Responses: len(l.responses)}
	if err != nil || got != want {
		t.Fatalf("%s: erased %+v, %v; want %+v", l.customer, got, err, want)
	}
	if _, err := p.EraseCustomer(t.Context(), "acme", l.customer); !errors.Is(err, store.ErrNotFound) {
		t.Fatalf("%s: erased twice: %v", l.customer, err)
	}
	delete(p.alive, i)
	p.gone = append(p.gone, l)
}

// checkFiles looks through every file of the store.
func (p *town) checkFiles(t *testing.T) {
	t.Helper()
	said := map[string]bool{}
	for _, l := range p.alive {
		said[l.customer] = true
	}
	for name, content := range filesOf(t, p.path) {
		for _, l := range p.gone {
			if n := bytes.Count(content, []byte(l.mark)); n > 0 {
				t.Errorf("%s holds %d texts of %s, who was erased", name, n, l.mark)
			}
			if !said[l.customer] && bytes.Contains(content, []byte(l.customer)) {
				t.Errorf("%s names %s, who was erased", name, l.customer)
			}
		}
	}
}

// filesOf reads all files beside a store, and the store.
func filesOf(t *testing.T, path string) map[string][]byte {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, e := range entries {
		content, err := os.ReadFile(filepath.Join(filepath.Dir(path), e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = content
	}
	return files
}

// check compares the store with what should be in it.
func (p *town) check(t *testing.T) {
	t.Helper()
	for _, l := range p.alive {
		p.checkAlive(t, l)
	}
	for _, l := range p.gone {
		p.checkGone(t, l)
	}
	var fine string
	if err := p.reader.db.QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&fine); err != nil || fine != "ok" {
		t.Errorf("integrity check: %q, %v", fine, err)
	}
}

func (p *town) checkAlive(t *testing.T, l *life) {
	t.Helper()
	for _, e := range l.responses {
		want := proto.CloneOf(e.Score)
		k, err := p.Response(t.Context(), "acme", e.Score.GetResponseId())
		if err != nil {
			t.Fatalf("%s: %v", e.Score.GetResponseId(), err)
		}
		if reason, marked := l.void[e.Score.GetResponseId()]; marked {
			want.Void = &cmiv1.Void{VoidedAt: k.Score.GetVoid().GetVoidedAt(), Reason: reason}
		}
		if !proto.Equal(k.Response, e.Response) || !proto.Equal(k.Score, want) {
			t.Errorf("%s is not as it was recorded", e.Score.GetResponseId())
		}
	}
	listed, err := p.ListInteractions(t.Context(), "acme", store.InteractionFilter{CustomerID: l.customer}, 10_000)
	if err != nil || len(listed) != len(l.interactions) {
		t.Fatalf("%s: %d interactions, %v; want %d", l.customer, len(listed), err, len(l.interactions))
	}
	byID := map[string]*cmiv1.Interaction{}
	for _, k := range listed {
		byID[k.Interaction.GetInteractionId()] = k.Interaction
	}
	for _, i := range l.interactions {
		if !proto.Equal(byID[i.GetInteractionId()], i) {
			t.Errorf("%s is not as it was recorded", i.GetInteractionId())
		}
	}
	p.outcomesBecome(t, l.outcomes, store.Replayed)
	facts := factsOf(t, p.Store, l.customer)
	if facts == nil {
		t.Fatalf("%s is not known", l.customer)
	}
	if len(l.profile.GetSegments()) > 0 && !proto.Equal(facts.Profile, l.profile) {
		t.Errorf("%s is not as saved", l.customer)
	}
	if n := len(l.responses) - len(l.void); len(facts.Points) != n || len(facts.Interactions) != len(l.interactions) {
		t.Errorf("%s has %d points and %d interactions, want %d and %d", l.customer, len(facts.Points), len(facts.Interactions), n, len(l.interactions))
	}
}

func factsOf(t testing.TB, s *Store, customer string) *store.Facts {
	t.Helper()
	facts, err := s.Facts(t.Context(), "acme", []string{customer}, time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	return facts[0]
}

func (p *town) checkGone(t *testing.T, l *life) {
	t.Helper()
	for _, e := range l.responses {
		if _, err := p.Response(t.Context(), "acme", e.Score.GetResponseId()); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s was erased: %v", e.Score.GetResponseId(), err)
		}
		if _, err := p.Void(t.Context(), "acme", e.Score.GetResponseId(), p.when(), l.mark); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s was erased, and is voided: %v", e.Score.GetResponseId(), err)
		}
	}
	outcomes, err := p.Record(t.Context(), "acme", l.responses)
	if err != nil {
		t.Fatal(err)
	}
	for i, o := range outcomes {
		if o.Result != store.Erased || o.Score != nil {
			t.Errorf("%s, sent again: got result %d", l.responses[i].Score.GetResponseId(), o.Result)
		}
	}
	results, err := p.RecordInteractions(t.Context(), "acme", l.interactions, p.when())
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range results {
		if r != store.Erased {
			t.Errorf("%s, sent again: got result %d", l.interactions[i].GetInteractionId(), r)
		}
	}
	p.outcomesBecome(t, l.outcomes, store.Erased)
}

// TestAReaderInTheWayOfAnErasure holds on to an older state while a customer is erased.
func TestAReaderInTheWayOfAnErasure(t *testing.T) {
	t.Parallel()
	s := open(t)
	e := sample("MarkEnd")
	if _, err := s.Record(t.Context(), "acme", []store.Entry{e}); err != nil {
		t.Fatal(err)
	}
	leave, ended := make(chan struct{}), make(chan error, 1)
	entered := make(chan struct{})
	go func() {
		ended <- s.look(context.Background(), "look", func(v *view) error {
			if _, err := v.firstSeen(context.Background(), form.Hash{}); err != nil { // from here on the state stands
				return err
			}
			close(entered)
			<-leave
			return nil
		})
	}()
	<-entered
	if _, err := s.EraseCustomer(t.Context(), "acme", e.Score.GetCustomerId()); err != nil {
		t.Fatal(err)
	}
	if size := len(filesOf(t, s.path)[filepath.Base(s.path)+"-wal"]); size == 0 {
		t.Error("the log is cut off under a reader: the test tries nothing")
	}
	if _, err := s.Record(t.Context(), "acme", []store.Entry{sample("other")}); err != nil {
		t.Errorf("meanwhile: %v", err)
	}
	crashed := filesOf(t, s.path)
	close(leave)
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	for range 2000 {
		if files := filesOf(t, s.path); len(files[filepath.Base(s.path)+"-wal"]) == 0 {
			nowhere(t, files, "MarkEnd")
			startAfterCrash(t, crashed)
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Error("the log was never cut off")
}

// startAfterCrash opens a store as a crash left it, before the log was cut off.
func startAfterCrash(t *testing.T, files map[string][]byte) {
	t.Helper()
	folder := t.TempDir()
	for name, content := range files {
		if strings.HasSuffix(name, ".db") || strings.HasSuffix(name, "-wal") {
			if err := os.WriteFile(filepath.Join(folder, name), content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	path := filepath.Join(folder, "cmi.db")
	err := on(path, looking(), func(db *sql.DB) error { // another program has it open: SQLite leaves the log alone
		if _, err := db.ExecContext(t.Context(), "SELECT * FROM sqlite_schema"); err != nil {
			return err
		}
		again := openAt(t, path)
		nowhere(t, filesOf(t, path), "MarkEnd")
		_, err := again.Response(t.Context(), "acme", "other")
		return err
	})
	if err != nil {
		t.Errorf("after a crash: %v", err)
	}
}

// nowhere checks that no file holds a text.
func nowhere(t *testing.T, files map[string][]byte, text string) {
	t.Helper()
	for name, content := range files {
		if bytes.Contains(content, []byte(text)) {
			t.Errorf("%s holds %q, which was erased", name, text)
		}
	}
}
