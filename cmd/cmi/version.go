package main

import (
	"fmt"
	"runtime/debug"
	"strings"
)

type versionCommand struct{}

func (versionCommand) Help() string {
	return `Prints the version of the module, the commit and the Go release that this binary was built from.`
}

func (versionCommand) Run(s streams) error {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	_, err := fmt.Fprintf(s.out, "cmi %s\n", describe(info))
	return err
}

// version is the version of this build in short.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

// describe tells a build: version, commit, whether it had uncommitted changes, Go release.
func describe(info *debug.BuildInfo) string {
	setting := make(map[string]string, len(info.Settings))
	for _, s := range info.Settings {
		setting[s.Key] = s.Value
	}
	parts := []string{"(devel)"}
	if info.Main.Version != "" {
		parts[0] = info.Main.Version
	}
	if commit := setting["vcs.revision"]; commit != "" {
		text := "commit " + commit[:min(12, len(commit))]
		if at := setting["vcs.time"]; at != "" {
			text += " of " + at
		}
		if setting["vcs.modified"] == "true" {
			text += ", changed since"
		}
		parts = append(parts, text)
	}
	if info.GoVersion != "" {
		parts = append(parts, info.GoVersion)
	}
	if setting["GOOS"] != "" {
		parts = append(parts, setting["GOOS"]+"/"+setting["GOARCH"])
	}
	return strings.Join(parts, "; ")
}
