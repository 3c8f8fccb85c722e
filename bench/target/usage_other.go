//go:build !unix

package target

func cpuSeconds() float64 { return 0 }
