package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
	"github.com/customer-momentum/cmi/server/fault"
	"github.com/customer-momentum/cmi/server/questionnaire"
	"github.com/customer-momentum/cmi/server/strictjson"
)

type scoreCommand struct {
	Questionnaire string `short:"q" required:"" placeholder:"ID|FILE" help:"Score by this built-in questionnaire or this file; with --server by this questionnaire of the service."`
	In            string `arg:"" default:"-" help:"The responses, as JSON, or with OUT a table; - is stdin."`
	Out           string `arg:"" optional:"" help:"Where the scores of a table go; - is stdout."`
	Explain       bool   `help:"Responses as JSON only: say what each item brings, and what would raise the CMI."`
	scoreTableFlags
	scoreServerFlags
}

func (scoreCommand) Help() string {
	return `Without --server nothing is recorded and no service is asked; the figures are those of the service, to the last bit.

With one file it reads responses, each a JSON object as ScoreCustomer takes it, one a line or laid out over several, and prints
each score as one line of JSON, in order. What is refused is said on stderr, leaves the others alone, and makes the exit code 1.

  cmi score -q builtin-active-online responses.ndjson
  echo '{"answers": [{"itemId": "trust", "number": 4}]}' | cmi score -q mine.yaml --explain

With two it scores a table, a row for each response and a column for each item: Parquet, CSV, lines of JSON, Arrow. OUT has the
kept columns and then status, bucket, cmi, eci, bei, fii, display_score and error, row for row. Memory does not grow with the table.

  cmi score -q airline.yaml --map airline-map.yaml --keep id survey.csv scores.parquet
  cmi score -q airline.yaml --rejects bad.csv survey.parquet scores.parquet
  zcat survey.csv.gz | cmi score -q airline.yaml --from csv --to csv - - | head
  cmi score -q airline.yaml --long response,question,answer answers.csv scores.csv

A row with an answer that is not allowed, or that nobody can read, is rejected alone: OUT says why under error, and the file of
--rejects lists row, item, value and reason. OUT appears when it is whole, and replaces what stood there.

With --server a running service scores the table and records its responses, each under its @response_id; -q is then the id of a
questionnaire there. While the service is away it is waited for, up to five minutes. A run that was cut off is simply run again: what
is recorded already answers the same, and nothing is recorded twice.

  cmi score -q airline --server 127.0.0.1:9090 --map airline-map.yaml survey.parquet scores.parquet
  cmi score -q airline --server cmi.example:9090 --tls --dry-run --map airline-map.yaml survey.csv scores.csv

Exit codes: 0 every row was accepted; 1 it could not be done, and there is no OUT; 2 the command line cannot be
understood; 3 OUT is whole, but rows were rejected. docs/files.md says how surveys are mapped (--map) and what each format may hold.`
}

func (c *scoreCommand) Run(ctx context.Context, s streams) error {
	if c.Server != "" {
		return c.scoreThere(ctx, s)
	}
	q, scorer, err := c.scorer(s.in)
	if err != nil {
		return err
	}
	if c.Out != "" {
		job, err := c.job(s, q, scorer)
		if err != nil {
			return err
		}
		return c.runTable(ctx, s, job)
	}
	from := s.in
	if c.In != "-" {
		file, err := os.Open(c.In)
		if err != nil {
			return fmt.Errorf("the responses cannot be read: %w", err)
		}
		defer file.Close()
		from = file
	}
	out := bufio.NewWriter(s.out)
	err = c.score(ctx, scorer, from, out, s.err)
	if flushed := out.Flush(); flushed != nil {
		return fmt.Errorf("the scores cannot be written: %w", flushed)
	}
	return err
}

// scorer compiles what --questionnaire names: a built-in one, or a file.
func (c *scoreCommand) scorer(in io.Reader) (*cmiv1.Questionnaire, *scoring.Scorer, error) {
	var q *cmiv1.Questionnaire
	var err error
	switch {
	case strings.HasPrefix(c.Questionnaire, questionnaire.BuiltinPrefix):
		q, err = builtin(c.Questionnaire, 0)
	case c.Questionnaire == "-" && c.In == "-":
		err = errors.New("the questionnaire and the responses cannot both be stdin; put one of them into a file")
	default:
		q, err = readQuestionnaire(c.Questionnaire, in)
	}
	if found, ok := unreadable(err); ok {
		return nil, nil, c.faulty(found)
	}
	if err != nil {
		return nil, nil, err
	}
	scorer, err := scoring.Compile(q)
	if bad, ok := errors.AsType[*scoring.Faults](err); ok {
		return nil, nil, c.faulty(bad.Faults)
	}
	return q, scorer, err
}

// faulty says that nothing can be scored by the questionnaire, and where to read why.
func (c *scoreCommand) faulty(all []*cmiv1.Fault) error {
	return fmt.Errorf("%s has %s (%s: %s); \"cmi questionnaire lint\" lists all there are",
		c.Questionnaire, plural(len(all), "fault"), whole(all[0].GetPath()), all[0].GetMessage())
}

// score scores every response of from; refusals are said to said, one a line.
func (c *scoreCommand) score(ctx context.Context, scorer *scoring.Scorer, from io.Reader, to, said io.Writer) error {
	decoder := json.NewDecoder(from)
	scored, refused := 0, 0
	for n := 1; ctx.Err() == nil; n++ {
		var raw json.RawMessage
		err := decoder.Decode(&raw)
		if errors.Is(err, io.EOF) {
			return outcome(scored, refused)
		}
		if err != nil {
			return fmt.Errorf("response %d, at byte %d, is not JSON (%w); %d before it were scored", n, decoder.InputOffset(), err, scored)
		}
		score, err := c.one(scorer, raw)
		if err != nil {
			refused++
			fmt.Fprintf(said, "cmi: response %d is refused: %s\n", n, refusal(err))
			continue
		}
		scored++
		if err := writeJSONLine(to, score); err != nil {
			return err
		}
	}
	return fmt.Errorf("interrupted after %d scores", scored)
}

func (c *scoreCommand) one(scorer *scoring.Scorer, raw []byte) (*cmiv1.Score, error) {
	response := &cmiv1.Response{}
	if err := strictjson.Unmarshal(raw, response); err != nil {
		return nil, err
	}
	if c.Explain {
		return scorer.Explain(response)
	}
	return scorer.Score(response)
}

// refusal says why a response is refused: everything that is wrong with it.
func refusal(err error) string {
	if bad, ok := errors.AsType[*scoring.Invalid](err); ok {
		parts := make([]string, len(bad.Violations))
		for i, v := range bad.Violations {
			parts[i] = strings.TrimPrefix(v.Path+": "+v.Message, ": ")
		}
		return strings.Join(parts, "; ")
	}
	if bad, ok := errors.AsType[*fault.Error](err); ok {
		return bad.Message
	}
	return err.Error()
}

// outcome says what a run comes to.
func outcome(scored, refused int) error {
	switch {
	case refused > 0:
		return fmt.Errorf("%d of %s refused", refused, plural(scored+refused, "response"))
	case scored == 0:
		return errors.New("there was no response to score")
	}
	return nil
}
