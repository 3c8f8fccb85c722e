package report

import (
	"strings"
	"testing"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// TestAnswersThatAreNumbers stand by size in the picture, whoever gave them first.
func TestAnswersThatAreNumbers(t *testing.T) {
	t.Parallel()
	group := func(name string, given ...string) *cmiv1.AnswerGroup {
		g := &cmiv1.AnswerGroup{Cell: cell("channel", name, 40)}
		for _, value := range given {
			g.Answers = append(g.Answers, &cmiv1.AnswerShare{Value: value, Count: 20, Share: part(0.5, 40)})
		}
		return g
	}
	for want, groups := range map[string][]*cmiv1.AnswerGroup{
		"-1 2 9 10":   {group("a", "2", "10"), group("b", "-1", "9", "10")},
		"yes no 5":    {group("a", "yes", "no"), group("b", "5")},
		"long 1 2 10": {group("a", "long", "1", "2", "10")},
	} {
		var got []string
		shown := answerChart(groups).(*dots)
		for _, r := range shown.rows {
			got = append(got, r.label)
			if len(r.points) != len(groups) {
				t.Errorf("%q has %d points of %d groups", r.label, len(r.points), len(groups))
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("they stand as %q, want %q", got, want)
		}
	}
}

// TestManyGroupsShareAPicture as far as they have room; the table has all.
func TestManyGroupsShareAPicture(t *testing.T) {
	t.Parallel()
	var groups []*cmiv1.AnswerGroup
	for _, name := range trips() {
		groups = append(groups, &cmiv1.AnswerGroup{Cell: cell("segment:reason", name, 40), Answers: []*cmiv1.AnswerShare{{Value: "yes", Share: part(0.5, 40)}}})
	}
	shown := answerChart(groups).(*dots)
	if len(shown.series) != 4 || !strings.Contains(shown.title, "the first groups") || len(answerShares(groups, keysOf(groups)).rows) != len(groups) {
		t.Errorf("it shows %d groups as %q", len(shown.series), shown.title)
	}
	var indexes []*cmiv1.IndexGroup
	for i, name := range append(trips(), "a", "b", "c", "d") {
		for month := range 2 {
			indexes = append(indexes, indexGroup(inMonth(cell("segment:reason", name, int32(40+i)), month+1), 50))
		}
	}
	trend := byGroup(indexes, keysOf(indexes), theme{}, func(g *cmiv1.IndexGroup) figure { return estimated(g.GetCmi()) }).(*lines)
	if len(trend.series) != mostSeries || trend.series[0].Text != "d" || !strings.Contains(trend.title, "the largest groups") {
		t.Errorf("it shows %v as %q", trend.series, trend.title)
	}
}
