package cases

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"retrial/rules/policy"
)

// A Parser parses a policy document of a cloud. It never fails.
type Parser func(name, file string, doc []byte) *policy.Policy

// An Outcome is what came of a case.
type Outcome struct {
	Case    *Case
	Got     policy.Decision
	Answers []Answer      // to each action on each resource
	Result  policy.Result // of the request that decided

	// Problem says in one line why the case fails; "" if it passes.
	Problem string
}

// RunAll decides cases with several workers. Outcomes are in the order of the
// cases. Documents that several cases share are parsed once.
func RunAll(list []Case, parsers map[string]Parser) []Outcome {
	shared := make(map[string]Parser, len(parsers))
	for cloud, parse := range parsers {
		shared[cloud] = remembering(parse)
	}
	outcomes := make([]Outcome, len(list))
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(list)) {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(list); i = int(next.Add(1)) - 1 {
				outcomes[i] = list[i].Run(shared)
			}
		})
	}
	workers.Wait()
	return outcomes
}

// remembering returns a parser that parses each document once. It may be used by
// several goroutines.
func remembering(parse Parser) Parser {
	type document struct{ name, file, text string }
	var known sync.Map // policies by document
	return func(name, file string, doc []byte) *policy.Policy {
		key := document{name, file, string(doc)}
		if p, ok := known.Load(key); ok {
			return p.(*policy.Policy)
		}
		p, _ := known.LoadOrStore(key, parse(name, file, doc))
		return p.(*policy.Policy)
	}
}

// Run decides a case with the parser of its cloud. Of several actions and
// resources all must be allowed.
func (c *Case) Run(parsers map[string]Parser) Outcome {
	o := Outcome{Case: c}
	parse := parsers[c.Cloud]
	if parse == nil {
		o.Problem = fmt.Sprintf("%s: unknown cloud %q", c.label(), c.Cloud)
		return o
	}
	set := policy.Compile(c.accounts(parse), c.Options)
	o.Got, o.Answers = c.Request.Decide(set, parseAll(parse, c.SessionPolicies))
	o.Result = Deciding(o.Got, o.Answers).Result
	o.Problem = c.problem(&o)
	return o
}

// accounts returns the access snapshot of the case: one account with the
// principal, beside the accounts of roles elsewhere.
func (c *Case) accounts(parse Parser) []policy.Account {
	h := policy.Holder{
		Name: c.Request.Principal, ID: c.Request.PrincipalID,
		Identity: parseAll(parse, c.Policies), Groups: map[string][]*policy.Policy{},
	}
	for group, docs := range c.GroupPolicies {
		h.Groups[group] = parseAll(parse, docs)
	}
	// What is parsed from nothing has the dialect of the cloud all the same.
	dialect := parse("", "", nil).Dialect
	if dialect.Scoped {
		h.Grants = []policy.Grant{{Scope: policy.Scope{Kind: policy.AllScope}, Policies: h.Identity}}
		h.Identity = nil
	}
	own := policy.Account{ID: accountOf(h.Name), Dialect: dialect, Buckets: map[string]*policy.Policy{}}
	for _, level := range c.ControlPolicies {
		own.Control = append(own.Control, parseAll(parse, level))
	}
	for bucket, d := range c.BucketPolicies {
		own.Buckets[bucket] = parse(d.Name, d.File, d.Text)
	}
	own.Holders = []policy.Holder{h}
	accounts := []policy.Account{own}
	for role, d := range c.TrustPolicies {
		trust := parse(d.Name, d.File, d.Text)
		accounts[0].Holders = append(accounts[0].Holders, policy.Holder{Name: role, Trust: trust})
	}
	return accounts
}

func parseAll(parse Parser, docs []Document) []*policy.Policy {
	var policies []*policy.Policy
	for _, d := range docs {
		policies = append(policies, parse(d.Name, d.File, d.Text))
	}
	return policies
}

// accountOf returns the account in a principal's name, "" if there is none.
func accountOf(principal string) string {
	r := policy.ParseResource(principal)
	return r.Parts[3]
}

// problem compares what came out with what is expected.
func (c *Case) problem(o *Outcome) string {
	if o.Got != c.Expect && !slices.Contains(c.AlsoOK, o.Got) {
		return fmt.Sprintf("%s: got %s, want %s", c.label(), o.Got, c.Expect)
	}
	if c.Layer != nil && *c.Layer != o.Result.Layer.String() {
		return fmt.Sprintf("%s: got layer %q, want %q", c.label(), o.Result.Layer, *c.Layer)
	}
	for _, list := range []struct {
		name      string
		got, want []string
	}{
		{"reasons", citations(o.Result.Reasons), c.Reasons},
		{"open statements", citations(o.Result.Open), c.Open},
		{"missing keys", o.Result.Missing, c.Missing},
	} {
		if list.want != nil && !slices.Equal(list.got, list.want) {
			return fmt.Sprintf("%s: got %s %q, want %q", c.label(), list.name, list.got, list.want)
		}
	}
	return ""
}

// citations returns statements as "policy#index".
func citations(reasons []policy.Reason) []string {
	var list []string
	for _, r := range reasons {
		list = append(list, fmt.Sprintf("%s#%d", r.Statement.Policy.Name, r.Statement.Index))
	}
	return list
}

// label names the case in messages.
func (c *Case) label() string { return fmt.Sprintf("%s:%d: %s", c.File, c.Line, c.Name) }
