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
		{func(b *operationBar) { b.reach(at(3000)); b.reach(at(12_000)) }, "12000 of 12000 responses, adding up"},
		{func(b *operationBar) { b.reach(at(3000)); b.lost() }, "the service does not answer; trying again"},
	} {
		var to bytes.Buffer
		bar := &operationBar{bar: drawBar(&to, lineWidth, "Scoring again", waitsForItsTurn)}
		c.reach(bar)
		bar.end()
		says(t, to.String(), "Scoring again", c.says)
	}
}

func TestOperationPaceCountsWhatWasSeen(t *testing.T) {
	t.Parallel()
	// 200 were done already; the next 100 took 2 seconds, so the other 900 take 18.
	if got, want := operationPace(200, 300, 1200, 2*time.Second), "300 of 1200 responses, 50 a second, 18s left"; got != want {
		t.Errorf("it says %q, want %q", got, want)
	}
}
