package report

import (
	"strings"
	"time"

	"retrial/ingest"
	"retrial/replay"
	"retrial/rules/policy"
)

// A room is where findings are made, one after another in the same memory: there
// may be a million of them.
type room struct {
	finding     Finding
	first, last time.Time
}

func newRoom() *room {
	return &room{finding: Finding{
		Regions: []string{}, SourceIPs: []string{}, SampleEventIDs: []string{},
		Trace: []TraceStep{}, Samples: []Call{}, Missing: []MissingFact{}, Schema: FindingSchema,
	}}
}

// row makes the columns of a finding: all but Trace, Samples and Missing.
func (b *builder) row(g *replay.Finding, r *room) *Finding {
	f := &r.finding
	f.ID, f.Rule, f.Kind, f.Severity, f.Title = g.ID, g.Rule.ID, g.Rule.Kind.String(), g.Severity.String(), g.Rule.Title
	f.Cloud, f.Account, f.PrincipalType, f.Principal = g.Cloud.String(), b.redact(g.Account), g.Type.String(), b.redact(g.Principal)
	f.Action, f.Decision, f.Recorded = b.redact(g.Action), decision(g.Unasked, g.Decision), outcomes[recordedOf(g.Group)]
	f.Layer, f.Policy, f.Statement = g.Trace.Layer.String(), "", nil
	if st := g.Trace.Lead; st != nil {
		f.Policy, f.Statement = st.Policy.Name, &st.Index
	}
	f.MissingKeys, f.Calls = orEmpty(g.Missing), g.Calls
	f.FirstSeen, f.LastSeen = instant(&r.first, g.From), instant(&r.last, g.To)
	f.Regions, f.SourceIPs = b.names(f.Regions[:0], &g.Regions), b.names(f.SourceIPs[:0], &g.SourceIPs)
	f.Status, f.Muted, f.Remediation, f.Compliance, f.Certainty = "open", "", g.Rule.Remediation, orEmpty(g.Rule.Compliance), "certain"
	if g.Possible {
		f.Certainty = "possible"
	}
	f.SampleEventIDs = f.SampleEventIDs[:0]
	for i := range g.Samples {
		c := g.Sample(i)
		f.SampleEventIDs = append(f.SampleEventIDs, Redact(c.EventID))
		if i == 0 {
			f.Detail, f.Resource = b.redact(c.Detail), Redact(c.Resource)
		}
	}
	if g.Several {
		f.Resource = Redact(g.Pattern)
	}
	b.src.Muting.Mark(f)
	return f
}

// decision returns the word for a decision on a call; "" if no policy is asked about
// such events.
func decision(unasked bool, d policy.Decision) string {
	if unasked {
		return ""
	}
	return d.String()
}

// finding makes a finding, with samples or without.
func (b *builder) finding(g *replay.Finding, samples bool, r *room) *Finding {
	f := b.row(g, r)
	f.Samples = f.Samples[:0]
	for i := 0; samples && i < len(g.Samples); i++ {
		f.Samples = append(f.Samples, b.call(g.ID, g.Sample(i)))
	}
	f.Missing = f.Missing[:0]
	for _, key := range g.Missing {
		f.Missing = append(f.Missing, MissingFact{key, advice(key), settling(key, g.Trace.Flips)})
	}
	f.Trace = f.Trace[:0]
	for i := range g.Trace.Reasons {
		f.Trace = append(f.Trace, step(&g.Trace.Reasons[i], "applies", ""))
	}
	for i := range g.Trace.Open {
		f.Trace = append(f.Trace, step(&g.Trace.Open[i], "unknown", "whether it applies turns on what nobody recorded"))
	}
	for _, near := range g.Trace.Near {
		miss := step(&near.Reason, "near_miss", b.words(near))
		miss.Cause = string(near.Cause)
		f.Trace = append(f.Trace, miss)
	}
	return f
}

// words says what a statement misses. Many findings miss the same.
func (b *builder) words(n policy.NearMiss) string {
	words, ok := b.missed[n]
	if !ok {
		if b.missed == nil || len(b.missed) >= maxClean {
			b.missed = map[policy.NearMiss]string{}
		}
		words = n.String()
		b.missed[n] = words
	}
	return words
}

// settling returns what a missing fact could be, and what that would decide.
func settling(key string, flips []policy.Flip) []Settling {
	list := []Settling{}
	for i := range flips {
		if set := flips[i].Set; len(set) == 1 && strings.EqualFold(set[0].Key, key) {
			list = append(list, Settling{set[0].Presence.String(), orEmpty(set[0].Values), set[0].Other, flips[i].Decision.String()})
		}
	}
	return list
}

func step(r *policy.Reason, state, why string) TraceStep {
	st := r.Statement
	return TraceStep{
		Layer: r.Layer.String(), Policy: st.Policy.Name, Statement: st.Index, Line: st.Line,
		Effect: effects[st.Effect], State: state, Reason: why, Text: st.Text,
	}
}

var effects = [...]string{policy.UnknownEffect: "unknown", policy.AllowEffect: "Allow", policy.DenyEffect: "Deny"}

// instant sets at to a time of a tally and returns it, or nil if there is none.
func instant(at *time.Time, nanos int64) *time.Time {
	if nanos == 0 {
		return nil
	}
	*at = time.Unix(0, nanos).UTC()
	return at
}

func timeOf(nanos int64) *time.Time { return instant(new(time.Time), nanos) }

// names appends names to a list, in which it is said if there are more.
func (b *builder) names(l []string, n *replay.Names) []string {
	for _, s := range n.List {
		l = append(l, b.redact(s))
	}
	if n.More {
		l = append(l, "and more")
	}
	return l
}

// orEmpty returns a list that is not nil, so that JSON has [] and not null.
func orEmpty[T any](l []T) []T {
	if l == nil {
		return []T{}
	}
	return l
}

// outcomes are the words for sets of recorded outcomes: bit n is for outcome n.
var outcomes = func() (words [1 << len(replay.Group{}.Outcomes)]string) {
	for set := range words {
		var l []string
		for o := range len(replay.Group{}.Outcomes) {
			if set>>o&1 == 1 {
				l = append(l, ingest.Outcome(o).String())
			}
		}
		words[set] = strings.Join(l, "; ")
	}
	return words
}()

// recordedOf returns the set of the outcomes of a group.
func recordedOf(g *replay.Group) (set int) {
	for o, seen := range g.Outcomes {
		if seen {
			set |= 1 << o
		}
	}
	return set
}
