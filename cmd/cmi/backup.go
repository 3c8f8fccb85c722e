package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/vbauerster/mpb/v8/decor"

	"github.com/customer-momentum/cmi/server/settings"
	"github.com/customer-momentum/cmi/server/store/sqlite"
)

type backupCommand struct {
	Out   string `arg:"" help:"The file to write the backup to."`
	Force bool   `help:"Replace the file where it is there already."`
	storeFlags
}

func (backupCommand) Help() string {
	return `Writes a copy of a SQLite store into a file, while a service goes on with the store. The copy holds everything that was
answered before the backup began, and nothing that was erased before. It is there whole or not at all: until it
is finished it has a name of its own beside it (OUT.partial-...), which the next backup to the same file removes if this one was
killed.

The copy holds what customers said, and the key by which their ids are hashed: only its owner may read it, so keep it so.
Run this as the user who runs the service. Until it ends, the log beside the store (-wal) grows by what is recorded, and
what is erased meanwhile stays in that log.

PostgreSQL has tools of its own for this, pg_dump and pg_basebackup: docs/operations.md says how.

  cmi backup --store sqlite:cmi.db backups/monday.db
  cmi backup --store sqlite:/var/lib/cmi/cmi.db --force /mnt/backups/cmi.db`
}

func (b *backupCommand) Run(ctx context.Context, s streams) error {
	file, err := fileOfStore(b.Store, "back it up with pg_dump, or with pg_basebackup and an archive of its log")
	if err != nil {
		return err
	}
	began := time.Now()
	bar := newCopyBar(s.err, "Writing")
	size, err := sqlite.Backup(ctx, file, b.Out, sqlite.Copying{Force: b.Force, Progress: bar.tell()})
	bar.end()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "%s: %s\n", b.Out, sizeAndTime(size, began))
	return err
}

// fileOfStore answers the file of a SQLite store. Of a PostgreSQL store it says what to do instead.
func fileOfStore(where, instead string) (string, error) {
	scheme, rest, _ := strings.Cut(where, ":")
	switch {
	case scheme == "sqlite" && rest != "":
		return rest, nil
	case scheme == "postgres" || scheme == "postgresql":
		return "", fmt.Errorf("%s is kept by PostgreSQL, which has tools of its own for this: %s; docs/operations.md says how",
			settings.WithoutPassword(where), instead)
	}
	return "", fmt.Errorf("store %q: say sqlite:FILE, such as sqlite:cmi.db", settings.WithoutPassword(where))
}

// sizeAndTime says how large something is and how long it took.
func sizeAndTime(size int64, began time.Time) string {
	return fmt.Sprintf("% .1f in %s", decor.SizeB1000(size), time.Since(began).Round(time.Millisecond))
}
