package main

import (
	"bufio"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"time"
)

// cores is how many cores the processes share.
func cores() float64 { return float64(runtime.NumCPU()) }

// busySeconds is for how long the cores of the machine were busy since it started, whoever used them and the hypervisor's
// other guests included; 0 where the system does not tell.
func busySeconds() float64 {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0
	}
	line, _, _ := strings.Cut(string(text), "\n")
	var busy float64
	for i, field := range strings.Fields(line) {
		// user, nice, system, irq, softirq and steal; not idle and iowait.
		if ticks, err := strconv.ParseFloat(field, 64); err == nil && i != 4 && i != 5 && i <= 8 {
			busy += ticks / 100
		}
	}
	return busy
}

// awaitQuiet waits until the machine has a moment in which others use no more than a part of it, or patience is over, and
// answers what is left of that. It is called while nothing of ours runs.
func awaitQuiet(patience time.Duration, part float64) time.Duration {
	const moment = 200 * time.Millisecond
	for ; patience > 0; patience -= moment {
		busy, start := busySeconds(), time.Now()
		time.Sleep(moment)
		if (busySeconds()-busy)/(time.Since(start).Seconds()*cores()) <= part {
			return patience
		}
	}
	return 0
}

// processor names the CPU.
func processor() string {
	file, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return "unknown CPU"
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if name, value, _ := strings.Cut(lines.Text(), ":"); strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown CPU"
}

// system names the operating system, with the version of its kernel where that can be read.
func system() string {
	release, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		return runtime.GOOS + "/" + runtime.GOARCH
	}
	version, _, _ := strings.Cut(string(release), "-")
	return runtime.GOOS + "/" + runtime.GOARCH + ", kernel " + strings.TrimSpace(version)
}

// version is the version of a module that was built in.
func version(module string) string {
	info, _ := debug.ReadBuildInfo()
	for _, dep := range info.Deps {
		if dep.Path == module {
			return dep.Version
		}
	}
	return "unknown"
}

// syncTime is how long the disk under dir takes to keep 4 KiB, the median of some; 0 when it cannot be told.
func syncTime(dir string) time.Duration {
	file, err := os.Create(filepath.Join(dir, "sync"))
	if err != nil {
		return 0
	}
	defer file.Close()
	page := make([]byte, 4096)
	var took []float64
	for range 50 {
		start := time.Now()
		if _, err := file.Write(page); err != nil {
			return 0
		}
		if err := file.Sync(); err != nil {
			return 0
		}
		took = append(took, time.Since(start).Seconds())
	}
	return time.Duration(median(took) * float64(time.Second))
}
