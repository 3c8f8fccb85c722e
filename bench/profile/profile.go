// Package profile writes profiles of the process it runs in.
package profile

import (
	"errors"
	"os"
	"runtime"
	"runtime/pprof"
)

// Order names the file to write, one of them; neither ends what was started.
type Order struct{ CPU, Memory string }

// Writer writes profiles of this process, one at a time.
type Writer struct {
	cpu    *os.File
	memory string
	rate   int
}

// Turn starts what p names, or ends what was started.
func (r *Writer) Turn(p Order) error {
	switch {
	case p.CPU != "":
		file, err := os.Create(p.CPU)
		if err != nil {
			return err
		}
		r.cpu = file
		return pprof.StartCPUProfile(file)
	case p.Memory != "":
		r.memory, r.rate = p.Memory, runtime.MemProfileRate
		runtime.MemProfileRate = 16 << 10
		return nil
	case r.cpu != nil:
		pprof.StopCPUProfile()
		file := r.cpu
		r.cpu = nil
		return file.Close()
	case r.memory != "":
		return r.writeMemory()
	}
	return nil
}

func (r *Writer) writeMemory() error {
	runtime.MemProfileRate = r.rate
	file, err := os.Create(r.memory)
	if err != nil {
		return err
	}
	r.memory = ""
	return errors.Join(pprof.Lookup("allocs").WriteTo(file, 0), file.Close())
}
