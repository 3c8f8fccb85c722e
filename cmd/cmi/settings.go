package main

import (
	"io"

	"github.com/customer-momentum/cmi/server/settings"
)

type settingsCommands struct {
	Reference referenceCommand `cmd:"" help:"Print every setting as Markdown, as docs/settings.md has them."`
}

type referenceCommand struct{}

func (referenceCommand) Run(s streams) error {
	_, err := io.WriteString(s.out, settings.Reference())
	return err
}
