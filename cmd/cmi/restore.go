package main

import (
	"context"
	"fmt"
	"time"

	"github.com/customer-momentum/cmi/server/store/sqlite"
)

type restoreCommand struct {
	Backup string `arg:"" help:"The backup, as cmi backup made it."`
	Force  bool   `help:"Replace the store where it is there already. The old one is kept under another name."`
	storeFlags
}

func (restoreCommand) Help() string {
	return `Makes a SQLite store of a backup. The copy is checked first: that it is a store of this service, of a schema that this
program knows, and whole from the first page to the last. Then it takes its place in one step. Nothing is changed where the
backup is no good, where a service holds the store, or where a store is there already and --force was not said; with
--force the old one is kept under a name that is printed, and is yours to remove.

A backup of an older version is restored as it is; "cmi migrate up" brings it forward. Run this as the user who runs the
service. What was erased after the backup was taken is back: erase it again.

Restoring to another file is also how a backup is tried out. PostgreSQL has a tool of its own for this, pg_restore:
docs/operations.md says how.

  cmi restore backups/monday.db --store sqlite:trial.db
  cmi restore backups/monday.db --store sqlite:cmi.db --force`
}

func (r *restoreCommand) Run(ctx context.Context, s streams) error {
	file, err := fileOfStore(r.Store, "restore it with pg_restore, or from what pg_basebackup and an archive of its log keep")
	if err != nil {
		return err
	}
	began := time.Now()
	bar := newCopyBar(s.err, "Copying")
	restored, err := sqlite.Restore(ctx, r.Backup, file, sqlite.Copying{Force: r.Force, Progress: bar.tell()})
	bar.end()
	if err != nil {
		return err
	}
	return tellRestored(s, r.Store, restored, began)
}

func tellRestored(s streams, where string, restored sqlite.Restored, began time.Time) error {
	said := ""
	if restored.Kept != "" {
		said += fmt.Sprintf("The store that was there is kept as %s.\n", restored.Kept)
	}
	if restored.Schema < restored.Known {
		said += fmt.Sprintf("The backup has schema %d and this program needs schema %d: run cmi migrate up --store %s before the service.\n",
			restored.Schema, restored.Known, where)
	}
	_, err := fmt.Fprintf(s.out, "%s%s: %s\n", said, where, sizeAndTime(restored.Bytes, began))
	return err
}
