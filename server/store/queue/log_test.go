package queue

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
)

// TestQuiet: what is ordinary for the queue is a detail for the service; what is not stays what it is.
func TestQuiet(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := quiet(slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelInfo})))
	log.With("a", 1).WithGroup("g").Info("started")
	log.Debug("looked")
	log.With("a", 1).Warn("failed")
	if text := out.String(); strings.Count(text, "\n") != 1 || !strings.Contains(text, "level=WARN msg=failed part=queue a=1") {
		t.Errorf("%q", text)
	}
	quiet(nil).Error("nobody hears it")
}
