package csv

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"time"

	"retrial/report"
)

// ReadCalls iterates over the calls of a calls.csv. *failed tells why it stopped early.
// Text is as it stands in the file, where it is inert.
func ReadCalls(r io.Reader, failed *error) iter.Seq[report.Call] {
	return func(yield func(report.Call) bool) {
		in := csv.NewReader(r)
		in.ReuseRecord = true
		head, err := in.Read()
		if err == nil && !slices.Equal(head, callColumns) {
			err = errors.New("not the columns of calls.csv")
		}
		for row := 2; err == nil; row++ {
			var cells []string
			if cells, err = in.Read(); err != nil {
				break
			}
			var c report.Call
			if c, err = readCall(cells); err != nil {
				err = fmt.Errorf("row %d: %w", row, err)
			} else if !yield(c) {
				return
			}
		}
		if !errors.Is(err, io.EOF) {
			*failed = err
		}
	}
}

func readCall(cells []string) (c report.Call, err error) {
	var at, row string
	for i, to := range [...]*string{&c.FindingID, &c.EventID, &at, &c.File, &row, &c.Principal, &c.Action, &c.Resource, &c.Decision,
		&c.Recorded, &c.ErrorCode, &c.SourceIP, &c.UserAgent, &c.Region, &c.Detail} {
		*to = cells[i]
	}
	if c.Row, err = strconv.ParseInt(row, 10, 64); err != nil {
		return c, err
	}
	if at != "" {
		t, err := time.Parse(time.RFC3339Nano, at)
		if err != nil {
			return c, err
		}
		c.EventTime = &t
	}
	return c, nil
}
