package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// compared shows for people what a recompute came to: the moves between buckets, then the figures over all and in each group.
func compared(result *cmiv1.RecomputeScoresResponse) string {
	all := result.GetOverall()
	against := fmt.Sprintf("%s, version %d", result.GetQuestionnaireId(), result.GetVersion())
	if all.GetResponses() == 0 {
		return against + ": there was no response to score again.\n"
	}
	text := fmt.Sprintf("%s: %s scored again, %d of them (%.1f %%) in another bucket than recorded\n\n%s\n", against,
		plural(int(all.GetResponses()), "response"), all.GetBucketChanges(),
		100*float64(all.GetBucketChanges())/float64(all.GetResponses()), moves(all))
	return text + figures(result)
}

// moves shows the buckets before, a row each, and after, a column each.
func moves(c *cmiv1.ScoreComparison) string {
	count, before, after := make(map[[2]cmiv1.Bucket]int32), make(map[cmiv1.Bucket]int32), make(map[cmiv1.Bucket]int32)
	for _, move := range c.GetMoves() {
		count[[2]cmiv1.Bucket{move.GetBefore(), move.GetAfter()}] += move.GetResponses()
		before[move.GetBefore()] += move.GetResponses()
		after[move.GetAfter()] += move.GetResponses()
	}
	buckets := bestFirst()
	if none := cmiv1.Bucket_BUCKET_UNSPECIFIED; before[none]+after[none] == 0 {
		buckets = slices.DeleteFunc(buckets, func(b cmiv1.Bucket) bool { return b == none })
	}
	heading, last := []string{"BEFORE \\ AFTER"}, []string{"all"}
	var rows [][]string
	for _, from := range buckets {
		heading, last = append(heading, bucketName(from)), append(last, number(after[from]))
		row := []string{bucketName(from)}
		for _, to := range buckets {
			row = append(row, number(count[[2]cmiv1.Bucket{from, to}]))
		}
		rows = append(rows, append(row, number(before[from])))
	}
	rows = append([][]string{append(heading, "all")}, append(rows, append(last, number(c.GetResponses())))...)
	return newGrid("l" + strings.Repeat("r", len(buckets)+1)).lay(rows...)
}

// figures shows how the CMI differs, over all and in each group; each way to break down is a block of its own.
func figures(result *cmiv1.RecomputeScoresResponse) string {
	rows := [][]string{
		{"", "RESPONSES", "OTHER", "MEAN", "MEAN", "MEAN", "ABSOLUTE", "LOWEST", "HIGHEST"},
		{"", "", "BUCKET", "BEFORE", "AFTER", "CHANGE", "CHANGE", "CHANGE", "CHANGE"},
		figuresOf("all", result.GetOverall()),
	}
	by := ""
	for _, group := range result.GetGroups() {
		if group.GetGroupBy() != by {
			by = group.GetGroupBy()
			rows = append(rows, make([]string, len(rows[0])), append([]string{"by " + by}, make([]string, len(rows[0])-1)...))
		}
		rows = append(rows, figuresOf("  "+groupName(group), group.GetComparison()))
	}
	return newGrid("l" + strings.Repeat("r", len(rows[0])-1)).lay(rows...)
}

// figuresOf is the row of a comparison.
func figuresOf(name string, c *cmiv1.ScoreComparison) []string {
	row := []string{name, number(c.GetResponses()), number(c.GetBucketChanges())}
	if c.GetCompared() == 0 {
		return append(row, "-", "-", "-", "-", "-", "-")
	}
	return append(row, fmt.Sprintf("%.2f", c.GetMeanBefore()), fmt.Sprintf("%.2f", c.GetMeanAfter()), signed(c.GetMeanChange()),
		fmt.Sprintf("%.2f", c.GetMeanAbsoluteChange()), signed(c.GetMinChange()), signed(c.GetMaxChange()))
}

// groupName says what the responses of a group have in common.
func groupName(g *cmiv1.GroupComparison) string {
	switch {
	case g.GetOthers():
		return "(all others)"
	case g.Value == nil:
		return "(none)"
	case g.GetGroupBy() == "channel":
		return strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(g.GetValue(), "CHANNEL_")), "_", "-")
	}
	return g.GetValue()
}

func number(n int32) string { return strconv.Itoa(int(n)) }

// signed writes a change with two decimals and its sign; none where it is nothing.
func signed(change float64) string {
	text := fmt.Sprintf("%+.2f", change)
	if text == "+0.00" || text == "-0.00" {
		return "0.00"
	}
	return text
}
