package postgres

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/customer-momentum/cmi/server/migration"
)

// The variables that make the test binary a process that is killed while it takes a database to another version: its URL, a
// folder with the migrations, and the version.
const (
	crashMigration       = "CMI_POSTGRES_CRASH_MIGRATION"
	crashMigrationFiles  = "CMI_POSTGRES_CRASH_MIGRATION_FILES"
	crashMigrationTarget = "CMI_POSTGRES_CRASH_MIGRATION_TARGET"
)

// TestMigratesUntilKilled is that process.
func TestMigratesUntilKilled(t *testing.T) {
	url := os.Getenv(crashMigration)
	if url == "" {
		t.Skip("other tests run this one in a process of its own")
	}
	to, err := strconv.ParseInt(os.Getenv(crashMigrationTarget), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	s := schemaAt(t, url)
	s.files = os.DirFS(os.Getenv(crashMigrationFiles))
	if to == 0 {
		err = s.Down(t.Context(), to)
	} else {
		err = s.Up(t.Context(), to)
	}
	t.Fatalf("it was not halted: %v", err)
}

// gate is where a migration waits to be killed: for an advisory lock that the test holds.
type gate struct {
	conn *pgx.Conn
	key  int32
}

func newGate(t *testing.T, url string) *gate {
	t.Helper()
	g := &gate{conn: connect(t, url), key: rand.Int32()}
	t.Cleanup(func() { _ = g.conn.Close(context.WithoutCancel(t.Context())) })
	if _, err := g.conn.Exec(t.Context(), "SELECT pg_advisory_lock(4711, $1)", g.key); err != nil {
		t.Fatal(err)
	}
	return g
}

// statement is what the migration waits in.
func (g *gate) statement() string { return fmt.Sprintf("SELECT pg_advisory_lock(4711, %d);", g.key) }

// reached waits until a migration waits.
func (g *gate) reached(t *testing.T) {
	t.Helper()
	for range 1000 {
		var there bool
		err := g.conn.QueryRow(t.Context(), `SELECT EXISTS (SELECT 1 FROM pg_locks
			WHERE locktype = 'advisory' AND classid = 4711 AND objid = $1 AND NOT granted)`, g.key).Scan(&there)
		if err != nil {
			t.Fatal(err)
		}
		if there {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("the migration did not come to the place where it is killed")
}

// open lets the migration go on, whose process is gone by then.
func (g *gate) open(t *testing.T) {
	t.Helper()
	if err := g.conn.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// killHalted takes a database to a version with migrations that wait at a gate, and kills the process there. The
// server does not know of that until the gate is opened.
func killHalted(t *testing.T, url string, files fstest.MapFS, to int64, g *gate) {
	t.Helper()
	folder := t.TempDir()
	if err := os.CopyFS(folder, files); err != nil {
		t.Fatal(err)
	}
	process := exec.Command(os.Args[0], "-test.run=^TestMigratesUntilKilled$")
	process.Env = append(os.Environ(), "CMI_TEST_POSTGRES_URL="+needed(t).URL, crashMigration+"="+url, crashMigrationFiles+"="+folder,
		crashMigrationTarget+"="+strconv.FormatInt(to, 10))
	process.Stdout, process.Stderr = os.Stderr, os.Stderr
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = process.Process.Kill()
		if ended := process.Wait(); ended == nil || ended.Error() != "signal: killed" {
			t.Errorf("the process ended by %v", ended)
		}
	}()
	g.reached(t)
}

// halting are the migrations with a statement in one of them: before the first statement of a direction, in the middle, and
// after the last one, before the version is noted.
func halting(t *testing.T, of fstest.MapFS, number int64, down bool, place int, halt string) fstest.MapFS {
	t.Helper()
	files := maps.Clone(of)
	for name, file := range of {
		if !strings.HasPrefix(name, fmt.Sprintf("%05d_", number)) {
			continue
		}
		up, back, _ := strings.Cut(string(file.Data), "-- +goose Down\n")
		lines := strings.SplitAfter(up, "\n")
		places := []int{1} // behind the mark of the direction
		if down {
			lines, places = strings.SplitAfter(back, "\n"), []int{0}
		}
		function := false
		for i, line := range lines {
			function = strings.Contains(line, "+goose StatementBegin") || function && !strings.Contains(line, "+goose StatementEnd")
			if !function && !strings.HasPrefix(line, "--") && strings.HasSuffix(line, ";\n") {
				places = append(places, i+1)
			}
		}
		at := []int{places[0], places[len(places)/2], places[len(places)-1]}[place]
		text := strings.Join(lines[:at], "") + halt + "\n" + strings.Join(lines[at:], "")
		if down {
			text = up + "-- +goose Down\n" + text
		} else {
			text += "-- +goose Down\n" + back
		}
		files[name] = &fstest.MapFile{Data: []byte(text), Mode: 0o600}
	}
	return files
}

// TestKilledOnTheWay: whichever migration a process was killed before, in or after, in either direction, the next one waits
// until the server let go of what was begun, and goes on from there. There is one migration more than the program has.
func TestKilledOnTheWay(t *testing.T) {
	t.Parallel()
	files := embeddedFiles(t)
	files[fmt.Sprintf("%05d_later.sql", len(files)+1)] = &fstest.MapFile{Data: []byte(`-- +goose Up
CREATE TABLE later (x bigint NOT NULL);
CREATE INDEX later_by_x ON later (x);
-- +goose Down
DROP INDEX later_by_x;
DROP TABLE later;
`), Mode: 0o600}
	made := everyVersion(t, files)
	newest := int64(len(made) - 1)
	for number := int64(1); number <= newest; number++ {
		for place := range 3 {
			for _, down := range []bool{false, true} {
				t.Run(fmt.Sprintf("%d, place %d, down %t", number, place, down), func(t *testing.T) {
					t.Parallel()
					url := needed(t).Schema(t)
					s, left, to := schemaAt(t, url), number-1, newest
					s.files = files
					if down {
						s.up(t, newest)
						left, to = number, 0
					}
					g := newGate(t, url)
					killHalted(t, url, halting(t, files, number, down, place, g.statement()), to, g)

					if have := s.status(t).Have; have != left {
						t.Errorf("it has schema %d, want %d", have, left)
					}
					g.open(t)
					s.goOn(t, made, down)
				})
			}
		}
	}
}

// goOn does again what was broken off, brings the schema to the newest version, and opens the store that the program knows.
func (s *Schema) goOn(t *testing.T, made [][]string, down bool) {
	t.Helper()
	url := s.config.ConnString()
	if down {
		s.down(t, 0)
		sameSchema(t, "after going on,", texts(t, url), made[0])
	}
	s.up(t, migration.Newest)
	sameSchema(t, "in the end,", texts(t, url), made[len(made)-1])
	s.down(t, int64(len(embeddedFiles(t))))
	openAt(t, url)
}
