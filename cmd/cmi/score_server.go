package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/customer-momentum/cmi/cmd/cmi/tables"
	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
)

// scoreServerFlags have a table scored and recorded by a running service.
type scoreServerFlags struct {
	Server  string `placeholder:"HOST:PORT" help:"Have the table scored, and its responses recorded, by the service at this gRPC address; -q is then the id of a questionnaire there."`
	Version int32  `placeholder:"N" help:"Score by this version. Default: the latest one that is published."`
	DryRun  bool   `help:"Record nothing."`
	apiKey
	connection
}

// validateServer refuses combinations that mean nothing.
func (c *scoreCommand) validateServer() error {
	switch {
	case c.Server == "" && (c.Version != 0 || c.DryRun || c.TLS || c.CA != "" || c.ServerName != ""):
		return errors.New("--version, --dry-run, --tls, --ca and --server-name are about a service; say which one with --server")
	case c.Server == "":
		return nil
	case c.Out == "":
		return errors.New("--server is for tables, which have an OUT; - is stdout")
	case c.Version < 0:
		return fmt.Errorf("version %d is not allowed; versions count from 1", c.Version)
	case c.namesFile():
		return fmt.Errorf("with --server, -q is the id of a questionnaire of the service, and %q is a file; the service scores by what was published there alone",
			c.Questionnaire)
	}
	return nil
}

// namesFile tells whether --questionnaire can only mean a file: ids have no separators, and no extension of files that are there.
func (c *scoreCommand) namesFile() bool {
	if c.Questionnaire == "-" || strings.ContainsAny(c.Questionnaire, `/\`) {
		return true
	}
	if !slices.Contains([]string{".yaml", ".yml", ".json"}, strings.ToLower(filepath.Ext(c.Questionnaire))) {
		return false
	}
	about, err := os.Stat(c.Questionnaire)
	return err == nil && about.Mode().IsRegular()
}

// scoreThere has a table scored by a service.
func (c *scoreCommand) scoreThere(ctx context.Context, s streams) error {
	of := running{Server: c.Server, apiKey: c.apiKey, connection: c.connection}
	conn, err := of.open()
	if err != nil {
		return err
	}
	defer conn.Close()
	request := &cmiv1.GetQuestionnaireRequest{QuestionnaireId: c.Questionnaire, Version: c.Version}
	answer, err := ask(ctx, of, cmiv1.NewQuestionnaireServiceClient(conn).GetQuestionnaire, request)
	if err != nil {
		return err
	}
	scorer, err := scoring.Compile(answer.GetQuestionnaire())
	if err != nil {
		return fmt.Errorf("questionnaire %q of the service cannot be read; is the service newer than this program? (%w)", c.Questionnaire, err)
	}
	job, err := c.job(s, answer.GetQuestionnaire(), scorer)
	if err != nil {
		return err
	}
	job.Service = &tables.Service{Conn: conn, DryRun: c.DryRun, Reconnect: conn.ResetConnectBackoff}
	err = c.runTable(ctx, s, job)
	if bad, there := errors.AsType[*tables.ServiceError](err); there {
		return c.stoppedThere(bad.Err)
	}
	return err
}

// stoppedThere says why a service did not score all of a table, and what to do.
func (c *scoreCommand) stoppedThere(err error) error {
	err = failed(err, c.Server)
	if c.DryRun {
		return err
	}
	return fmt.Errorf("%w (there is no OUT; what was answered is recorded, and the same command goes through all rows without recording any twice)", err)
}
