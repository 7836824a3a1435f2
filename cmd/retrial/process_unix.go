//go:build unix

package main

import (
	"runtime"
	"syscall"
)

// usageOfProcess returns the CPU seconds and the peak memory in bytes of this
// process so far.
func usageOfProcess() (cpu float64, memory int64) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0, 0
	}
	unit := int64(1 << 10)
	if runtime.GOOS == "darwin" {
		unit = 1
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9, int64(u.Maxrss) * unit
}
