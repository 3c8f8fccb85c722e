package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/alecthomas/kong"
	"github.com/mattn/go-isatty"

	"github.com/customer-momentum/cmi/server"
	"github.com/customer-momentum/cmi/server/migration"
	"github.com/customer-momentum/cmi/server/settings"
)

type migrateCommands struct {
	Up     migrateUpCommand     `cmd:"" help:"Bring the schema of a store forward."`
	Down   migrateDownCommand   `cmd:"" help:"Take the schema of a store back, and lose what later versions added."`
	Status migrateStatusCommand `cmd:"" help:"Say which schema a store has, and which this program needs."`
}

// storeFlags name a store as the service's own settings do.
type storeFlags struct {
	Config string `name:"config" env:"CMI_CONFIG" placeholder:"FILE" help:"Read the store from this settings file of the service."`
	Store  string `name:"store" env:"CMI_STORE" default:"sqlite:cmi.db" placeholder:"URL" help:"The store: sqlite:FILE, or postgres://USER@HOST/DATABASE."`
}

// BeforeResolve reads the settings file, if one is named.
func (f *storeFlags) BeforeResolve(ctx *kong.Context) error {
	return (&settings.Settings{}).BeforeResolve(ctx)
}

// name is the store for people to see.
func (f *storeFlags) name() string { return settings.WithoutPassword(f.Store) }

// open answers the schema of the store and how it stands.
func (f *storeFlags) open(ctx context.Context) (server.Schema, migration.Status, error) {
	schema, err := server.SchemaOf(f.Store)
	if err != nil {
		return nil, migration.Status{}, err
	}
	status, err := schema.Status(ctx)
	return schema, status, err
}

type migrateUpCommand struct {
	storeFlags
	To *int64 `placeholder:"VERSION" help:"Stop at this version. Default: the newest."`
}

func (*migrateUpCommand) Help() string {
	return `Applies the migrations that a store lacks, each in a transaction of its own. Whatever ends it in the middle, run it again
and it goes on. A new store needs no command: the service sets it up. One with data it does not touch unasked, because
that may take long, and older programs cannot use the store afterwards.

Stop the service and back the store up before. In PostgreSQL several that run at once wait for one another; a SQLite file
that a service has open is refused.

  cmi migrate up
  cmi migrate up --store sqlite:/var/lib/cmi/cmi.db
  cmi migrate up --config /etc/cmi/settings.yaml --to 3`
}

func (c *migrateUpCommand) Run(ctx context.Context, s streams) error {
	schema, err := server.SchemaOf(c.Store)
	if err != nil {
		return err
	}
	to := int64(migration.Newest)
	if c.To != nil {
		to = *c.To
	}
	if err := schema.Up(ctx, to); err != nil {
		return err
	}
	status, err := schema.Status(ctx)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "%s has schema %d.\n", c.name(), status.Have)
	return err
}

type migrateDownCommand struct {
	storeFlags
	To  int64 `required:"" placeholder:"VERSION" help:"Go back to this version; 0 takes everything away."`
	Yes bool  `help:"Do not ask: what later versions added may be lost."`
}

func (*migrateDownCommand) Help() string {
	return `Takes back the migrations after a version, the newest first, each in a transaction of its own. The tables and columns that
they added go, and what stands in them is lost for good: going up again brings them back empty. So it asks first; without
a terminal it needs --yes.

Stop the service and back the store up before. An older program is better served by the backup that was made before the
upgrade: that one has everything.

  cmi migrate status
  cmi migrate down --to 2
  cmi migrate down --store sqlite:/var/lib/cmi/cmi.db --to 2 --yes`
}

func (c *migrateDownCommand) Run(ctx context.Context, s streams) error {
	schema, status, err := c.open(ctx)
	if err != nil {
		return err
	}
	if err := status.CheckDown(c.To); err != nil {
		return fmt.Errorf("take %s back: %w", c.name(), err)
	}
	if lost := status.After(c.To); len(lost) > 0 && !c.Yes {
		if err := c.ask(s, lost); err != nil {
			return err
		}
	}
	if err := schema.Down(ctx, c.To); err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "%s has schema %d.\n", c.name(), c.To)
	return err
}

// ask has somebody at a terminal say yes.
func (c *migrateDownCommand) ask(s streams, lost []migration.Version) error {
	var names []string
	for _, v := range lost {
		names = append(names, fmt.Sprintf("%d (%s)", v.Number, v.Name))
	}
	what := strings.Join(names, ", ")
	if file, ok := s.in.(*os.File); !ok || !isatty.IsTerminal(file.Fd()) {
		return fmt.Errorf("what schema %s added to %s would be lost: back the store up, then say so with --yes", what, c.name())
	}
	return confirm(s, fmt.Sprintf("What schema %s added to %s will be lost. Go on? [y/N] ", what, c.name()))
}

// confirm asks a question that only yes goes on after.
func confirm(s streams, question string) error {
	fmt.Fprint(s.err, question)
	answer, err := bufio.NewReader(s.in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read the answer: %w", err)
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	}
	return errors.New("nothing was changed")
}
