package recompute

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
)

// scored makes a score of a CMI, below 0 for none.
func scored(cmi float64, bucket cmiv1.Bucket) *cmiv1.Score {
	if cmi < 0 {
		return &cmiv1.Score{Bucket: cmiv1.Bucket_BUCKET_UNSPECIFIED}
	}
	return &cmiv1.Score{Cmi: proto.Float64(cmi), Bucket: bucket}
}

// TestComparison: (0.1 + 0.2 + 0.6) / 3 is 0.3 to the last bit, which sums of doubles do not give.
func TestComparison(t *testing.T) {
	t.Parallel()
	const low, mid, high = cmiv1.Bucket_BUCKET_AT_RISK, cmiv1.Bucket_BUCKET_GROWTH, cmiv1.Bucket_BUCKET_ADVOCATE
	p := newPart()
	p.add(scored(0.1, low), scored(0.2, low), nil)
	p.add(scored(0.2, low), scored(99.2, high), nil)
	p.add(scored(0.6, mid), scored(0, low), nil)
	p.add(scored(-1, 0), scored(60, mid), nil) // had none
	p.add(scored(60, mid), scored(-1, 0), nil) // has none
	p.add(scored(-1, 0), scored(-1, 0), nil)
	s := newTotals(nil)
	body, err := p.encode()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.add(body); err != nil {
		t.Fatal(err)
	}
	move := func(before, after cmiv1.Bucket) *cmiv1.BucketMove {
		return &cmiv1.BucketMove{Before: before, After: after, Responses: 1}
	}
	want := &cmiv1.ScoreComparison{
		Responses: 6, BucketChanges: 4, Compared: 3,
		Moves:      []*cmiv1.BucketMove{move(0, 0), move(0, mid), move(low, low), move(low, high), move(mid, 0), move(mid, low)},
		MeanBefore: proto.Float64(0.3), MeanAfter: proto.Float64(99.4 / 3),
		// (0.1 + 99 - 0.6) / 3, and without signs (0.1 + 99 + 0.6) / 3.
		MeanChange: proto.Float64(98.5 / 3), MeanAbsoluteChange: proto.Float64(99.7 / 3),
		MinChange: proto.Float64(-0.6), MaxChange: proto.Float64(99),
	}
	if got := s.overall.comparison(); !proto.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// TestNothingToCompare has no mean, rather than one of 0.
func TestNothingToCompare(t *testing.T) {
	t.Parallel()
	got := newTotals(nil).overall.comparison()
	if !proto.Equal(got, &cmiv1.ScoreComparison{}) {
		t.Errorf("%v", got)
	}
}

// TestTheOrderDoesNotMatter cuts the same responses into parts at random, and adds the parts in any order.
func TestTheOrderDoesNotMatter(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 4))
	type pair struct {
		before, after *cmiv1.Score
		groups        []group
	}
	var pairs []pair
	for range 500 {
		draw := func() *cmiv1.Score {
			return scored(math.Round(random.Float64()*110e9)/1e9-10, cmiv1.Bucket(1+random.IntN(3)))
		}
		pairs = append(pairs, pair{draw(), draw(), []group{{By: 0, Value: fmt.Sprint(random.IntN(5)), Has: true}, {By: 1}}})
	}
	var want []proto.Message
	for range 20 {
		random.Shuffle(len(pairs), func(i, j int) { pairs[i], pairs[j] = pairs[j], pairs[i] })
		s := newTotals([]string{"segments.a", "account"})
		for rest := pairs; len(rest) > 0; {
			n := min(1+random.IntN(100), len(rest))
			p := newPart()
			for _, one := range rest[:n] {
				p.add(one.before, one.after, one.groups)
			}
			rest = rest[n:]
			body, err := p.encode()
			if err != nil {
				t.Fatal(err)
			}
			if err := s.add(body); err != nil {
				t.Fatal(err)
			}
		}
		got := []proto.Message{s.overall.comparison()}
		for _, g := range s.groupsInOrder() {
			got = append(got, g)
		}
		if want == nil {
			want = got
		}
		if !slices.EqualFunc(got, want, proto.Equal) {
			t.Fatalf("%v\nwas\n%v", got, want)
		}
	}
	if len(want) != 7 {
		t.Errorf("%d comparisons, want the whole, five segments and one without an account", len(want))
	}
}

// TestSumsBeyondSixtyFourBits: a thousand million scores of 100 make 1e20 units.
func TestSumsBeyondSixtyFourBits(t *testing.T) {
	t.Parallel()
	var one tally
	const each = 1_000_000
	one.Compared, one.Before, one.Moves[0] = each, each*100e9, each
	s := &total{}
	for range 1000 {
		s.add(&one)
	}
	if want, _ := new(big.Int).SetString("100000000000000000000", 10); s.before.Cmp(want) != 0 {
		t.Errorf("the sum is %v", &s.before)
	}
	if c := s.comparison(); c.GetMeanBefore() != 100 || c.GetMeanAfter() != 100 || c.GetResponses() != 1_000_000_000 {
		t.Errorf("%v", c)
	}
}

// TestOtherGroups: beyond the largest thousand they are one, and nothing is lost.
func TestOtherGroups(t *testing.T) {
	t.Parallel()
	p := newPart()
	for i := range mostListed + 5 {
		for range 1 + i%2 {
			p.add(scored(50, 2), scored(60, 2), []group{{Value: fmt.Sprintf("g%04d", i), Has: true}})
		}
	}
	body, err := p.encode()
	if err != nil {
		t.Fatal(err)
	}
	s := newTotals([]string{"account"})
	if err := s.add(body); err != nil {
		t.Fatal(err)
	}
	list := s.groupsInOrder()
	if len(list) != mostListed+1 {
		t.Fatalf("%d groups", len(list))
	}
	var sum int32
	for _, g := range list {
		sum += g.GetComparison().GetResponses()
	}
	last := list[mostListed]
	if !last.GetOthers() || last.Value != nil || last.GetComparison().GetResponses() != 5 || sum != s.overall.comparison().GetResponses() {
		t.Errorf("the others are %v; %d responses in all of %v", last, sum, s.overall.comparison())
	}
	if list[0].GetValue() != "g0001" || list[0].GetComparison().GetResponses() != 2 {
		t.Errorf("the first is %v", list[0])
	}
}

// TestTooManyGroups refuses what would fill the memory.
func TestTooManyGroups(t *testing.T) {
	t.Parallel()
	s := newTotals([]string{"account"})
	for i := range mostGroups {
		s.groups[group{Value: fmt.Sprint(i), Has: true}] = &total{}
	}
	p := newPart()
	p.add(scored(1, 1), scored(1, 1), []group{{Value: "one more", Has: true}})
	body, err := p.encode()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.add(body); fault.ReasonOf(err) != cmiv1.ErrorReason_TOO_MANY_GROUPS {
		t.Errorf("%v", err)
	}
}

// TestGroups tells the groups of a response.
func TestGroups(t *testing.T) {
	t.Parallel()
	g := newGrouping([]string{"segments.plan", "account", "channel", "questionnaire_version"})
	if !g.byCustomer || newGrouping([]string{"channel"}).byCustomer {
		t.Error("profiles are read where nothing depends on them, or not where something does")
	}
	score := &cmiv1.Score{QuestionnaireVersion: 3, Channel: cmiv1.Channel_CHANNEL_ONLINE}
	profile := &cmiv1.Customer{AccountId: "acme", Segments: map[string]string{"plan": "gold", "country": "ch"}}
	want := []group{{0, "gold", true}, {1, "acme", true}, {2, "CHANNEL_ONLINE", true}, {3, "3", true}}
	if got := g.of(score, profile); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	score.Channel = 0
	want = []group{{By: 0}, {By: 1}, {By: 2}, {3, "3", true}}
	if got := g.of(score, nil); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
