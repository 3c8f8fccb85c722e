package server

import (
	"os"
	"runtime/debug"
)

// collectorPercent is how much the heap may grow, in percent of what lives, before the collector runs. What lives is some
// megabytes, so with Go's default of 100 the collector would hardly ever pause; see bench/REPORT.md for what that costs.
const collectorPercent = 400

// RelaxCollector sets the garbage collector of this process to what suits the service, unless the environment says
// otherwise (GOGC). It is for main: how a process collects is not for a library to decide.
func RelaxCollector() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectorPercent)
	}
}
