package html_test

import (
	"fmt"
	"math/rand/v2"
	"time"

	"retrial/report"
)

// generated returns the results of an invented account with n findings, of which it
// holds a thousand, as a scan does. Names, times and addresses are as various as real
// ones; the same n gives the same findings.
func generated(n int) *report.Results {
	r := results()
	kinds := r.Findings
	make1 := func(f *report.Finding, i int, draw *rand.Rand) {
		*f = kinds[i*len(kinds)/n]
		f.ID = fmt.Sprintf("%016x", draw.Uint64())
		who := draw.IntN(500)
		f.Principal = user(fmt.Sprintf("member-%04d", who))
		f.Action = fmt.Sprintf("%s:%s%s", []string{"ecs", "oss", "ram", "vpc"}[who%4], []string{"Describe", "Create", "Delete", "Modify"}[draw.IntN(4)], []string{"Instances", "Disks", "Images", "Snapshots"}[draw.IntN(4)])
		if draw.IntN(4) == 0 {
			f.Resource = ecs(fmt.Sprintf("instance/i-bp1%017x", draw.Uint64()>>8))
		}
		f.Detail = fmt.Sprintf("allowed by statement %d of policy \"ecs-operate-%03d\" and %d more", draw.IntN(30), draw.IntN(200), draw.IntN(9))
		f.Calls = 1 + draw.Int64N(3)*draw.Int64N(200)
		first := time.Date(2026, 1, 1, 0, 0, draw.IntN(40*86400), 0, time.UTC)
		last := first.Add(time.Duration(f.Calls-1) * time.Hour)
		f.FirstSeen, f.LastSeen = &first, &last
		f.Regions = []string{"cn-hangzhou"}
		if draw.IntN(3) == 0 {
			f.Regions = []string{"cn-beijing", "cn-hangzhou"}
		}
		f.SourceIPs = []string{fmt.Sprintf("203.0.113.%d", draw.IntN(256))}
		if draw.IntN(10) == 0 {
			f.Cloud, f.Account, f.Principal = "huawei", "7e0d78c850d0b9b7cba", fmt.Sprintf("huawei:domain/7e0d78c850d0b9b7cba/user/member-%04d", who)
			f.Regions = []string{"cn-north-4"}
		}
		switch draw.IntN(40) {
		case 0:
			f.Decision, f.Policy, f.Statement = "", "", nil // a sign-in
		case 1:
			f.Muted = "accepted until the move is done"
		case 2:
			f.Status = "new"
		case 3:
			f.Detail = "=cmd|' /C calc'!A0, \"twice\"\nand a second line"
		case 4:
			f.FirstSeen, f.LastSeen = nil, nil
		}
	}
	r.Rows = func(yield func(*report.Finding) bool) {
		draw := rand.New(rand.NewPCG(1, 2))
		var f report.Finding
		for i := range n {
			if make1(&f, i, draw); !yield(&f) {
				return
			}
		}
	}
	r.Findings = nil
	r.Summary.Findings = report.FindingCounts{ByRule: map[string]int64{}, BySeverity: map[string]int64{}, ByKind: map[string]int64{}}
	c := &r.Summary.Findings
	for f := range r.Rows {
		if len(r.Findings) < report.MaxHeld {
			r.Findings = append(r.Findings, *f)
		}
		c.Total++
		c.Calls += f.Calls
		c.ByRule[f.Rule]++
		c.BySeverity[f.Severity]++
		c.ByKind[f.Kind]++
	}
	return r
}

// sampled returns a copy of the finding in a row.
func sampled(r *report.Results, row int) report.Finding {
	for f := range r.Rows {
		if row == 0 {
			return *f
		}
		row--
	}
	panic("no such row")
}
