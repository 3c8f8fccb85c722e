// Command cmi is the Customer Momentum Index: the service, a demonstration of it, and the tools around questionnaires.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// The exit codes, as the help tells them.
const (
	exitOK    = 0
	exitNo    = 1
	exitUsage = 2
	// exitRejected is that of score alone: all was done, but not for every row.
	exitRejected = 3
)

const about = `The Customer Momentum Index: where a customer relationship stands, from three pillars of 0..100 (emotional connection,
behavioural engagement, future intent), scored over gRPC and JSON.

Start with "cmi demo". Exit codes: 0 it went well; 1 the answer is no, or it could not be done, and one sentence on
stderr says why; 2 the command line cannot be understood.`

// commands is the command line: one field a command, one file each.
type commands struct {
	Serve         serveCommand          `cmd:"" help:"Run the service until SIGTERM or Ctrl-C."`
	Migrate       migrateCommands       `cmd:"" help:"Bring the schema of a store forward or back."`
	Demo          demoCommand           `cmd:"" help:"Start the service with example data, and show what it says about 1,065 customers."`
	Simulate      simulateCommand       `cmd:"" help:"Make customers up whose truth is known, into files or for a service."`
	Score         scoreCommand          `cmd:"" help:"Score responses (JSON) and tables (Parquet, CSV, Arrow, lines of JSON) in this process, or tables by a service."`
	Questionnaire questionnaireCommands `cmd:"" help:"Check and show questionnaires."`
	Recompute     recomputeCommand      `cmd:"" help:"Score what a running service has recorded again, under another version, and compare."`
	Report        reportCommands        `cmd:"" help:"Ask a running service what scores, answers and outcomes come to: groups, loyalty, drivers, money."`
	Operations    operationsCommands    `cmd:"" help:"Follow, list and end the long-running operations of a running service."`
	Keys          keysCommands          `cmd:"" help:"Make API keys."`
	Backup        backupCommand         `cmd:"" help:"Copy a SQLite store into a file, while a service goes on with it."`
	Restore       restoreCommand        `cmd:"" help:"Make a SQLite store of a backup."`
	Health        healthCommand         `cmd:"" help:"Ask a running service whether it serves."`
	Settings      settingsCommands      `cmd:"" help:"Explain the settings of the service."`
	Version       versionCommand        `cmd:"" help:"Say which build this is."`
}

// streams is where a command reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// answeredNo ends a command whose output has said no already.
type answeredNo struct{}

func (answeredNo) Error() string { return "the answer is no" }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The first signal ends ctx, and with it the command in good order; from then on a signal ends the process at once.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], streams{in: os.Stdin, out: os.Stdout, err: os.Stderr}))
}

// run understands a command line, hands over to its command, and answers the exit code.
func run(ctx context.Context, args []string, s streams) int {
	var c commands
	finished := false
	parser, err := kong.New(&c,
		kong.Name("cmi"),
		kong.Description(about),
		kong.Vars{"timeout": "5s"}, // of a call; commands whose calls take longer set their own
		kong.Writers(s.out, s.err),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: lineWidth}),
		kong.ValueFormatter(describeFlag),
		// Help has nothing left to do; what kong finds missing after it does not matter.
		kong.Exit(func(int) { finished = true }),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(s),
	)
	if err != nil {
		fmt.Fprint(s.err, complaint("this program's own description of its commands is broken: "+err.Error()))
		return exitUsage
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(args)
	if finished {
		return exitOK
	}
	if err != nil {
		fmt.Fprint(s.err, complaint(err.Error()+"; "+seeHelp(err)))
		return exitUsage
	}
	switch err := parsed.Run(); {
	case err == nil:
		return exitOK
	case errors.As(err, &answeredNo{}):
		return exitNo
	case errors.As(err, &rowsRejected{}):
		return exitRejected
	default:
		fmt.Fprint(s.err, complaint(err.Error()))
		return exitNo
	}
}
