// Package demo shows the service at work: it starts the real one with an embedded store in a temporary folder, records a
// survey of 1,065 customers over gRPC, and tells what the scores say.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"

	"github.com/customer-momentum/cmi/examples/airline"
)

// Options are what the command line says.
type Options struct {
	// GRPCAddress and HTTPAddress are where the service listens; port 0 picks a free one.
	GRPCAddress, HTTPAddress string
	// Exit ends the demo after its report, instead of serving on until ctx ends.
	Exit bool
	// Version is the version of the program.
	Version string
}

// Run runs the demo. The report goes to out; warnings and, on a terminal, the progress go to said.
func Run(ctx context.Context, o Options, out, said io.Writer) (err error) {
	logs := slog.New(slog.NewTextHandler(said, &slog.HandlerOptions{Level: slog.LevelWarn}))
	running, err := start(ctx, o, logs)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, running.stop()) }()
	p := printer{to: out, style: styleFor(out)}
	if err := show(ctx, running, p, said); err != nil {
		switch {
		case running.over():
			return errors.New("the service ended before the report was complete")
		case ctx.Err() != nil:
			return errors.New("interrupted before the report was complete")
		}
		return err
	}
	if o.Exit {
		return nil
	}
	p.serving(running.addresses)
	select {
	case <-ctx.Done():
	case <-running.ended:
	}
	return nil
}

// show records the survey and prints what it says.
func show(ctx context.Context, running *service, p printer, progress io.Writer) error {
	ctx, release := running.during(ctx)
	defer release()
	survey, err := airline.Questionnaire()
	if err != nil {
		return err
	}
	responses, err := airline.Responses()
	if err != nil {
		return err
	}
	p.intro(survey, len(responses))
	report, err := record(ctx, running, survey, responses, progress)
	if err != nil {
		return err
	}
	p.report(report)
	next, err := commands(running.addresses, survey, sample(report, responses))
	if err != nil {
		return fmt.Errorf("there are no commands to show: %w", err)
	}
	p.commands(next)
	return nil
}

// record publishes the questionnaire, streams the responses and reads back why those at risk are.
func record(ctx context.Context, running *service, survey *cmiv1.Questionnaire, responses []*cmiv1.Response, progress io.Writer) (*Report, error) {
	published, err := publish(ctx, running.conn, survey)
	if err != nil {
		return nil, err
	}
	var shown bar
	if isTerminal(progress) {
		shown = newBar(progress, len(responses))
	}
	scores, err := stream(ctx, running.conn, published.GetQuestionnaireId(), responses, shown.add)
	shown.end()
	if err != nil {
		return nil, err
	}
	report := summarise(published, scores)
	return report, report.explain(ctx, running.conn)
}

// sample picks the response that the commands are about: of the customer most at risk, or else the first one.
func sample(r *Report, responses []*cmiv1.Response) *cmiv1.Response {
	if len(r.AtRisk) > 0 {
		return r.AtRisk[0].Response
	}
	return responses[0]
}
