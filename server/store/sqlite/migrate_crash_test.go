package sqlite

import (
	"bufio"
	"context"
	sqldriver "database/sql/driver"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"modernc.org/sqlite"

	"github.com/customer-momentum/cmi/server/migration"
)

// The variables that make the test binary a process that is killed while it takes a file to another version: the file, a
// folder with the migrations, and the version.
const (
	crashMigration       = "CMI_SQLITE_CRASH_MIGRATION"
	crashMigrationFiles  = "CMI_SQLITE_CRASH_MIGRATION_FILES"
	crashMigrationTarget = "CMI_SQLITE_CRASH_MIGRATION_TARGET"
)

// halt is the statement at which that process waits to be killed.
const halt = "SELECT halt();"

// migrateUntilKilled says that it came to the statement, and waits there.
func migrateUntilKilled(path string) int {
	sqlite.MustRegisterScalarFunction("halt", 0, func(*sqlite.FunctionContext, []sqldriver.Value) (sqldriver.Value, error) {
		_, _ = os.Stdout.WriteString("halted\n")
		select {}
	})
	to, err := strconv.ParseInt(os.Getenv(crashMigrationTarget), 10, 64)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	s := &Schema{path: path, files: os.DirFS(os.Getenv(crashMigrationFiles))}
	if to == 0 {
		err = s.Down(context.Background(), to)
	} else {
		err = s.Up(context.Background(), to)
	}
	fmt.Fprintln(os.Stderr, "it was not halted:", err)
	return 1
}

// killHalted takes a file to a version with migrations that halt somewhere, and kills the process there.
func killHalted(t *testing.T, path string, files fstest.MapFS, to int64) {
	t.Helper()
	folder := t.TempDir()
	if err := os.CopyFS(folder, files); err != nil {
		t.Fatal(err)
	}
	process := exec.Command(os.Args[0], "-test.run=^$")
	process.Env = append(os.Environ(), crashMigration+"="+path, crashMigrationFiles+"="+folder, crashMigrationTarget+"="+strconv.FormatInt(to, 10))
	process.Stderr = os.Stderr
	out, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	_ = process.Process.Kill()
	if ended := process.Wait(); err != nil || line != "halted\n" || ended.Error() != "signal: killed" {
		t.Fatalf("the process said %q, %v, and ended by %v", line, err, ended)
	}
}

// halting are the migrations with the statement in one of them: before the first statement of a direction, in the middle, and
// after the last one, before the version is noted.
func halting(t *testing.T, number int64, down bool) (all []fstest.MapFS) {
	t.Helper()
	files := embeddedFiles(t)
	for name, file := range files {
		if !strings.HasPrefix(name, fmt.Sprintf("%05d_", number)) {
			continue
		}
		up, back, _ := strings.Cut(string(file.Data), "-- +goose Down\n")
		lines := strings.SplitAfter(up, "\n")
		if down {
			lines = strings.SplitAfter(back, "\n")
		}
		places := []int{0}
		if !down {
			places = []int{1} // behind the mark of the direction
		}
		for i, line := range lines {
			if strings.HasSuffix(line, ";\n") && !strings.HasPrefix(line, "--") {
				places = append(places, i+1)
			}
		}
		for _, i := range []int{places[0], places[len(places)/2], places[len(places)-1]} {
			text := strings.Join(lines[:i], "") + halt + "\n" + strings.Join(lines[i:], "")
			changed := embeddedFiles(t)
			if down {
				text = up + "-- +goose Down\n" + text
			} else {
				text += "-- +goose Down\n" + back
			}
			changed[name] = &fstest.MapFile{Data: []byte(text), Mode: 0o600}
			all = append(all, changed)
		}
	}
	return all
}

// TestKilledOnTheWayUp: whichever migration a process was killed before, in or after, the next one goes on from there.
func TestKilledOnTheWayUp(t *testing.T) {
	t.Parallel()
	made := everyVersion(t)
	newest := int64(len(made) - 1)
	for number := int64(1); number <= newest; number++ {
		for i, files := range halting(t, number, false) {
			t.Run(fmt.Sprintf("%d, place %d", number, i), func(t *testing.T) {
				t.Parallel()
				s := schemaAt(t, filepath.Join(t.TempDir(), "cmi.db"))
				killHalted(t, s.path, files, newest)
				if have := s.status(t).Have; have != number-1 {
					t.Errorf("it has schema %d", have)
				}
				sameSchema(t, "after the kill", own(texts(t, s.path)), own(made[number-1]))
				if i == 0 {
					openAt(t, s.path) // it was never set up to its end, so a start does that
					return
				}
				s.up(t, migration.Newest)
				sameSchema(t, "after going on", texts(t, s.path), made[newest])
				openAt(t, s.path)
			})
		}
	}
}

// TestKilledOnTheWayDown is the same in the other direction.
func TestKilledOnTheWayDown(t *testing.T) {
	t.Parallel()
	made := everyVersion(t)
	newest := int64(len(made) - 1)
	for number := newest; number > 0; number-- {
		for i, files := range halting(t, number, true) {
			t.Run(fmt.Sprintf("%d, place %d", number, i), func(t *testing.T) {
				t.Parallel()
				s := schemaAt(t, filepath.Join(t.TempDir(), "cmi.db"))
				s.up(t, migration.Newest)
				tables := fill(t, s.path)
				killHalted(t, s.path, files, 0)
				if have := s.status(t).Have; have != number {
					t.Errorf("it has schema %d", have)
				}
				sameSchema(t, "after the kill", own(texts(t, s.path)), own(made[number]))
				if number == newest {
					kept(t, "after the kill", s.path, tables)
				}
				s.down(t, 0)
				sameSchema(t, "after going on", texts(t, s.path), made[0])
				s.up(t, migration.Newest)
				sameSchema(t, "brought forward again,", texts(t, s.path), made[newest])
				openAt(t, s.path)
			})
		}
	}
}

// everyVersion is what a file of each version holds. That of version 0 was set up and taken back.
func everyVersion(t *testing.T) [][]string {
	t.Helper()
	s := schemaAt(t, filepath.Join(t.TempDir(), "cmi.db"))
	s.up(t, migration.Newest)
	s.down(t, 0)
	made := [][]string{texts(t, s.path)}
	for number := int64(1); number <= s.status(t).Want; number++ {
		s.up(t, number)
		made = append(made, texts(t, s.path))
	}
	return made
}
