package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"github.com/customer-momentum/cmi/server/settings"
	"github.com/customer-momentum/cmi/server/store/postgres/pgtest"
)

func TestMigrate(t *testing.T) {
	t.Parallel()
	store := "sqlite:" + filepath.Join(t.TempDir(), "cmi.db")
	r := cmi(t, "", "migrate", "status", "--store", store)
	r.expect(t, exitNo)
	r.sentence(t, "there is no file")

	r = cmi(t, "", "migrate", "up", "--store", store)
	r.expect(t, exitOK)
	says(t, r.out, store+" has schema 6")
	r = cmi(t, "", "migrate", "status", "--check", "--store", store)
	r.expect(t, exitOK)
	says(t, r.out, "VERSION", "interactions", " UTC", "has schema 6, this program needs schema 6")

	r = cmi(t, "", "migrate", "down", "--to", "1", "--store", store)
	r.expect(t, exitNo)
	r.sentence(t, "2 (interactions), 3 (standings), 4 (operations)", "would be lost", "--yes")
	cmi(t, "", "migrate", "status", "--check", "--store", store).expect(t, exitOK)
	r = cmi(t, "", "migrate", "down", "--to", "1", "--yes", "--store", store)
	r.expect(t, exitOK)
	says(t, r.out, "has schema 1")

	r = cmi(t, "", "migrate", "status", "--check", "--json", "--store", store)
	r.expect(t, exitNo)
	var status schemaJSON
	if err := json.Unmarshal([]byte(r.out), &status); err != nil || status.Store != store || status.Have != 1 || status.Want != 6 ||
		len(status.Versions) != 6 || !status.Versions[0].Applied || status.Versions[0].AppliedAt == nil || status.Versions[1].Applied {
		t.Errorf("got %+v, %v, of\n%s", status, err, r.out)
	}
	cmi(t, "", "migrate", "status", "--store", store).expect(t, exitOK)

	r = cmi(t, "", "serve", "--grpc-address", "127.0.0.1:0", "--http-address", "127.0.0.1:0", "--store", store)
	r.expect(t, exitNo)
	_, command, ok := strings.Cut(strings.TrimSuffix(r.err, "\n"), "then run cmi ")
	if !ok {
		t.Fatalf("it does not say what to run: %s", r.err)
	}
	cmi(t, "", strings.Fields(command)...).expect(t, exitOK)
	cmi(t, "", "migrate", "status", "--check", "--store", store).expect(t, exitOK)
}

func TestMigrateGoesWhereItIsTold(t *testing.T) {
	t.Parallel()
	store := "sqlite:" + filepath.Join(t.TempDir(), "cmi.db")
	for _, step := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"up", "--to", "2"}, exitOK, ""},
		{[]string{"up", "--to", "1"}, exitNo, "cmi migrate down"},
		{[]string{"up", "--to", "9"}, exitNo, "there is no schema 9"},
		{[]string{"up", "--to=-3"}, exitNo, "there is no schema -3"},
		{[]string{"down", "--to", "4", "--yes"}, exitNo, "cmi migrate up"},
		{[]string{"down", "--to", "2"}, exitOK, ""}, // there is nothing to lose
		{[]string{"down", "--yes"}, exitUsage, "--to"},
		{[]string{"up", "--store", "mysql:here"}, exitNo, "names no store"},
		{[]string{"up", "--store", "mysql://cmi:geheim%%@here"}, exitNo, "names no store"},
		{[]string{"up", "--store", "postgres://cmi:geheim%%@here"}, exitNo, "cannot parse"},
		{[]string{"up", "--store", "postgres://cmi:geheim@127.0.0.1:1/cmi"}, exitNo, "connect"},
		{[]string{"status", "--store", "postgres://cmi:geheim@127.0.0.1:1/cmi?port=bad"}, exitNo, "PostgreSQL"},
	} {
		r := cmi(t, "", append([]string{"migrate", step.args[0], "--store", store}, step.args[1:]...)...)
		r.expect(t, step.code)
		says(t, r.err, step.says)
		if strings.Contains(r.err+r.out, "geheim") {
			t.Errorf("%v shows the password: %s%s", step.args, r.out, r.err)
		}
	}
	r := cmi(t, "", "migrate", "status", "--store", store)
	r.expect(t, exitOK)
	says(t, r.out, "has schema 2, this program needs schema 6")
}

func TestMigrateLeavesAServiceAlone(t *testing.T) {
	t.Parallel()
	store := "sqlite:" + filepath.Join(t.TempDir(), "cmi.db")
	s := serve(t, "--store", store)
	for _, args := range [][]string{{"up"}, {"down", "--to", "1", "--yes"}} {
		r := cmi(t, "", append([]string{"migrate", args[0], "--store", store}, args[1:]...)...)
		r.expect(t, exitNo)
		r.sentence(t, "is open in process", "stop that one")
	}
	cmi(t, "", "migrate", "status", "--check", "--store", store).expect(t, exitOK)
	cmi(t, "", "health", "--address", s.GRPC).expect(t, exitOK)
}

func TestMigratePostgres(t *testing.T) {
	t.Parallel()
	database, err := pgtest.Find(t.Context())
	if errors.Is(err, pgtest.ErrNone) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := database.Stop(); err != nil {
			t.Error(err)
		}
	})
	u, err := url.Parse(database.Schema(t))
	if err != nil {
		t.Fatal(err)
	}
	if database.PID != 0 { // it trusts everybody, whatever the password
		u.User = url.UserPassword(u.User.Username(), "geheim")
	}
	for _, step := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"status", "--check"}, exitNo, "has schema 0"},
		{[]string{"up"}, exitOK, "has schema "},
		{[]string{"status", "--check", "--json"}, exitOK, `"applied": true`},
		{[]string{"down", "--to", "0"}, exitNo, "--yes"},
		{[]string{"down", "--to", "0", "--yes"}, exitOK, "has schema 0"},
		{[]string{"status"}, exitOK, "no"},
	} {
		r := cmi(t, "", append([]string{"migrate", step.args[0], "--store", u.String()}, step.args[1:]...)...)
		r.expect(t, step.code)
		says(t, r.out+r.err, step.says)
		if strings.Contains(r.err+r.out, "geheim") {
			t.Errorf("%v shows the password: %s%s", step.args, r.out, r.err)
		}
	}
}

// TestMigrateFindsTheStoreOfTheService: by flag, environment and settings file, as the service does.
func TestMigrateFindsTheStoreOfTheService(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file := filepath.Join(folder, "settings.yaml")
	if err := os.WriteFile(file, []byte("store: sqlite:"+filepath.Join(folder, "file.db")+"\nlog-level: debug\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmi(t, "", "migrate", "up", "--config", file).expect(t, exitOK)
	if _, err := os.Stat(filepath.Join(folder, "file.db")); err != nil {
		t.Error(err)
	}
	c := command(t.Context(), "migrate", "up", "--config", file)
	c.Env = append(c.Env, "CMI_STORE=sqlite:"+filepath.Join(folder, "environment.db"))
	if out, err := c.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
	if _, err := os.Stat(filepath.Join(folder, "environment.db")); err != nil {
		t.Error(err)
	}
	if err := os.WriteFile(file, []byte("stoer: sqlite:cmi.db\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := cmi(t, "", "migrate", "status", "--config", file)
	r.expect(t, exitUsage)
	says(t, r.err, "stoer")
}

// TestStoreFlagsAreThoseOfTheService: the same names, variables and default.
func TestStoreFlagsAreThoseOfTheService(t *testing.T) {
	t.Parallel()
	var mine storeFlags
	var theirs settings.Settings
	flags := func(of any) map[string]*kong.Flag {
		parser, err := kong.New(of, kong.NoDefaultHelp())
		if err != nil {
			t.Fatal(err)
		}
		all := map[string]*kong.Flag{}
		for _, f := range parser.Model.Flags {
			all[f.Name] = f
		}
		return all
	}
	have, want := flags(&mine), flags(&theirs)
	if len(have) != 2 {
		t.Errorf("there are %d flags", len(have))
	}
	for name, f := range have {
		if w := want[name]; w == nil || w.Default != f.Default || len(f.Envs) != 1 || w.Envs[0] != f.Envs[0] {
			t.Errorf("--%s: %+v is not %+v", name, f, w)
		}
	}
}

func TestConfirm(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]bool{"y\n": true, "YES\n": true, "yes": true, "n\n": false, "": false, "\n": false, "yesterday\n": false} {
		var asked bytes.Buffer
		err := confirm(streams{in: strings.NewReader(answer), out: io.Discard, err: &asked}, "Go on? ")
		if (err == nil) != want || asked.String() != "Go on? " {
			t.Errorf("%q: got %v, asked %q", answer, err, asked.String())
		}
	}
}
