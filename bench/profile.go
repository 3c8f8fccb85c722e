package main

import (
	"errors"
	"os"
	"runtime"
	"runtime/pprof"
	"strconv"
)

// profile names the file to write, one of them; neither ends what was started.
type profile struct{ CPU, Memory string }

// profiler writes profiles of this process.
type profiler struct {
	cpu    *os.File
	memory string
	rate   int
}

// turn starts what p names, or ends what was started.
func (r *profiler) turn(p profile) error {
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

func (r *profiler) writeMemory() error {
	runtime.MemProfileRate = r.rate
	file, err := os.Create(r.memory)
	if err != nil {
		return err
	}
	r.memory = ""
	return errors.Join(pprof.Lookup("allocs").WriteTo(file, 0), file.Close())
}

// profile gives every side one more turn for each kind of profile, which is not measured.
func (s *stage) profile() error {
	for i, t := range s.targets {
		suffix := "." + s.rows[0].number + "-" + strconv.Itoa(i) + ".prof"
		var kinds []profile
		if s.options.cpuProfile != "" {
			kinds = append(kinds, profile{CPU: s.options.cpuProfile + suffix})
		}
		if s.options.memProfile != "" {
			// Not at the same time: sampling allocations costs time of its own.
			kinds = append(kinds, profile{Memory: s.options.memProfile + suffix})
		}
		for _, p := range kinds {
			if _, err := t.ask(question{Profile: &p}); err != nil {
				return err
			}
			if _, err := s.measure(i, s.options.seconds); err != nil {
				return err
			}
			if _, err := t.ask(question{Profile: &profile{}}); err != nil {
				return err
			}
		}
	}
	return nil
}
