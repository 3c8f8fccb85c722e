package target

import "runtime/metrics"

// Usage is what a process has used so far.
type Usage struct {
	// CPU is in seconds, of user and kernel together; 0 where the system does not tell.
	CPU float64
	// Allocations counts objects.
	Allocations uint64
}

// Used answers what this process has used.
func Used() Usage {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:objects"}}
	metrics.Read(sample)
	return Usage{CPU: cpuSeconds(), Allocations: sample[0].Value.Uint64()}
}
