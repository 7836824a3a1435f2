package html

import (
	"fmt"
	"math/bits"
	"strconv"
	"time"

	"retrial/report"
)

// The coordinates of the charts. They are stretched to the width of the page,
// so texts stand beside them and not inside.
const (
	chartWidth  = 1000
	chartHeight = 160
	flipsHeight = 40
)

// A chart is the timeline: replayed calls stacked by decision, and below them
// on a scale of their own those that today's decision would turn.
type chart struct {
	Unit     string // "day", "hour", "7 days"
	Bins     []binView
	Most     int64 // calls of the busiest bin
	MostFlip int64
	Middle   string // time of the bin in the middle
}

// A binView is one bar.
type binView struct {
	report.Bin
	Label string
	X, W  coordinate
	// Allowed, denied and indeterminate from the bottom up; flips apart.
	A, D, I, F segment
}

// A segment is a part of a bar.
type segment struct{ Y, H coordinate }

// A coordinate is printed with at most one decimal, the same everywhere.
type coordinate float64

func (c coordinate) String() string {
	return strconv.FormatFloat(float64(int64(float64(c)*10+0.5))/10, 'f', -1, 64)
}

// Total returns the calls of the bin.
func (b *binView) Total() int64 { return b.Allowed + b.Denied + b.Indeterminate }

// newChart returns the chart of at most limit bars, or nil if no call has a time.
func newChart(t *report.Timeline, limit int) *chart {
	if len(t.Bins) == 0 {
		return nil
	}
	per := (len(t.Bins) + limit - 1) / limit
	c := &chart{Unit: unit(t.Step, per)}
	for i := 0; i < len(t.Bins); i += per {
		c.Bins = append(c.Bins, merge(t.Bins[i:min(i+per, len(t.Bins))], t.Step))
	}
	for i := range c.Bins {
		c.Most = max(c.Most, c.Bins[i].Total())
		c.MostFlip = max(c.MostFlip, c.Bins[i].Flips)
	}
	for i := range c.Bins {
		c.place(i)
	}
	c.Middle = c.Bins[len(c.Bins)/2].Label
	return c
}

// unit returns what a bar stands for.
func unit(step time.Duration, per int) string {
	name := "day"
	if step < 24*time.Hour {
		name = "hour"
	}
	if per == 1 {
		return name
	}
	return fmt.Sprintf("%d %ss", per, name)
}

func merge(bins []report.Bin, step time.Duration) binView {
	b := binView{Bin: bins[0]}
	for _, next := range bins[1:] {
		b.Allowed += next.Allowed
		b.Denied += next.Denied
		b.Indeterminate += next.Indeterminate
		b.Flips += next.Flips
	}
	layout := dayLayout
	if step < 24*time.Hour {
		layout = "2006-01-02 15:04"
	}
	b.Label = b.Start.UTC().Format(layout)
	return b
}

// place computes the bar of bin i. What is not 0 is high enough to be seen.
func (c *chart) place(i int) {
	b := &c.Bins[i]
	width := chartWidth / float64(len(c.Bins))
	gap := min(width*0.2, 3)
	b.X, b.W = coordinate(float64(i)*width+gap/2), coordinate(width-gap)
	top := float64(chartHeight)
	for _, part := range []struct {
		calls int64
		seg   *segment
	}{{b.Allowed, &b.A}, {b.Denied, &b.D}, {b.Indeterminate, &b.I}} {
		h := height(part.calls, c.Most, chartHeight-4) // room for the least heights
		top -= h
		*part.seg = segment{coordinate(top), coordinate(h)}
	}
	h := height(b.Flips, c.MostFlip, flipsHeight)
	b.F = segment{coordinate(flipsHeight - h), coordinate(h)}
}

func height(n, most int64, full float64) float64 {
	if n == 0 {
		return 0
	}
	return max(1.5, float64(n)/float64(most)*full)
}

// A heat is the map of principals by services.
type heat struct {
	Services []string
	Rows     []heatRow
	Omitted  int // principals
	Hidden   int // services
}

// A heatRow is one principal.
type heatRow struct {
	Principal string
	Cells     []heatCell
}

// A heatCell is the calls of one principal to one service.
type heatCell struct {
	report.Cell
	Level   int // 0 to 5: none, then in even steps of the logarithm
	Service string
}

// newHeat returns the map with at most n principals and n services, or nil if
// there is none.
func newHeat(m *report.Matrix, n int) *heat {
	services := min(n, 16)
	h := &heat{
		Services: first(services, m.Services),
		Omitted:  m.Omitted + more(n, m.Principals),
		Hidden:   more(services, m.Services),
	}
	if len(m.Principals) == 0 || len(m.Services) == 0 {
		return nil
	}
	var most int64
	for _, row := range m.Cells {
		for _, c := range row {
			most = max(most, c.Calls)
		}
	}
	for i, principal := range first(n, m.Principals) {
		row := heatRow{Principal: principal}
		for j, c := range first(services, m.Cells[i]) {
			row.Cells = append(row.Cells, heatCell{c, level(c.Calls, most), m.Services[j]})
		}
		h.Rows = append(h.Rows, row)
	}
	return h
}

// level returns how hot a cell is: by the length of the numbers in binary, in
// whole numbers, so that every machine gives the same answer.
func level(n, most int64) int {
	if n <= 0 {
		return 0
	}
	length := bits.Len64(uint64(most))
	return max(1, (5*bits.Len64(uint64(n))+length-1)/length)
}
