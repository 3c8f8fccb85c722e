package chain_test

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"google.golang.org/grpc"

	"github.com/customer-momentum/cmi/server/chain"
)

// TestTheOrder is the table in one line: who changes the order changes it here too, and says why in the table.
func TestTheOrder(t *testing.T) {
	t.Parallel()
	var unary, stream []string
	for _, l := range newFixture().chain(t).Links() {
		if l.Unary != nil {
			unary = append(unary, l.Name)
		}
		if l.Stream != nil {
			stream = append(stream, l.Name)
		}
		if !strings.HasSuffix(l.Why, ".") {
			t.Errorf("%s does not say why it stands where it does", l.Name)
		}
	}
	want := []string{"request id", "trace", "errors", "log", "metrics", "recovery", "limits", "access", "validation"}
	if !slices.Equal(unary, want) {
		t.Errorf("unary calls pass %q, want %q", unary, want)
	}
	if !slices.Equal(unary, stream) {
		t.Errorf("streams pass %q, but unary calls %q", stream, unary)
	}
}

func TestNewNamesAllThatIsMissing(t *testing.T) {
	t.Parallel()
	_, err := chain.New(chain.Config{})
	if err == nil {
		t.Fatal("a chain was made of nothing")
	}
	for _, want := range []string{"logger", "meter provider", "keyring", "rules", "drain", "clock"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not among\n%v", want, err)
		}
	}
}

// TestTheCompositionRunsLinksInOrder drives both interceptors without a server.
func TestTheCompositionRunsLinksInOrder(t *testing.T) {
	t.Parallel()
	f := newFixture()
	c := f.chain(t)
	info := &grpc.UnaryServerInfo{FullMethod: "/grpc.health.v1.Health/Check"}
	answer, err := c.Unary()(t.Context(), nil, info, func(context.Context, any) (any, error) { return "answer", nil })
	if err != nil || answer != "answer" {
		t.Errorf("%v, %v", answer, err)
	}
	ss := &fakeStream{ctx: t.Context()}
	err = c.Stream()(f, ss, &grpc.StreamServerInfo{FullMethod: "/grpc.health.v1.Health/Watch"},
		func(any, grpc.ServerStream) error { return nil })
	if err != nil || len(ss.header["x-request-id"]) != 1 {
		t.Errorf("%v, header %v", err, ss.header)
	}
}

func ignoreEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
