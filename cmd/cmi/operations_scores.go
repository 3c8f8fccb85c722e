package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// scoresTogether is how many scores are asked for at once.
const scoresTogether = 1000

type operationsScoresCommand struct {
	named
	Changed      bool       `help:"List only those whose bucket is not the recorded one."`
	BucketBefore bucketFlag `placeholder:"BUCKET" help:"List only those that were recorded in this bucket: advocate, growth, at-risk."`
	BucketAfter  bucketFlag `placeholder:"BUCKET" help:"List only those that came into this bucket."`
	Customer     string     `placeholder:"ID" help:"List only those of this customer."`
	JSON         bool       `name:"json" help:"Print each pair of scores whole, as one line of JSON."`
	running
}

func (operationsScoresCommand) Help() string {
	return `Lists the responses that a recompute scored again, each with its recorded CMI and the one under the other version. The
recompute must have succeeded. CMIs are rounded down, so that they do not contradict their buckets.

  cmi operations scores airline-v2-20260901-080000-k7m2q --changed
  cmi operations scores airline-v2-20260901-080000-k7m2q --bucket-before advocate --bucket-after at-risk
  cmi operations scores airline-v2-20260901-080000-k7m2q --customer c-0042
  cmi operations scores airline-v2-20260901-080000-k7m2q --json > scores.ndjson`
}

func (c *operationsScoresCommand) Run(ctx context.Context, s streams) error {
	out := bufio.NewWriter(s.out)
	err := c.list(ctx, out)
	if flushed := out.Flush(); flushed != nil {
		return fmt.Errorf("the scores cannot be written: %w", flushed)
	}
	return err
}

// list prints page by page, so that a long list takes no more memory than a short one.
func (c *operationsScoresCommand) list(ctx context.Context, out io.Writer) error {
	conn, err := c.open()
	if err != nil {
		return err
	}
	defer conn.Close()
	client := cmiv1.NewScoringServiceClient(conn)
	request := &cmiv1.ListRecomputedScoresRequest{
		OperationId: c.id(), PageSize: scoresTogether, CustomerId: c.Customer, BucketChanged: c.Changed,
		BucketBefore: c.BucketBefore.Bucket, BucketAfter: c.BucketAfter.Bucket,
	}
	print := writePairs
	if !c.JSON {
		print = newPairList().write
	}
	for {
		page, err := ask(ctx, c.running, client.ListRecomputedScores, request)
		if err != nil {
			return err
		}
		if err := print(out, page.GetScores()); err != nil {
			return err
		}
		if request.PageToken = page.GetNextPageToken(); request.PageToken == "" {
			return nil
		}
	}
}

func writePairs(out io.Writer, pairs []*cmiv1.RecomputedScore) error {
	return writeJSONLines(out, pairs)
}

// pairList shows recorded and recomputed scores side by side.
type pairList struct {
	rows  *grid
	begun bool
}

func newPairList() *pairList { return &pairList{rows: newGrid("llrrrll")} }

// write shows some more. Before the first it writes the heading.
func (l *pairList) write(out io.Writer, pairs []*cmiv1.RecomputedScore) error {
	var rows [][]string
	switch {
	case !l.begun && len(pairs) == 0:
		rows = [][]string{{"There is none."}}
	case !l.begun:
		rows = [][]string{{"RESPONSE", "CUSTOMER", "BEFORE", "AFTER", "CHANGE", "BUCKET", "SUBMITTED"}}
	}
	l.begun = true
	for _, pair := range pairs {
		rows = append(rows, pairRow(pair.GetRecorded(), pair.GetRecomputed()))
	}
	_, err := io.WriteString(out, l.rows.lay(rows...))
	return err
}

func pairRow(before, after *cmiv1.Score) []string {
	customer := before.GetCustomerId()
	if customer == "" {
		customer = "-"
	}
	change := "-"
	if before.Cmi != nil && after.Cmi != nil {
		change = signed(after.GetCmi() - before.GetCmi())
	}
	bucket := bucketName(before.GetBucket())
	if before.GetBucket() != after.GetBucket() {
		bucket += " -> " + bucketName(after.GetBucket())
	}
	return []string{before.GetResponseId(), customer, roundedDown(before.Cmi), roundedDown(after.Cmi), change, bucket, clock(before.GetSubmittedAt())}
}

// roundedDown writes a CMI with two decimals, never above what it is.
func roundedDown(cmi *float64) string {
	if cmi == nil {
		return "-"
	}
	// A CMI is a whole number of units of 1e-9, which a double holds only nearly.
	const perPoint, perHundredth = 1e9, 1e7
	return fmt.Sprintf("%.2f", float64(int64(math.Round(*cmi*perPoint))/perHundredth)/100)
}
