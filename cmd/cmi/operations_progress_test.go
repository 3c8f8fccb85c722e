package main

import (
	"bytes"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

func TestOperationBarShowsHowFarItIs(t *testing.T) {
	t.Parallel()
	at := func(done int32) *cmiv1.OperationMetadata {
		return &cmiv1.OperationMetadata{ResponsesDone: done, ResponsesTotal: proto.Int32(12_000)}
	}
	for _, c := range []struct {
		reach func(*operationBar)
		says  string
	}{
		{func(*operationBar) {}, "waiting for its turn"},
		{func(b *operationBar) { b.reach(&cmiv1.OperationMetadata{}) }, "waiting for its turn"},
		{func(b *operationBar) { b.reach(at(3000)) }, "3000 of 12000 responses"},
		{func(b *operationBar) { b.reach(at(3000)); b.reach(at(12_000)) }, "12000 of 12000 responses, comparing"},
		{func(b *operationBar) { b.reach(at(3000)); b.lost() }, "the service does not answer; trying again"},
	} {
		var to bytes.Buffer
		bar := drawOperationBar(&to, lineWidth)
		c.reach(bar)
		bar.end()
		says(t, to.String(), "Scoring again", c.says)
	}
}

func TestOperationBarIsQuietWithoutATerminal(t *testing.T) {
	t.Parallel()
	var to bytes.Buffer
	bar := newOperationBar(&to)
	bar.reach(&cmiv1.OperationMetadata{ResponsesDone: 1, ResponsesTotal: proto.Int32(2)})
	bar.lost()
	bar.end()
	if to.Len() > 0 {
		t.Errorf("it writes %q", to.String())
	}
}

func TestPaceSaysRateAndTimeLeft(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		done, left int32
		took       time.Duration
		want       string
	}{
		{0, 900, time.Second, ""},
		{100, 900, 0, ""},
		{100, 900, 2 * time.Second, ", 50 a second, 18s left"},
		{1, 1_000_000, time.Minute, ", 0 a second, 16666h40m0s left"},
		{1000, 0, 2 * time.Second, ", comparing"},
	} {
		if got := pace(c.done, c.left, c.took); got != c.want {
			t.Errorf("%d done, %d left, after %s: %q, want %q", c.done, c.left, c.took, got, c.want)
		}
	}
}
