package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/questionnaire"
)

// shelf is where questionnaires are read from: this binary's built-in ones, or a running service.
type shelf struct {
	Server string `placeholder:"HOST:PORT" help:"Ask the service at this gRPC address. Default: only the built-in questionnaires of this binary."`
	apiKey
	connection
}

type showCommand struct {
	ID      string `arg:"" help:"The id, such as builtin-new-online."`
	Version int32  `placeholder:"N" help:"Print this version. Default: the latest published one."`
	JSON    bool   `name:"json" help:"Print JSON instead of YAML."`
	shelf
}

func (showCommand) Help() string {
	return `Prints the questionnaire as a file that "lint", "score" and the service take. The nine built-in ones are there without a
service; a stored one is read from the service at --server.

  cmi questionnaire show builtin-active-online > mine.yaml
  cmi questionnaire show airline --server 127.0.0.1:9090 --json`
}

func (c *showCommand) Run(ctx context.Context, s streams) error {
	q, err := c.questionnaire(ctx, c.ID, c.Version)
	if err != nil {
		return err
	}
	if c.JSON {
		_, err = s.out.Write(questionnaire.WriteJSON(q))
	} else {
		_, err = s.out.Write(questionnaire.WriteYAML(q))
	}
	return err
}

func (c *shelf) questionnaire(ctx context.Context, id string, version int32) (*cmiv1.Questionnaire, error) {
	if c.Server == "" {
		return builtin(id, version)
	}
	var q *cmiv1.Questionnaire
	err := c.ask(ctx, func(ctx context.Context, client cmiv1.QuestionnaireServiceClient) error {
		answer, err := client.GetQuestionnaire(ctx, &cmiv1.GetQuestionnaireRequest{QuestionnaireId: id, Version: version})
		q = answer.GetQuestionnaire()
		return err
	})
	return q, err
}

// ask calls the service within the time allowed.
func (c *shelf) ask(ctx context.Context, call func(context.Context, cmiv1.QuestionnaireServiceClient) error) error {
	conn, err := c.dial(c.Server, c.Key)
	if err != nil {
		return err
	}
	defer conn.Close()
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	if err := call(ctx, cmiv1.NewQuestionnaireServiceClient(conn)); err != nil {
		return failed(err, c.Server)
	}
	return nil
}

// builtin answers a built-in questionnaire; version 0 is the latest.
func builtin(id string, version int32) (*cmiv1.Questionnaire, error) {
	if !strings.HasPrefix(id, questionnaire.BuiltinPrefix) {
		return nil, fmt.Errorf("%q is not built in; name its service with --server, or see \"cmi questionnaire list\"", id)
	}
	var found *cmiv1.Questionnaire
	for _, q := range questionnaire.Builtin() {
		if q.GetQuestionnaireId() == id && (version == 0 || q.GetVersion() == version) && q.GetVersion() >= found.GetVersion() {
			found = q
		}
	}
	if found == nil && version != 0 {
		return nil, fmt.Errorf("there is no version %d of %q; \"cmi questionnaire list\" names those that are", version, id)
	}
	if found == nil {
		return nil, fmt.Errorf("there is no built-in questionnaire %q; \"cmi questionnaire list\" names those that are", id)
	}
	return found, nil
}

type listCommand struct {
	JSON bool `name:"json" help:"Print each questionnaire whole, as one line of JSON."`
	shelf
}

func (listCommand) Help() string {
	return `Lists the latest version of each questionnaire: those built into this binary, or with --server those of a service,
its own first.

  cmi questionnaire list
  cmi questionnaire list --server 127.0.0.1:9090`
}

func (c *listCommand) Run(ctx context.Context, s streams) error {
	all, err := c.list(ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		for _, q := range all {
			if err := writeJSONLine(s.out, q); err != nil {
				return err
			}
		}
		return nil
	}
	return writeList(s.out, all)
}

func (c *listCommand) list(ctx context.Context) ([]*cmiv1.Questionnaire, error) {
	if c.Server == "" {
		return builtins(), nil
	}
	var all []*cmiv1.Questionnaire
	err := c.ask(ctx, func(ctx context.Context, client cmiv1.QuestionnaireServiceClient) error {
		request := &cmiv1.ListQuestionnairesRequest{}
		for {
			page, err := client.ListQuestionnaires(ctx, request)
			if err != nil {
				return err
			}
			all = append(all, page.GetQuestionnaires()...)
			if request.PageToken = page.GetNextPageToken(); request.PageToken == "" {
				return nil
			}
		}
	})
	return all, err
}

// builtins answers the latest version of every built-in questionnaire, in the order in which they come.
func builtins() []*cmiv1.Questionnaire {
	var latest []*cmiv1.Questionnaire
	place := make(map[string]int)
	for _, q := range questionnaire.Builtin() {
		at, seen := place[q.GetQuestionnaireId()]
		switch {
		case !seen:
			place[q.GetQuestionnaireId()] = len(latest)
			latest = append(latest, q)
		case q.GetVersion() > latest[at].GetVersion():
			latest[at] = q
		}
	}
	return latest
}

func writeList(w io.Writer, all []*cmiv1.Questionnaire) error {
	if len(all) == 0 {
		return errors.New("there is no questionnaire")
	}
	var rows [][]string
	for _, q := range all {
		rows = append(rows, []string{
			q.GetQuestionnaireId(), fmt.Sprint(q.GetVersion()), stateWord(q.GetState()), fmt.Sprint(len(q.GetItems())), q.GetTitle(),
		})
	}
	_, err := io.WriteString(w, table([]string{"ID", "VERSION", "STATE", "ITEMS", "TITLE"}, rows))
	return err
}

// stateWord says where a version stands; one that comes with the binary is published.
func stateWord(state cmiv1.State) string {
	if state == cmiv1.State_STATE_UNSPECIFIED {
		state = cmiv1.State_STATE_PUBLISHED
	}
	return strings.ToLower(strings.TrimPrefix(state.String(), "STATE_"))
}
