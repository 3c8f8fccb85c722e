package settings

import (
	"fmt"
	"os"

	"github.com/alecthomas/kong"
)

// BeforeResolve reads the settings file, if one is named. kong calls it on every command that Settings are embedded in, so
// a command needs nothing but the embedding.
func (s *Settings) BeforeResolve(ctx *kong.Context) error {
	for _, flag := range ctx.Flags() {
		if flag.Name != "config" {
			continue
		}
		if path, _ := ctx.FlagValue(flag).(string); path != "" {
			values, err := readFile(path)
			if err != nil {
				return err
			}
			ctx.AddResolver(values)
		}
	}
	return nil
}

// Validate has nothing to add: the file was checked when it was read. kong asks resolvers for it.
func (f file) Validate(*kong.Application) error { return nil }

// Resolve answers the file's value of a flag that was not given. kong lets resolvers win over environment variables, so
// where one is set the file is silent.
func (f file) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	value, ok := f[flag.Name]
	if !ok {
		return nil, nil //nolint:nilnil // that is how a resolver says that it knows nothing
	}
	for _, env := range flag.Envs {
		if _, set := os.LookupEnv(env); set {
			return nil, nil //nolint:nilnil // see above
		}
	}
	return value, nil
}

// Parse reads flags, environment and settings file as a command does that has Settings and nothing else.
func Parse(args []string) (Settings, error) {
	var s Settings
	parser, err := kong.New(&s, kong.Name("cmi"), kong.NoDefaultHelp())
	if err != nil {
		return Settings{}, fmt.Errorf("the tags of Settings are wrong: %w", err)
	}
	if _, err := parser.Parse(args); err != nil {
		return Settings{}, err
	}
	return s, nil
}
