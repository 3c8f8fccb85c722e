package sqlite

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/pressly/goose/v3"

	"github.com/customer-momentum/cmi/server/migration"
	jobqueue "github.com/customer-momentum/cmi/server/store/queue"
)

// schemaAt names the schema of a file.
func schemaAt(t *testing.T, path string) *Schema {
	t.Helper()
	s, err := SchemaOf(path)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// up and down are checked steps.
func (s *Schema) up(t *testing.T, to int64) {
	t.Helper()
	if err := s.Up(t.Context(), to); err != nil {
		t.Fatalf("up to %d: %v", to, err)
	}
}

func (s *Schema) down(t *testing.T, to int64) {
	t.Helper()
	if err := s.Down(t.Context(), to); err != nil {
		t.Fatalf("down to %d: %v", to, err)
	}
}

func (s *Schema) status(t *testing.T) migration.Status {
	t.Helper()
	status, err := s.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return status
}

// texts are the statements that make what a file holds, but for the note of versions.
func texts(t *testing.T, path string) []string {
	t.Helper()
	var all []string
	ask(t, path, "SELECT type || ' ' || name || ': ' || coalesce(sql, '') FROM sqlite_schema ORDER BY type, name", func(rows *sql.Rows) error {
		var text string
		err := rows.Scan(&text)
		all = append(all, text)
		return err
	})
	return all
}

// ask walks the answer to a query, on a file that no store has open.
func ask(t *testing.T, path, query string, each func(*sql.Rows) error) {
	t.Helper()
	err := on(path, looking(), func(db *sql.DB) error {
		rows, err := db.QueryContext(t.Context(), query)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			if err := each(rows); err != nil {
				return err
			}
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

// ofQueue tells a table of the queue, or an index of one, from what is the store's own.
func ofQueue(name string) bool {
	return strings.HasPrefix(strings.TrimPrefix(name, "sqlite_autoindex_"), "river_")
}

// own are the statements that make what is the store's own.
func own(texts []string) []string {
	return slices.DeleteFunc(slices.Clone(texts), func(text string) bool {
		_, name, _ := strings.Cut(text, " ")
		return ofQueue(name)
	})
}

func sameSchema(t *testing.T, when string, got, want []string) {
	t.Helper()
	if slices.Equal(got, want) {
		return
	}
	for _, text := range got {
		if !slices.Contains(want, text) {
			t.Errorf("%s there is also %s", when, text)
		}
	}
	for _, text := range want {
		if !slices.Contains(got, text) {
			t.Errorf("%s this is missing: %s", when, text)
		}
	}
}

// fill puts a row into each table of the store's own, whatever its columns are, and answers the tables.
func fill(t *testing.T, path string) []string {
	t.Helper()
	var tables, statements []string
	ask(t, path, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name", func(rows *sql.Rows) error {
		var name string
		err := rows.Scan(&name)
		if name != goose.DefaultTablename && !strings.HasPrefix(name, "sqlite_") && !ofQueue(name) {
			tables = append(tables, name)
		}
		return err
	})
	for _, name := range tables {
		var columns, values []string
		ask(t, path, "SELECT name, type FROM pragma_table_info('"+name+"')", func(rows *sql.Rows) error {
			var column, kind string
			err := rows.Scan(&column, &kind)
			columns = append(columns, column)
			values = append(values, map[string]string{"INTEGER": "7", "REAL": "0.5", "TEXT": "'some'", "BLOB": "x'00112233445566778899aabbccddeeff'"}[kind])
			return err
		})
		statements = append(statements, fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)", name, strings.Join(columns, ", "), strings.Join(values, ", ")))
	}
	outside(t, path, statements...)
	return tables
}

// kept checks that each table has the row that was put into it.
func kept(t *testing.T, when, path string, tables []string) {
	t.Helper()
	for _, name := range tables {
		query := "SELECT count(*) FROM " + name
		if name == "self" {
			query += " WHERE name = 'some'"
		}
		ask(t, path, query, func(rows *sql.Rows) error {
			var n int
			err := rows.Scan(&n)
			if n != 1 {
				t.Errorf("%s %s has %d rows", when, name, n)
			}
			return err
		})
	}
}

// hasQueue checks that the tables of the queue are all there, or none of them.
func hasQueue(t *testing.T, when, path string, want bool) {
	t.Helper()
	var tables []string
	ask(t, path, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name", func(rows *sql.Rows) error {
		var name string
		err := rows.Scan(&name)
		if ofQueue(name) {
			tables = append(tables, name)
		}
		return err
	})
	if want && !slices.Equal(tables, jobqueue.Tables()) || !want && len(tables) > 0 {
		t.Errorf("%s the tables of the queue are %v", when, tables)
	}
}

func TestEveryVersionIsBroughtForwardAndBack(t *testing.T) {
	t.Parallel()
	fresh := schemaAt(t, filepath.Join(t.TempDir(), "fresh.db"))
	fresh.up(t, migration.Newest)
	want := texts(t, fresh.path)
	hasQueue(t, "fresh,", fresh.path, true)
	versions := fresh.status(t).Versions
	for _, v := range append([]migration.Version{{}}, versions...) {
		t.Run(fmt.Sprintf("from %d", v.Number), func(t *testing.T) {
			t.Parallel()
			s := schemaAt(t, filepath.Join(t.TempDir(), "cmi.db"))
			s.up(t, v.Number)
			before := texts(t, s.path)
			tables := fill(t, s.path)
			if v.Number > 0 && len(tables) == 0 {
				t.Fatal("no table was found")
			}

			s.up(t, migration.Newest)
			sameSchema(t, "brought forward,", texts(t, s.path), want)
			kept(t, "brought forward,", s.path, tables)
			s.down(t, v.Number)
			if v.Number > 0 { // the first time, the table of versions is made
				sameSchema(t, "taken back,", texts(t, s.path), before)
			}
			kept(t, "taken back,", s.path, tables)
			hasQueue(t, "taken back,", s.path, v.Number >= withQueue)
			if have := s.status(t).Have; have != v.Number {
				t.Errorf("taken back to %d it has schema %d", v.Number, have)
			}
			s.up(t, migration.Newest)
			sameSchema(t, "brought forward again,", texts(t, s.path), want)
			kept(t, "brought forward again,", s.path, tables)
			if v.Number == 0 {
				openAt(t, s.path)
			}
		})
	}
}

// TestEachMigrationIsOneTransaction: what is cut off in its middle must leave nothing.
func TestEachMigrationIsOneTransaction(t *testing.T) {
	t.Parallel()
	for name, file := range embeddedFiles(t) {
		text := string(file.Data)
		if strings.Contains(strings.ToUpper(text), "NO TRANSACTION") {
			t.Errorf("%s is not one transaction", name)
		}
		if _, back, ok := strings.Cut(text, "-- +goose Down"); !ok || strings.TrimSpace(back) == "" {
			t.Errorf("%s has no way back", name)
		}
	}
}

// embeddedFiles are the migrations, to be added to or changed.
func embeddedFiles(t *testing.T) fstest.MapFS {
	t.Helper()
	entries, err := migrations.ReadDir("migrations")
	if err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{}
	for _, e := range entries {
		data, err := migrations.ReadFile("migrations/" + e.Name())
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = &fstest.MapFile{Data: data}
	}
	return files
}
