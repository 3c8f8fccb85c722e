package main

import (
	"fmt"
	"io"

	"github.com/vbauerster/mpb/v8/decor"
)

// copyBar shows on a terminal how far a copy is.
type copyBar struct{ *bar }

func newCopyBar(w io.Writer, doing string) copyBar { return copyBar{newBar(w, doing, "")} }

// tell answers who tells the bar how many bytes are copied; nil where nothing is shown.
func (b copyBar) tell() func(done, total int64) {
	if !b.shows() {
		return nil
	}
	return func(done, total int64) {
		if total > 0 && done >= total { // what comes after the last byte, syncing and checking, has no measure
			b.do("Finishing")
		}
		b.say(func() string { return fmt.Sprintf("% .1f of % .1f", decor.SizeB1000(done), decor.SizeB1000(total)) })
		b.reach(done, total)
	}
}
