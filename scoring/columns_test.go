package scoring_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
)

// bitmap makes bits of what rows say, from some bit on.
func bitmap(from, rows int, set func(row int) bool) scoring.Bits {
	b := scoring.Bits{Bytes: make([]byte, (from+rows+7)/8+1), From: from}
	for row := range rows {
		if set(row) {
			b.Bytes[(from+row)/8] |= 1 << ((from + row) % 8)
		}
	}
	return b
}

// tabular is responses, and how the columns of the same are made.
type tabular struct {
	rng       *rand.Rand
	q         *cmiv1.Questionnaire
	responses []*cmiv1.Response
}

// randomTable draws responses as columns can say them: an item has an answer, does not apply, or is skipped. Some answers are not
// allowed.
func randomTable(rng *rand.Rand, rows int) *tabular {
	q := randomQuestionnaire(rng)
	for _, m := range q.Items {
		m.Required = rng.IntN(12) == 0
	}
	if rng.IntN(2) == 0 {
		q.Items = append(q.Items, &cmiv1.Item{ItemId: "why", Scale: &cmiv1.Item_Text{Text: &cmiv1.Text{}}})
	}
	t := &tabular{rng: rng, q: q}
	chance := []float64{1, 0.97, 0.6}[rng.IntN(3)]
	for range rows {
		r := &cmiv1.Response{}
		for _, m := range q.Items {
			a := &cmiv1.Answer{ItemId: m.ItemId}
			switch {
			case rng.Float64() >= chance && rng.IntN(3) > 0:
				continue
			case rng.Float64() >= chance:
				a.Value = &cmiv1.Answer_NoAnswer{NoAnswer: cmiv1.NoAnswer_NO_ANSWER_NOT_APPLICABLE}
			case m.GetText() != nil:
				a.Value = &cmiv1.Answer_Text{Text: strings.Repeat("because ", rng.IntN(3))}
			default:
				randomAnswer(rng, m, a)
			}
			if rng.IntN(200) == 0 {
				spoil(rng, a)
			}
			r.Answers = append(r.Answers, a)
		}
		t.responses = append(t.responses, r)
	}
	return t
}

// spoil makes an answer one that is not allowed.
func spoil(rng *rand.Rand, a *cmiv1.Answer) {
	switch v := a.Value.(type) {
	case *cmiv1.Answer_Number:
		v.Number = []float64{math.NaN(), math.Inf(1), -100, 1e12, 0.123}[rng.IntN(5)]
	case *cmiv1.Answer_Choice:
		v.Choice = []string{"", "z", "aa"}[rng.IntN(3)]
	case *cmiv1.Answer_Choices:
		v.Choices.Values = append(slices.Clone(v.Choices.Values), []string{"a", "z", ""}[rng.IntN(3)])
	case *cmiv1.Answer_Text:
		v.Text = "\x00"
	}
}

// answers are those of one item, nil where there is none.
func (t *tabular) answers(id string) []*cmiv1.Answer {
	all := make([]*cmiv1.Answer, len(t.responses))
	for row, r := range t.responses {
		for _, a := range r.Answers {
			if a.ItemId == id {
				all[row] = a
			}
		}
	}
	return all
}

func numbersAs[T scoring.Number](all []*cmiv1.Answer) scoring.Values {
	values := make([]T, len(all))
	for row, a := range all {
		values[row] = 77 // where there is none, anything may stand
		if v, ok := a.GetValue().(*cmiv1.Answer_Number); ok {
			values[row] = T(v.Number)
		}
	}
	return scoring.Numbers(values)
}

// exact tells whether all numbers of a column can stand in a type.
func exact[T scoring.Number](all []*cmiv1.Answer) bool {
	return !slices.ContainsFunc(all, func(a *cmiv1.Answer) bool {
		v, ok := a.GetValue().(*cmiv1.Answer_Number)
		return ok && (!(math.Abs(v.Number) < 1<<62) || float64(T(v.Number)) != v.Number)
	})
}

// numbers puts numbers into one of the types that they fit into.
func (t *tabular) numbers(all []*cmiv1.Answer) scoring.Values {
	var ways []scoring.Values
	for _, way := range []struct {
		fits bool
		make func([]*cmiv1.Answer) scoring.Values
	}{
		{true, numbersAs[float64]}, {exact[float32](all), numbersAs[float32]},
		{exact[int8](all), numbersAs[int8]}, {exact[uint8](all), numbersAs[uint8]}, {exact[int16](all), numbersAs[int16]},
		{exact[uint16](all), numbersAs[uint16]}, {exact[int32](all), numbersAs[int32]}, {exact[uint32](all), numbersAs[uint32]},
		{exact[int64](all), numbersAs[int64]}, {exact[uint64](all), numbersAs[uint64]},
	} {
		if way.fits {
			ways = append(ways, way.make(all))
		}
	}
	return ways[t.rng.IntN(len(ways))]
}

// words puts words into one text, or into a dictionary with more words than are used.
func (t *tabular) words(all []*cmiv1.Answer, word func(*cmiv1.Answer) string) scoring.Values {
	if t.rng.IntN(2) == 0 {
		text, offsets := strings.Builder{}, []int32{0}
		for _, a := range all {
			text.WriteString(word(a))
			offsets = append(offsets, int32(text.Len()))
		}
		return scoring.Words(text.String(), offsets)
	}
	dictionary := []string{"not there"}
	index := make([]int16, len(all))
	for row, a := range all {
		w := word(a)
		at := slices.Index(dictionary, w)
		if at < 0 {
			at = len(dictionary)
			dictionary = append(dictionary, w)
		}
		index[row] = int16(at)
	}
	return scoring.Dictionary(index, dictionary)
}

func (t *tabular) values(m *cmiv1.Item, all []*cmiv1.Answer) scoring.Values {
	switch m.Scale.(type) {
	case *cmiv1.Item_Choice:
		return t.words(all, (*cmiv1.Answer).GetChoice)
	case *cmiv1.Item_Text:
		return t.words(all, (*cmiv1.Answer).GetText)
	case *cmiv1.Item_YesNo:
		return scoring.Bools(bitmap(t.rng.IntN(70), len(all), func(row int) bool { return all[row].GetYes() }), len(all))
	case *cmiv1.Item_MultipleChoice:
		text, words, lists := strings.Builder{}, []int64{0}, []int32{0}
		for _, a := range all {
			for _, w := range a.GetChoices().GetValues() {
				text.WriteString(w)
				words = append(words, int64(text.Len()))
			}
			lists = append(lists, int32(len(words)-1))
		}
		return scoring.Sets[int32, int64](lists, scoring.Words(text.String(), words))
	}
	return t.numbers(all)
}

// set gives all columns; some that say nothing are left out.
func (t *tabular) set(tb testing.TB, c *scoring.Columns) {
	tb.Helper()
	c.Clear()
	for _, m := range t.q.Items {
		all := t.answers(m.ItemId)
		notApplicable := func(row int) bool {
			_, ok := all[row].GetValue().(*cmiv1.Answer_NoAnswer)
			return ok
		}
		answered := func(row int) bool { return all[row] != nil && !notApplicable(row) }
		var column scoring.Column
		some, none, full := false, true, true
		for row := range all {
			some = some || answered(row)
			none = none && !notApplicable(row)
			full = full && answered(row)
		}
		if some || t.rng.IntN(2) == 0 {
			column.Values = t.values(m, all)
			if !full || t.rng.IntN(2) == 0 {
				column.Valid = bitmap(t.rng.IntN(70), len(all), answered)
			}
		}
		if !none || t.rng.IntN(2) == 0 {
			column.NotApplicable = bitmap(t.rng.IntN(70), len(all), notApplicable)
		}
		if err := c.Set(m.ItemId, column); err != nil {
			tb.Fatal(err)
		}
	}
}

// same compares a row with what it comes to alone, to the bit.
func (t *tabular) same(tb testing.TB, s *scoring.Scorer, c *scoring.Columns, got *scoring.ColumnScores, row int) {
	tb.Helper()
	want, err := s.Score(t.responses[row])
	refused := slices.Contains(got.Refused, row)
	if refused != (err != nil) {
		tb.Fatalf("row %d is refused: %v, alone: %v, for %v", row, refused, err, t.responses[row])
	}
	if err != nil {
		if said := c.Refusal(row); said == nil || said.Error() != err.Error() {
			tb.Fatalf("row %d: %v, alone %v", row, said, err)
		}
		want = &cmiv1.Score{}
	}
	missing := func(x *float64) float64 {
		if x == nil {
			return math.NaN()
		}
		return *x
	}
	fine := got.Status[row] == want.GetStatus() && got.Bucket[row] == want.GetBucket() && got.Display[row] == want.GetDisplayScore() &&
		math.Float64bits(got.CMI[row]) == math.Float64bits(missing(want.Cmi))
	for p := range got.Pillars {
		var alone *float64
		if want.Pillars != nil {
			alone = want.Pillars[p].Score
		}
		fine = fine && math.Float64bits(got.Pillars[p][row]) == math.Float64bits(missing(alone))
	}
	if !fine {
		tb.Fatalf("row %d has %v %v %v, alone %v", row, got.Status[row], got.CMI[row], got.Pillars[0][row], want)
	}
}

// TestColumnsScoreAsRowsDo: the same bits and the same refusals, whatever the columns are made of and however many rows there are.
func TestColumnsScoreAsRowsDo(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			rng := rand.New(rand.NewPCG(seed, 3))
			first := randomTable(rng, 1+rng.IntN(2500))
			s := compile(t, first.q)
			c, got := s.Columns(), &scoring.ColumnScores{}
			refused := 0
			for range 3 { // the same columns in other types, then other rows
				first.set(t, c)
				if err := c.Score(len(first.responses), got); err != nil {
					t.Fatal(err)
				}
				for row := range first.responses {
					first.same(t, s, c, got, row)
				}
				refused += len(got.Refused)
				first.responses = first.responses[:rng.IntN(len(first.responses)+1)]
			}
			if seed == 0 && refused == 0 {
				t.Error("no row was refused: the test tried too little")
			}
		})
	}
}

// TestTwoAnswersInARow: an item that does not apply and has an answer is refused as two answers.
func TestTwoAnswersInARow(t *testing.T) {
	t.Parallel()
	c := compile(t, randomQuestionnaire(rand.New(rand.NewPCG(1, 1)))).Columns()
	all := func(int) bool { return true }
	if err := c.Set("i0", scoring.Column{Values: scoring.Numbers([]int8{1}), NotApplicable: bitmap(0, 1, all)}); err != nil {
		t.Fatal(err)
	}
	out := &scoring.ColumnScores{}
	if err := c.Score(1, out); err != nil || !slices.Equal(out.Refused, []int{0}) {
		t.Fatal(err, out.Refused)
	}
	var invalid *scoring.Invalid
	if err := c.Refusal(0); !errors.As(err, &invalid) || !strings.Contains(err.Error(), "a second answer is not allowed") {
		t.Error(err)
	}
}

// TestTwoAnswersHarmNobodyElse: beside a row with two answers, rows of a pillar of many items score as they do alone, whatever the
// rows before were.
func TestTwoAnswersHarmNobodyElse(t *testing.T) {
	t.Parallel()
	q := &cmiv1.Questionnaire{QuestionnaireId: "q", PillarWeights: &cmiv1.PillarWeights{Bei: proto.Float64(0), Fii: proto.Float64(0)}}
	const items, rows = 12, 2048
	for k := range items {
		q.Items = append(q.Items, &cmiv1.Item{ItemId: fmt.Sprintf("i%d", k), Pillar: 1, Scale: &cmiv1.Item_Rating{Rating: &cmiv1.Rating{Min: 0, Max: 4}}})
	}
	s := compile(t, q)
	c, out := s.Columns(), &scoring.ColumnScores{}
	values := make([]int8, rows)
	for row := range values {
		values[row] = int8(row % 5)
	}
	for k := range items {
		column := scoring.Column{Values: scoring.Numbers(values)}
		if k == 0 {
			column.Valid = bitmap(0, rows, func(row int) bool { return row >= 1024 || row%2 == 0 }) // gaps in the first block alone
			column.NotApplicable = bitmap(0, rows, func(row int) bool { return row == 1500 })
		}
		if err := c.Set(fmt.Sprintf("i%d", k), column); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Score(rows, out); err != nil || !slices.Equal(out.Refused, []int{1500}) {
		t.Fatal(err, out.Refused)
	}
	for row, cmi := range out.CMI {
		if row != 1500 && cmi != float64(25*(row%5)) { // all items say the same: x of 0..4 is 25 x
			t.Fatalf("row %d has %v, want %d", row, cmi, 25*(row%5))
		}
	}
}

// TestColumnsThatDoNotFit are refused before anything is scored.
func TestColumnsThatDoNotFit(t *testing.T) {
	t.Parallel()
	rating := &cmiv1.Item{ItemId: "trust", Pillar: 1, Scale: &cmiv1.Item_Rating{Rating: &cmiv1.Rating{Min: 1, Max: 5}}}
	q := &cmiv1.Questionnaire{QuestionnaireId: "q", Items: []*cmiv1.Item{rating}, PillarWeights: &cmiv1.PillarWeights{
		Bei: proto.Float64(0), Fii: proto.Float64(0),
	}}
	c := compile(t, q).Columns()
	for want, err := range map[string]error{
		`item "colour" is not in questionnaire "q"`:                                   c.Set("colour", scoring.Column{}),
		`item "trust": texts are not allowed; numbers from 1 to 5 are`:                c.Set("trust", scoring.Column{Values: scoring.Words("ab", []int32{0, 1, 2})}),
		`item "trust": answers of yes or no are not allowed; numbers from 1 to 5 are`: c.Set("trust", scoring.Column{Values: scoring.Bools(scoring.Bits{}, 3)}),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if err := c.Set("trust", scoring.Column{Values: scoring.Numbers([]int8{1, 2})}); err != nil {
		t.Fatal(err)
	}
	if err := c.Score(3, &scoring.ColumnScores{}); err == nil || !strings.Contains(err.Error(), `a column of 2 rows is not allowed; one of 3 is`) {
		t.Error(err)
	}
}

// TestColumnsAllocateNothingForARow: only giving columns costs something, however many rows they have.
func TestColumnsAllocateNothingForARow(t *testing.T) { // not beside others, whose allocations would count
	s, set := columnsOf(t, 5000, 0.1)
	c, out := s.Columns(), &scoring.ColumnScores{}
	set(c)
	if err := c.Score(5000, out); err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(5, func() {
		if err := c.Score(5000, out); err != nil {
			t.Error(err)
		}
	}); n > 0 {
		t.Errorf("%v allocations for 5000 rows", n)
	}
}

// TestRefusedRowsStandInOrder however they are refused, and once.
func TestRefusedRowsStandInOrder(t *testing.T) {
	t.Parallel()
	var out scoring.ColumnScores
	out.Reset(10)
	for row := range out.CMI {
		out.Put(row, &cmiv1.Score{Cmi: proto.Float64(50), Status: cmiv1.ScoreStatus_SCORE_STATUS_SCORED})
	}
	out.Refuse(2)
	out.Refuse(7)
	out.Refuse(5, 7, 1)
	out.Refuse()
	if want := []int{1, 2, 5, 7}; !slices.Equal(out.Refused, want) {
		t.Errorf("%v are refused, want %v", out.Refused, want)
	}
	for row, cmi := range out.CMI {
		if refused := slices.Contains(out.Refused, row); refused != math.IsNaN(cmi) || refused != (out.Status[row] == 0) {
			t.Errorf("row %d has %v and status %v", row, cmi, out.Status[row])
		}
	}
}

// TestColumnsOfManyItems: in a pillar of many items what was answered is added up otherwise, and comes to the same bits.
func TestColumnsOfManyItems(t *testing.T) {
	t.Parallel()
	for _, items := range []int{20, 30, 90, 260} {
		t.Run(fmt.Sprint(items), func(t *testing.T) {
			t.Parallel()
			rng := rand.New(rand.NewPCG(uint64(items), 8))
			table := &tabular{rng: rng, q: &cmiv1.Questionnaire{QuestionnaireId: "many", MinPillarCoverage: proto.Float64(rng.Float64())}}
			for k := range items {
				m := &cmiv1.Item{
					ItemId: fmt.Sprintf("i%d", k), Pillar: cmiv1.Pillar(1 + k%2), Scale: &cmiv1.Item_Rating{Rating: &cmiv1.Rating{Min: 1, Max: 5}},
				}
				if k%3 > 0 {
					m.Weight = proto.Float64(0.1 + rng.Float64())
				}
				if k%10 == 0 {
					m.Pillar = 3
				}
				table.q.Items = append(table.q.Items, m)
			}
			for row := range 1500 {
				r, missing := &cmiv1.Response{}, []float64{0, 0.1, 1 - table.q.GetMinPillarCoverage()}[row%3]
				for k, m := range table.q.Items {
					a := &cmiv1.Answer{ItemId: m.ItemId, Value: &cmiv1.Answer_Number{Number: float64(1 + rng.IntN(5))}}
					switch {
					case rng.Float64() < missing:
						continue
					case row >= 1024 && k%7 == 0 && rng.IntN(3) == 0: // in the second block alone
						a.Value = &cmiv1.Answer_NoAnswer{NoAnswer: cmiv1.NoAnswer_NO_ANSWER_NOT_APPLICABLE}
					}
					r.Answers = append(r.Answers, a)
				}
				table.responses = append(table.responses, r)
			}
			s := compile(t, table.q)
			c, got := s.Columns(), &scoring.ColumnScores{}
			for range 2 {
				table.set(t, c)
				if err := c.Score(len(table.responses), got); err != nil {
					t.Fatal(err)
				}
				for row := range table.responses {
					table.same(t, s, c, got, row)
				}
				table.responses = table.responses[len(table.responses)/2:]
			}
		})
	}
}
