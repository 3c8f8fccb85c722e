package load

import (
	"syscall"
	"time"
)

// nap sleeps in the kernel. A signal may end it early; then the call starts that much early.
func nap(d time.Duration) {
	t := syscall.NsecToTimespec(int64(d))
	_ = syscall.Nanosleep(&t, nil)
}
