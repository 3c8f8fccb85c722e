package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// TestScoreTableAtAServiceThatIsKilled goes on with the service that is started in its place, and every row is recorded once.
func TestScoreTableAtAServiceThatIsKilled(t *testing.T) {
	t.Parallel()
	const rows = 60_000
	filler := strings.Repeat("x", 50) // the table is sent in pieces of a megabyte
	folder := t.TempDir()
	store, out := "sqlite:"+filepath.Join(folder, "kept.db"), filepath.Join(folder, "out.csv")
	first := serve(t, "--store", store)
	table := func(from, to int) string {
		var text strings.Builder
		for k := from; k < to; k++ {
			fmt.Fprintf(&text, "r%d,c%d,%d,%s\n", k, k%500, 1+k%5, filler)
		}
		return text.String()
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	c := command(ctx, "score", "-q", "builtin-active-online", "--server", first.GRPC, "--from", "csv", "--keep", "@response_id", "-", out)
	var said bytes.Buffer
	c.Stderr = &said
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	write := func(text string) {
		if _, err := io.WriteString(in, text); err != nil {
			t.Error(err)
		}
	}
	write("@response_id,@customer_id,trust,comment\n" + table(0, rows/2))
	for recorded(t, first.GRPC, 1) == 0 {
		if ctx.Err() != nil {
			t.Fatal("nothing is recorded")
		}
		time.Sleep(10 * time.Millisecond)
	}
	first.end(t, syscall.SIGKILL)
	second := serve(t, "--store", store, "--grpc-address", first.GRPC)
	write(table(rows/2, rows))
	if err := in.Close(); err != nil {
		t.Error(err)
	}
	if err := c.Wait(); err != nil {
		t.Fatalf("%v: %s", err, said.String())
	}
	says(t, said.String(), "the service went away", "went away (error reading from server", "60000 rows", "60000 unscored, 0 rejected")
	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	if len(lines) != rows+1 {
		t.Fatalf("OUT has %d lines", len(lines))
	}
	for k, line := range lines[1:] {
		if !strings.HasPrefix(line, fmt.Sprintf("r%d,", k)) {
			t.Fatalf("row %d of OUT is %s", k, line)
		}
	}
	if n := recorded(t, second.GRPC, rows+1); n != rows {
		t.Errorf("%d responses are on record, of %d", n, rows)
	}
}

// recorded counts the responses on record, up to most at least.
func recorded(t *testing.T, address string, most int) (n int) {
	t.Helper()
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	request := &cmiv1.ListScoresRequest{PageSize: int32(min(most, 1000))}
	for n < most {
		page, err := cmiv1.NewScoringServiceClient(conn).ListScores(t.Context(), request)
		if err != nil {
			t.Fatal(err)
		}
		n += len(page.GetScores())
		if request.PageToken = page.GetNextPageToken(); request.PageToken == "" {
			break
		}
	}
	return n
}
