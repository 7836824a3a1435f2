package replay_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"retrial/ingest"
	"retrial/ingest/actiontrail"
	"retrial/replay"
	"retrial/replay/inventory"
	"retrial/report"
	"retrial/rules"
	"retrial/rules/broad"
	"retrial/rules/catalog"
	"retrial/rules/compliance"
	"retrial/rules/policy"
	"retrial/rules/ram"
	"retrial/rules/verdict"
)

const account = "1000000000000001"

// A log is an input in memory: rows of JSON, handed out size at a time. What the
// run does with its chunks is in its ledger.
type log struct {
	name string
	rows []string
	size int // rows of a chunk
	ledger

	openErr error
	failAt  int // number of the call of Next that fails, from 1; 0: none does
	onNext  func(n int)
}

// A ledger counts what was handed out and what came back.
type ledger struct{ opened, closed, handed, released atomic.Int64 }

func (l *log) input() replay.Input {
	return replay.Input{Name: l.name, Open: func() (ingest.Source, error) {
		if l.openErr != nil {
			return nil, l.openErr
		}
		l.opened.Add(1)
		return &source{log: l}, nil
	}}
}

// settled reports what of the log was not given back.
func (l *log) settled(t *testing.T) {
	t.Helper()
	if l.opened.Load() != l.closed.Load() {
		t.Errorf("%s: opened %d times, closed %d times", l.name, l.opened.Load(), l.closed.Load())
	}
	if l.handed.Load() != l.released.Load() {
		t.Errorf("%s: %d chunks handed out, %d released", l.name, l.handed.Load(), l.released.Load())
	}
}

var errTorn = errors.New("the cable was pulled")

type source struct {
	log    *log
	calls  int
	row    int
	offset int64
}

func (s *source) Next(ctx context.Context) (ingest.Chunk, error) {
	l := s.log
	s.calls++
	if l.onNext != nil {
		l.onNext(s.calls)
	}
	if s.calls == l.failAt {
		return nil, &ingest.Damage{Offset: s.offset, Err: errTorn}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if s.row == len(l.rows) {
		return nil, io.EOF
	}
	c := &chunk{log: l, offset: s.offset}
	for ; s.row < len(l.rows) && len(c.ends) < l.size; s.row++ {
		c.text = append(append(c.text, l.rows[s.row]...), '\n')
		c.ends = append(c.ends, len(c.text))
	}
	s.offset += int64(len(c.text))
	l.handed.Add(1)
	return c, nil
}

func (s *source) Close() error {
	s.log.closed.Add(1)
	return nil
}

// A chunk spoils its text when it is released: a string that was kept and not
// copied shows.
type chunk struct {
	log    *log
	text   []byte
	ends   []int
	offset int64
}

func (c *chunk) Decode(d ingest.Decoder, b *ingest.Builder) {
	b.SetText(c.text)
	start := 0
	for _, end := range c.ends {
		b.Decode(d, c.text[start:end-1], c.offset+int64(start))
		start = end
	}
}

func (c *chunk) Release() {
	for i := range c.text {
		c.text[i] = '#'
	}
	c.log.released.Add(1)
}

// logs splits rows into n logs of about the same length, with size rows to a
// chunk.
func logs(rows []string, n, size int) (ls []*log) {
	for i := range n {
		part := rows[i*len(rows)/n : (i+1)*len(rows)/n]
		ls = append(ls, &log{name: fmt.Sprintf("log-%d.jsonl", i), rows: part, size: size})
	}
	return ls
}

func inputs(ls []*log) (in []replay.Input) {
	for _, l := range ls {
		in = append(in, l.input())
	}
	return in
}

var allRules = sync.OnceValue(func() []*rules.Rule {
	rs, err := compliance.BuiltIn(compliance.Options{Code: append(verdict.Rules(), broad.Rules()...)})
	if err != nil {
		panic(err)
	}
	return rs
})

func newDecoder() ingest.Decoder {
	return actiontrail.New(func(service, host, version, name string) string {
		return catalog.Alibaba().Operation(service, host, version, name).Action
	})
}

// replayer returns a replayer by a policy set with all rules.
func replayer(set *policy.Set) replay.Replayer {
	return replay.Replayer{Policies: set, Catalog: catalog.Builtin(), Rules: allRules(), Decoder: newDecoder}
}

// run replays logs and closes the tally at the end of the test.
func run(t testing.TB, r replay.Replayer, ls []*log) *replay.Tally {
	t.Helper()
	tally, err := r.Run(context.Background(), inputs(ls))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tally.Close() })
	return tally
}

// results makes the results of a tally.
func results(tally *replay.Tally, names []string, failed *error) *report.Results {
	src := report.Sources{Rules: allRules(), Calls: "sample"}
	for _, name := range names {
		src.Inputs = append(src.Inputs, report.Input{File: name})
	}
	return report.New(tally, src, failed)
}

// render writes all that results hold as text: summary, findings, samples of calls,
// rejects, timeline and matrix.
func render(t testing.TB, tally *replay.Tally, ls []*log) string {
	t.Helper()
	var names []string
	for _, l := range ls {
		names = append(names, l.name)
	}
	var failed error
	r := results(tally, names, &failed)
	var b bytes.Buffer
	for _, err := range []error{
		report.WriteObject(&b, r.Summary), report.WriteLines(&b, r.All), report.WriteLines(&b, r.Calls),
		report.WriteLines(&b, r.Rejects), report.WriteObject(&b, r.Timeline), report.WriteObject(&b, r.Matrix),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if failed != nil {
		t.Fatal(failed)
	}
	return b.String()
}

// compile makes a set of policies by name and of users "NAME: POLICY POLICY",
// of which the id is "id-NAME".
func compile(docs map[string]string, users ...string) *policy.Set {
	parsed := map[string]*policy.Policy{}
	for name, doc := range docs {
		parsed[name] = ram.Parse(name, name+".json", []byte(doc))
	}
	a := policy.Account{ID: account}
	for _, u := range users {
		name, held, _ := strings.Cut(u, ":")
		h := policy.Holder{Name: "acs:ram::" + account + ":user/" + name, ID: "id-" + name}
		for _, p := range strings.Fields(held) {
			if group, p, scoped := strings.Cut(p, "="); scoped {
				h.Groups = map[string][]*policy.Policy{group: {parsed[p]}}
			} else {
				h.Identity = append(h.Identity, parsed[group])
			}
		}
		a.Holders = append(a.Holders, h)
	}
	return policy.Compile([]policy.Account{a}, policy.Options{})
}

// statement returns a policy of one statement; condition may be "".
func statement(effect, action, resource, condition string) string {
	if condition != "" {
		condition = `, "Condition": ` + condition
	}
	return fmt.Sprintf(`{"Version": "1", "Statement": [{"Effect": %q, "Action": %q, "Resource": %q%s}]}`, effect, action, resource, condition)
}

// tagged is a condition on a tag of the resource.
func tagged(key, value string) string {
	return fmt.Sprintf(`{"StringEquals": {"acs:ResourceTag/%s": %q}}`, key, value)
}

// office is a set with some of everything.
func office() *policy.Set {
	return compile(map[string]string{
		"admin":   statement("Allow", "*", "*", ""),
		"ecs":     statement("Allow", "ecs:*", "*", ""),
		"stop":    statement("Allow", "ecs:Stop*", "acs:ecs:*:*:instance/*", tagged("team", "blue")),
		"frozen":  statement("Deny", "ecs:StopInstance", "*", tagged("frozen", "yes")),
		"launch":  statement("Allow", "ecs:RunInstances", "*", ""),
		"objects": statement("Allow", "oss:PutObject", "acs:oss:*:*:photos/*", ""),
	}, "alice: ecs frozen", "bob: stop objects", "carol: admin", "dave: launch", "erin: rg-1=ecs")
}

// facts loads an inventory of JSON Lines.
func facts(t testing.TB, lines ...string) *inventory.Facts {
	t.Helper()
	name := filepath.Join(t.TempDir(), "inventory.jsonl")
	if err := os.WriteFile(name, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := inventory.Load([]string{name})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// A record is one row to be: an ActionTrail event of a user.
type record struct {
	id, time, name, user string
	service              string // "Ecs" if empty
	params               string // JSON object
	more                 string // further members of the record, from the comma on
	typ                  string // of the identity; "ram-user" if empty
	account              string // the account above if empty
	principalID          string // "id-" and the user if empty
}

func (r record) String() string {
	or := func(s, fallback string) string {
		if s == "" {
			return fallback
		}
		return s
	}
	user := fmt.Sprintf(`"userName":%q,"principalId":%q,`, r.user, or(r.principalID, "id-"+r.user))
	if r.user == "" {
		user = ""
	}
	return fmt.Sprintf(`{"eventId":%q,"eventTime":%q,"eventName":%q,"eventType":"ApiCall","serviceName":%q,`+
		`"acsRegion":"cn-hangzhou","sourceIpAddress":"10.0.0.1","userIdentity":{"type":%q,%s"accountId":%q},`+
		`"requestParameters":%s,"additionalEventData":{"Scheme":"https"}%s}`, r.id, or(r.time, "2026-03-01T08:00:00Z"), r.name, or(r.service, "Ecs"),
		or(r.typ, "ram-user"), user, or(r.account, account), or(r.params, `{"RegionId":"cn-hangzhou"}`), r.more)
}
