package requestid_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/customer-momentum/cmi/server/telemetry/requestid"
)

func TestNewIsAUUIDOfVersion7ThatSortsByTime(t *testing.T) {
	t.Parallel()
	shape := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	at := time.UnixMilli(0x0123456789ab)
	first, second := requestid.New(at), requestid.New(at)
	if !shape.MatchString(first) {
		t.Errorf("%q does not look like a UUID of version 7", first)
	}
	if first == second {
		t.Errorf("two calls were given the same id %q", first)
	}
	if !strings.HasPrefix(first, "01234567-89ab-7") {
		t.Errorf("%q does not begin with its time", first)
	}
	if later := requestid.New(at.Add(time.Millisecond)); later <= first {
		t.Errorf("%q does not sort after %q", later, first)
	}
}

func TestSane(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]bool{
		"a": true, "req-1_2.3:4/5+6=7@8": true, strings.Repeat("x", 128): true,
		"": false, strings.Repeat("x", 129): false, "a b": false, "a\n": false, "é": false, `"`: false, "\x00": false,
	} {
		if got := requestid.Sane(id); got != want {
			t.Errorf("Sane(%q) = %t, want %t", id, got, want)
		}
	}
	if !requestid.Sane(requestid.New(time.Now())) {
		t.Error("an id of our own is not sane")
	}
}

func TestFrom(t *testing.T) {
	t.Parallel()
	if got := requestid.From(t.Context()); got != "" {
		t.Errorf("a bare context carries the id %q", got)
	}
	if got := requestid.From(requestid.With(t.Context(), "r1")); got != "r1" {
		t.Errorf("got %q, want r1", got)
	}
}
