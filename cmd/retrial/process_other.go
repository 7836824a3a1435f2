//go:build !unix

package main

// usageOfProcess returns nothing where the system does not tell.
func usageOfProcess() (cpu float64, memory int64) { return 0, 0 }
