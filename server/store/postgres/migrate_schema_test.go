package postgres

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/jackc/pgx/v5"

	"github.com/customer-momentum/cmi/server/migration"
	"github.com/customer-momentum/cmi/server/store/queue"
)

// schemaAt names the schema of a database.
func schemaAt(t *testing.T, url string) *Schema {
	t.Helper()
	s, err := SchemaOf(url)
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

// outside runs statements on a connection of its own.
func outside(t *testing.T, url string, statements ...string) {
	t.Helper()
	conn := connect(t, url)
	defer func() { _ = conn.Close(t.Context()) }()
	for _, text := range statements {
		if _, err := conn.Exec(t.Context(), text); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// ask answers the first column of a query, as text.
func ask(t *testing.T, url, query string) []string {
	t.Helper()
	conn := connect(t, url)
	defer func() { _ = conn.Close(t.Context()) }()
	rows, err := conn.Query(t.Context(), query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return all
}

// catalog is what a schema holds, as the catalog has it: relations with their settings, columns, indexes, constraints,
// sequences, functions, triggers and types. It looks at nothing of other schemas, whose tables may be gone a moment later.
const catalog = `
WITH here AS (SELECT oid, nspname || '.' AS prefix FROM pg_namespace WHERE nspname = current_schema()),
rel AS MATERIALIZED (SELECT c.oid, relname, relkind, reloptions, prefix FROM pg_class c JOIN here ON relnamespace = here.oid)
SELECT format('relation %s %s %s', relname, relkind, reloptions) FROM rel
UNION ALL
SELECT format('column %s.%s %s %s %s %s %s', relname, attname, format_type(atttypid, atttypmod), attnotnull, attidentity, collname,
        replace(pg_get_expr(adbin, adrelid), prefix, ''))
    FROM rel JOIN pg_attribute a ON attrelid = rel.oid LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    LEFT JOIN pg_collation l ON l.oid = attcollation
    WHERE relkind IN ('r', 'p', 'v', 'm') AND a.attnum > 0 AND NOT attisdropped
UNION ALL
SELECT format('index %s', replace(pg_get_indexdef(oid), prefix, '')) FROM rel WHERE relkind IN ('i', 'I')
UNION ALL
SELECT format('constraint %s on %s: %s', conname, relname, pg_get_constraintdef(c.oid)) FROM rel JOIN pg_constraint c ON conrelid = rel.oid
UNION ALL
SELECT format('sequence %s %s %s %s %s', s.relname, seqtypid::regtype, seqincrement, seqcache, owner.relname)
    FROM rel s JOIN pg_sequence ON seqrelid = s.oid
    LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = s.oid AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0
    LEFT JOIN rel owner ON owner.oid = d.refobjid
UNION ALL
SELECT format('function %s', replace(pg_get_functiondef(p.oid), prefix, ''))
    FROM (SELECT p.oid, prefix FROM pg_proc p JOIN here ON pronamespace = here.oid WHERE prokind IN ('f', 'p') OFFSET 0) p
UNION ALL
SELECT format('trigger %s', replace(pg_get_triggerdef(g.oid), prefix, '')) FROM rel JOIN pg_trigger g ON tgrelid = rel.oid WHERE NOT tgisinternal
UNION ALL
SELECT format('type %s %s', typname, typtype) FROM pg_type JOIN here ON typnamespace = here.oid WHERE typtype IN ('e', 'd')`

// texts describe what a schema holds.
func texts(t *testing.T, url string) []string {
	t.Helper()
	all := ask(t, url, catalog)
	slices.Sort(all)
	return all
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

// ofQueue tells a table of the queue from those of the store.
func ofQueue(name string) bool { return slices.Contains(queue.Tables(), name) }

// hasQueue checks that the tables of the queue are all there, or none of them.
func hasQueue(t *testing.T, when, url string, want bool) {
	t.Helper()
	tables := slices.DeleteFunc(ask(t, url, "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1"),
		func(name string) bool { return !ofQueue(name) })
	if want && !slices.Equal(tables, queue.Tables()) || !want && len(tables) > 0 {
		t.Errorf("%s the tables of the queue are %v", when, tables)
	}
}

// fill puts a row into each table of the store's own, whatever its columns are, and answers how many each has then: triggers may add others.
func fill(t *testing.T, url string) map[string]string {
	t.Helper()
	values := map[string]string{
		"bigint": "7", "integer": "7", "smallint": "7", "boolean": "false", "double precision": "0.5", "text": "'some'", "bytea": `'\x0011'`,
		"uuid": "'00112233-4455-6677-8899-aabbccddeeff'", "timestamp with time zone": "now()", "jsonb": "'{}'",
	}
	tables := map[string]string{}
	for _, name := range ask(t, url, "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND tablename <> '"+versions+"'") {
		if ofQueue(name) {
			continue
		}
		var columns, row []string
		for _, column := range ask(t, url, `SELECT attname || ' ' || format_type(atttypid, atttypmod) FROM pg_attribute
			WHERE attrelid = '`+name+`'::regclass AND attnum > 0 AND NOT attisdropped AND attidentity = ''`) {
			column, kind, _ := strings.Cut(column, " ")
			columns = append(columns, column)
			if values[kind] == "" {
				t.Fatalf("%s.%s: no value of type %s is known", name, column, kind)
			}
			row = append(row, values[kind])
		}
		outside(t, url, fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)", name, strings.Join(columns, ", "), strings.Join(row, ", ")))
		tables[name] = ""
	}
	for name := range tables {
		tables[name] = count(t, url, name)
	}
	return tables
}

// count answers how many rows a table has, but for the secret.
func count(t *testing.T, url, table string) string {
	t.Helper()
	query := "SELECT count(*)::text FROM " + table
	if table == "self" {
		query += " WHERE name = 'some'"
	}
	return ask(t, url, query)[0]
}

// stillThere checks that each table has the rows that were put into it.
func stillThere(t *testing.T, when, url string, tables map[string]string) {
	t.Helper()
	for name, want := range tables {
		if n := count(t, url, name); n != want || n == "0" {
			t.Errorf("%s %s has %s rows, not %s", when, name, n, want)
		}
	}
}

func TestEveryVersionIsBroughtForwardAndBack(t *testing.T) {
	t.Parallel()
	made := everyVersion(t, embeddedFiles(t))
	newest := made[len(made)-1]
	fresh := needed(t).Schema(t)
	schemaAt(t, fresh).up(t, migration.Newest)
	hasQueue(t, "fresh,", fresh, true)
	for k := range made {
		t.Run(fmt.Sprintf("from %d", k), func(t *testing.T) {
			t.Parallel()
			url := needed(t).Schema(t)
			s, version := schemaAt(t, url), int64(k)
			s.up(t, version)
			tables := fill(t, url)
			if k > 0 && len(tables) == 0 {
				t.Fatal("no table was found")
			}

			s.up(t, migration.Newest)
			sameSchema(t, "brought forward,", texts(t, url), newest)
			stillThere(t, "brought forward,", url, tables)
			s.down(t, version)
			sameSchema(t, "taken back,", texts(t, url), made[k])
			stillThere(t, "taken back,", url, tables)
			hasQueue(t, "taken back,", url, version >= withQueue)
			if have := s.status(t).Have; have != version {
				t.Errorf("taken back to %d it has schema %d", k, have)
			}
			s.up(t, migration.Newest)
			sameSchema(t, "brought forward again,", texts(t, url), newest)
			stillThere(t, "brought forward again,", url, tables)
			if k == 0 {
				openAt(t, url)
			}
		})
	}
}

// everyVersion is what a schema of each version holds. That of version 0 was set up and taken back.
func everyVersion(t *testing.T, files fstest.MapFS) [][]string {
	t.Helper()
	url := needed(t).Schema(t)
	s := schemaAt(t, url)
	s.files = files
	s.up(t, migration.Newest)
	s.down(t, 0)
	made := [][]string{texts(t, url)}
	for _, v := range s.status(t).Versions {
		s.up(t, v.Number)
		made = append(made, texts(t, url))
	}
	return made
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
