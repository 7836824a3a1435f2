package main

import (
	"context"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
)

func main() {
	ctx, cancel := context.WithCancel(context.Background())
	var caught atomic.Int32
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		s := (<-signals).(syscall.Signal)
		caught.Store(int32(s))
		signal.Stop(signals) // a second one ends the program at once
		cancel()
	}()
	status := run(ctx, os.Args, os.Stdin, os.Stdout, os.Stderr)
	if s := caught.Load(); s != 0 && status == statusStopped { // else the results were in place already
		status = 128 + int(s)
	}
	os.Exit(status)
}
