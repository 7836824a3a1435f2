package main

import (
	"io"
	"os"
	"sync"
	"time"

	"github.com/urfave/cli/v2"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"

	"retrial/replay"
)

// progress draws how far a scan has come on standard error, if that is a
// terminal. The nil progress draws nothing.
type progress struct {
	container *mpb.Progress
	bar       *mpb.Bar
	logs      []*stored

	start time.Time
	mu    sync.Mutex
	last  replay.Progress
	at    time.Time
}

// newProgress starts a progress line for logs, or returns nil.
func newProgress(c *cli.Context, logs []*stored) *progress {
	if c.Bool("no-progress") || c.Bool("quiet") || !isTerminal(c.App.ErrWriter) {
		return nil
	}
	total := int64(0)
	for _, l := range logs {
		total += max(l.size, 0)
	}
	p := &progress{logs: logs, start: time.Now()}
	p.container = mpb.New(mpb.WithOutput(c.App.ErrWriter), mpb.WithRefreshRate(100*time.Millisecond))
	bytes, left := decor.CountersKibiByte(" % .1f / % .1f"), decor.AverageETA(decor.ET_STYLE_GO)
	if total == 0 { // standard input: nobody knows how much comes
		bytes, left = decor.CurrentKibiByte(" % .1f"), decor.Name("")
	}
	p.bar = p.container.AddBar(total, mpb.PrependDecorators(decor.Any(p.phase), bytes),
		mpb.AppendDecorators(decor.Any(p.counts), left), mpb.BarRemoveOnComplete())
	return p
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

func (p *progress) phase(decor.Statistics) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.last.Held {
		return "settling"
	}
	return "reading"
}

func (p *progress) counts(decor.Statistics) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return counts(p.last, p.at.Sub(p.start))
}

// counts tells how many rows were read, how fast, and how many stand behind findings.
func counts(now replay.Progress, elapsed time.Duration) string {
	rate := ""
	if elapsed >= time.Second {
		rate = " (" + grouped(int64(float64(now.Rows)/elapsed.Seconds())) + "/s)"
	}
	return " " + plural(int(now.Rows), "row") + rate + ", " + grouped(now.Findings) + " behind findings "
}

// update takes over how far the scan has come, at most ten times a second.
func (p *progress) update(now replay.Progress) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if time.Since(p.at) < 100*time.Millisecond {
		return
	}
	p.at, p.last = time.Now(), now
	read := int64(0)
	for _, l := range p.logs {
		read += l.read.Load()
	}
	p.bar.SetCurrent(read)
}

// done takes the line away.
func (p *progress) done() {
	if p == nil {
		return
	}
	p.bar.Abort(true)
	p.container.Wait()
}
