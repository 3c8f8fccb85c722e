package main

import (
	"os"
	"syscall"
)

// mostMemory is the most memory that a process had, in bytes.
func mostMemory(ended *os.ProcessState) float64 {
	if usage, ok := ended.SysUsage().(*syscall.Rusage); ok {
		return float64(usage.Maxrss) * 1024
	}
	return 0
}
