// Package demo shows the service at work: it starts the real one with an embedded store in a temporary folder, records a
// survey of 1,065 customers over gRPC, and tells what the scores say. On top of the survey it simulates what comes after it,
// and tells who the service sees rise and fall, beside what the simulation made of them. At last it records all that the survey
// asked, and tells what the reports say about it.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

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
	// Now is the clock. Absent: the time of day.
	Now func() time.Time
}

// now is the time at the start of the demo, in whole seconds.
func (o Options) now() time.Time {
	if o.Now != nil {
		return o.Now().UTC().Truncate(time.Second)
	}
	return time.Now().UTC().Truncate(time.Second)
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
	if err := show(ctx, running, p, o.now(), said); err != nil {
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

// show records the survey and what is simulated after it, and prints what they say.
func show(ctx context.Context, running *service, p printer, now time.Time, progress io.Writer) error {
	ctx, release := running.during(ctx)
	defer release()
	survey, err := airline.Questionnaire()
	if err != nil {
		return err
	}
	responses, err := dated(now)
	if err != nil {
		return err
	}
	p.intro(survey, len(responses))
	report, err := record(ctx, running, survey, responses, progress)
	if err != nil {
		return err
	}
	p.report(report)
	simulated := simulate(survey, responses, now)
	p.simulated(simulated)
	momentum, err := follow(ctx, running, simulated, progress)
	if err != nil {
		return err
	}
	p.momentum(momentum)
	said, err := tellSurvey(ctx, running, simulated, progress)
	if err != nil {
		return err
	}
	p.insights(said)
	next, err := commands(running.addresses, survey, sample(report, responses))
	if err != nil {
		return fmt.Errorf("there are no commands to show: %w", err)
	}
	next = append(next, momentumCommands(running.addresses, momentum)...)
	p.commands(append(next, reportCommands(running.addresses, said)...))
	return nil
}

// tellSurvey records the whole survey, and asks for the reports about it.
func tellSurvey(ctx context.Context, running *service, s *simulation, progress io.Writer) (*Insights, error) {
	w, err := surveyInFull(s)
	if err != nil {
		return nil, err
	}
	if err := w.record(ctx, running, progress); err != nil {
		return nil, err
	}
	return insights(ctx, running.conn, w)
}

// dated are the responses of the survey, dated one wave before the first that is simulated: the survey keeps no dates.
func dated(now time.Time) ([]*cmiv1.Response, error) {
	responses, err := airline.Responses()
	for _, r := range responses {
		r.SubmittedAt = timestamppb.New(waveAt(now, 0))
	}
	return responses, err
}

// record publishes the questionnaire, streams the responses and reads back why those at risk are.
func record(ctx context.Context, running *service, survey *cmiv1.Questionnaire, responses []*cmiv1.Response, progress io.Writer) (*Report, error) {
	published, err := publish(ctx, running.conn, survey)
	if err != nil {
		return nil, err
	}
	scores, err := score(ctx, running, published.GetQuestionnaireId(), responses, progress)
	if err != nil {
		return nil, err
	}
	report := summarise(published, scores)
	return report, report.explain(ctx, running.conn)
}

// score streams responses and, on a terminal, shows how far it is.
func score(ctx context.Context, running *service, questionnaireID string, responses []*cmiv1.Response, progress io.Writer) ([]*cmiv1.Score, error) {
	var shown bar
	if isTerminal(progress) {
		shown = newBar(progress, len(responses))
	}
	defer shown.end()
	return stream(ctx, running.conn, questionnaireID, responses, shown.add)
}

// sample picks the response that the commands are about: of the customer most at risk, or else the first one.
func sample(r *Report, responses []*cmiv1.Response) *cmiv1.Response {
	if len(r.AtRisk) > 0 {
		return r.AtRisk[0].Response
	}
	return responses[0]
}
