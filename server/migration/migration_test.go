package migration

import (
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/pressly/goose/v3"
)

func threeVersions(have ...int64) Status {
	s := known([]*goose.Source{
		{Version: 1, Path: "00001_first_one.sql"}, {Version: 2, Path: "00002_second.sql"}, {Version: 3, Path: "00003_third.sql"},
	})
	for _, number := range have {
		s.apply(number, time.Unix(1_770_000_000, 0))
	}
	return s
}

func TestStatus(t *testing.T) {
	t.Parallel()
	s := threeVersions(1, 2)
	if s.Have != 2 || s.Want != 3 || s.Current() || s.Versions[0].Name != "first one" || !s.Versions[1].Applied || s.Versions[2].Applied {
		t.Errorf("got %+v", s)
	}
	if s := threeVersions(1, 2, 3); !s.Current() || len(s.After(1)) != 2 || len(s.After(3)) != 0 {
		t.Errorf("got %+v", s)
	}
	if s := threeVersions(1, 2, 3, 4); s.Current() || s.Have != 4 || s.Want != 3 || s.Versions[3].Name != "" {
		t.Errorf("of a newer program: got %+v", s)
	}
}

// said checks that an error says something, or that there is none.
func said(t *testing.T, what string, err error, want string) {
	t.Helper()
	if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
		t.Errorf("%s: got %v, want %q", what, err, want)
	}
}

func TestWhatCanBeReached(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		to       int64
		up, down string
	}{
		{-1, "no schema -1", "no schema -1"},
		{0, "cmi migrate down", ""},
		{1, "cmi migrate down", ""},
		{2, "", ""},
		{3, "", "cmi migrate up"},
		{4, "no schema 4", "no schema 4"},
	} {
		s := threeVersions(1, 2)
		said(t, "up", s.CheckUp(test.to), test.up)
		said(t, "down", s.CheckDown(test.to), test.down)
		newer := threeVersions(1, 2, 3, 4)
		said(t, "up", newer.CheckUp(test.to), "newer version")
		said(t, "down", newer.CheckDown(test.to), "newer version")
	}
}

func TestStart(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		status           Status
		settled, migrate bool
		want             string
	}{
		{threeVersions(), false, false, ""},
		{threeVersions(1), false, false, ""},
		{threeVersions(1), true, false, "it has schema 1, this program needs schema 3: back it up, then run this"},
		{threeVersions(1), true, true, ""},
		{threeVersions(1, 2, 3), true, false, ""},
		{threeVersions(1, 2, 3, 4), true, true, "it has schema 4, this program knows schema 3: run the newer version"},
		{threeVersions(1, 2, 3, 4), false, false, "newer version"},
	} {
		said(t, "start", test.status.Start("it", "this", test.settled, test.migrate), test.want)
	}
}

// TestTheCommandIsAsAShellTakesIt has a shell take it.
func TestTheCommandIsAsAShellTakesIt(t *testing.T) {
	t.Parallel()
	for _, store := range []string{
		"sqlite:/var/lib/cmi/cmi.db", "sqlite:/my files/it's $HOME & `more`; 100%.db", "sqlite:/home/password/cmi.db",
		"postgres://cmi@db.example.com/cmi?sslmode=verify-full&pool_max_conns=20",
	} {
		out, err := exec.Command("sh", "-c", `cmi() { printf '%s\n' "$@"; }; `+UpCommand(store)).Output()
		if want := "migrate\nup\n--store\n" + store + "\n"; err != nil || string(out) != want {
			t.Errorf("%s: a shell makes %q, %v of it", UpCommand(store), out, err)
		}
	}
}

func TestTheCommandShowsNoPassword(t *testing.T) {
	t.Parallel()
	for _, store := range []string{
		"postgres://cmi:geheim@db.example.com/cmi", "postgres://cmi@db.example.com/cmi?password=geheim", "postgres://cmi:ge%heim@db/cmi",
		"host=db password=geheim", "postgres://cmi@db/cmi?sslpassword=geheim",
	} {
		if got := UpCommand(store); strings.Contains(got, "heim") || !strings.HasPrefix(got, "cmi migrate up ") {
			t.Errorf("%s", got)
		}
	}
}
