package pgtest

import (
	"context"
	"crypto/rand"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Schema makes an empty schema for a test and answers the URL of a store in it. It is dropped when the test ends.
func (s *Server) Schema(t testing.TB) string {
	t.Helper()
	name := "cmi_test_" + strings.ToLower(rand.Text())
	s.exec(t, `CREATE SCHEMA "`+name+`"`)
	t.Cleanup(func() { s.exec(t, `DROP SCHEMA "`+name+`" CASCADE`) })
	return s.With("search_path", name)
}

func (s *Server) exec(t testing.TB, text string) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, s.URL)
	if err != nil {
		t.Fatalf("connect to PostgreSQL: %v", err)
	}
	defer func() { _ = conn.Close(ctx) }()
	if _, err := conn.Exec(ctx, text); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}
