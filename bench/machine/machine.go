// Package machine tells what a measurement runs on, and whether others use it at the same time.
package machine

import (
	"bufio"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/customer-momentum/cmi/bench/figures"
)

// Cores is how many cores the processes share.
func Cores() float64 { return float64(runtime.NumCPU()) }

// BusySeconds is for how long the cores of the machine were busy since it started, whoever used them and the hypervisor's
// other guests included; 0 where the system does not tell.
func BusySeconds() float64 {
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

// AwaitQuiet waits until the machine has a moment in which others use no more than a part of it, or patience is over, and
// answers what is left of that. It is called while nothing of ours runs.
func AwaitQuiet(patience time.Duration, part float64) time.Duration {
	const moment = 200 * time.Millisecond
	for ; patience > 0; patience -= moment {
		busy, start := BusySeconds(), time.Now()
		time.Sleep(moment)
		if (BusySeconds()-busy)/(time.Since(start).Seconds()*Cores()) <= part {
			return patience
		}
	}
	return 0
}

// Processor names the CPU.
func Processor() string {
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

// System names the operating system, with the version of its kernel where that can be read.
func System() string {
	release, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		return runtime.GOOS + "/" + runtime.GOARCH
	}
	version, _, _ := strings.Cut(string(release), "-")
	return runtime.GOOS + "/" + runtime.GOARCH + ", kernel " + strings.TrimSpace(version)
}

// Version is the version of a module that was built in.
func Version(module string) string {
	info, _ := debug.ReadBuildInfo()
	for _, dep := range info.Deps {
		if dep.Path == module {
			return dep.Version
		}
	}
	return "unknown"
}

// SyncTime is how long the disk under dir takes to keep 4 KiB, the median of some; 0 when it cannot be told.
func SyncTime(dir string) time.Duration {
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
	return time.Duration(figures.Median(took) * float64(time.Second))
}
