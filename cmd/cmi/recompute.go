package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
)

type recomputeCommand struct {
	Questionnaire string   `arg:"" help:"The questionnaire whose recorded responses are scored again."`
	Version       int32    `placeholder:"N" help:"Score under this version, which may be a draft. Default: the latest published one."`
	From          moment   `placeholder:"TIME" help:"Take only responses submitted at this time or later: 2026-09-01, which is its first moment in UTC, or 2026-09-01T08:00:00Z."`
	Before        moment   `placeholder:"TIME" help:"Take only responses submitted before this time."`
	GroupBy       []string `placeholder:"WAY" help:"Compare also within each group by this: channel, questionnaire_version, account, segments.KEY. May be given several times."`
	ID            string   `name:"id" placeholder:"ID" help:"Name the operation so. The same command with the same id goes on with the same operation. Default: a new name."`
	NoWait        bool     `help:"Start it, and do not wait for its end."`
	JSON          bool     `name:"json" help:"Print the operation as JSON."`
	running
}

func (recomputeCommand) Help() string {
	return `Asks what another version of a questionnaire would have said: a running service scores the recorded responses again under
it, as a long-running operation, and compares. Nothing that is recorded changes; the new scores are a series beside the
recorded ones, and are deleted with the operation.

It prints the id of the operation on stderr, follows it (on a terminal with its progress, through restarts of the service
of up to five minutes), and prints the comparison: how many came to stand in another bucket, and how the CMI differs, over all
and within each group. Ctrl-C ends the waiting, not the operation. A recompute that failed or was cancelled exits with 1.

Where the service asks for keys it needs one with the scopes write and read. --timeout is for single answers of the service.

  cmi recompute airline --version 2
  cmi recompute airline --version 2 --from 2026-07-01 --before 2026-10-01 --group-by channel --group-by segments.country
  cmi recompute airline --id what-if-2 --no-wait && cmi operations wait what-if-2
  cmi operations scores what-if-2 --changed`
}

func (c *recomputeCommand) Run(ctx context.Context, s streams) error {
	conn, err := c.open()
	if err != nil {
		return err
	}
	defer conn.Close()
	if c.ID == "" {
		c.ID = newOperationID(c.Questionnaire, c.Version, time.Now())
	}
	op, err := c.start(ctx, cmiv1.NewScoringServiceClient(conn))
	if err != nil {
		return err
	}
	if c.NoWait {
		return tellOperation(s, op, c.JSON)
	}
	fmt.Fprintf(s.err, "Operation %s: %s\n", op.id(), op.wanted())
	return waitAndTell(ctx, s, conn, waiting{running: c.running, id: op.id(), json: c.JSON})
}

// start starts the operation. Where nobody knows whether it was started, its error says how to go on.
func (c *recomputeCommand) start(ctx context.Context, client cmiv1.ScoringServiceClient) (*operation, error) {
	within, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	wire, err := client.RecomputeScores(within, c.request())
	switch status.Code(err) {
	case codes.OK:
		return readOperation(wire)
	case codes.DeadlineExceeded, codes.Canceled:
		return nil, fmt.Errorf("%w; it may have been started: with --id %s the same command goes on with it", c.explain(ctx, err), c.ID)
	default:
		return nil, c.explain(ctx, err)
	}
}

func (c *recomputeCommand) request() *cmiv1.RecomputeScoresRequest {
	return &cmiv1.RecomputeScoresRequest{
		OperationId: operationID(c.ID), QuestionnaireId: c.Questionnaire, Version: c.Version,
		SubmittedFrom: c.From.wire(), SubmittedBefore: c.Before.wire(), GroupBy: c.GroupBy,
	}
}

// newOperationID makes an id that people recognise and that is new, such as airline-v2-20260901-080000-k7m2q.
func newOperationID(questionnaire string, version int32, at time.Time) string {
	const longest, chance = 128, 5
	end := at.UTC().Format("-20060102-150405-") + strings.ToLower(rand.Text()[:chance])
	if version > 0 {
		end = fmt.Sprintf("-v%d", version) + end
	}
	if !scoring.ValidID(questionnaire) { // the service says so
		questionnaire = "recompute"
	}
	return questionnaire[:min(len(questionnaire), longest-len(end))] + end
}
