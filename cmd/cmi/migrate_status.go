package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/customer-momentum/cmi/server/migration"
)

type migrateStatusCommand struct {
	storeFlags
	JSON  bool `name:"json" help:"Print JSON."`
	Check bool `help:"Exit with 1 unless the store has the schema of this program."`
}

func (*migrateStatusCommand) Help() string {
	return `Prints every version of the schema, and when the store came to it. It changes nothing, and may be asked while a service
runs.

  cmi migrate status
  cmi migrate status --store sqlite:/var/lib/cmi/cmi.db --json
  cmi migrate status --check || cmi migrate up`
}

func (c *migrateStatusCommand) Run(ctx context.Context, s streams) error {
	_, status, err := c.open(ctx)
	if err != nil {
		return err
	}
	print := printStatus
	if c.JSON {
		print = printStatusJSON
	}
	if err := print(s.out, c.name(), status); err != nil {
		return err
	}
	if c.Check && !status.Current() {
		return answeredNo{}
	}
	return nil
}

func printStatus(w io.Writer, store string, status migration.Status) error {
	var rows [][]string
	for _, v := range status.Versions {
		name, applied := v.Name, "no"
		if name == "" {
			name = "(of a newer program)"
		}
		if v.Applied {
			applied = v.At.Format("2006-01-02 15:04:05 UTC")
		}
		rows = append(rows, []string{strconv.FormatInt(v.Number, 10), name, applied})
	}
	_, err := fmt.Fprintf(w, "%s\n%s has schema %d, this program needs schema %d.\n", table([]string{"VERSION", "NAME", "APPLIED"}, rows),
		store, status.Have, status.Want)
	return err
}

// schemaJSON is the status for scripts.
type schemaJSON struct {
	Store    string              `json:"store"`
	Have     int64               `json:"have"`
	Want     int64               `json:"want"`
	Versions []schemaVersionJSON `json:"versions"`
}

type schemaVersionJSON struct {
	Version   int64      `json:"version"`
	Name      string     `json:"name,omitempty"`
	Applied   bool       `json:"applied"`
	AppliedAt *time.Time `json:"appliedAt,omitempty"`
}

func printStatusJSON(w io.Writer, store string, status migration.Status) error {
	out := schemaJSON{Store: store, Have: status.Have, Want: status.Want}
	for _, v := range status.Versions {
		one := schemaVersionJSON{Version: v.Number, Name: v.Name, Applied: v.Applied}
		if v.Applied {
			one.AppliedAt = &v.At
		}
		out.Versions = append(out.Versions, one)
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(out)
}
