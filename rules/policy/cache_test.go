package policy

import (
	"fmt"
	"testing"
)

// What is asked for by the log must not make a set grow without end.
func TestCachesAreBounded(t *testing.T) {
	d := &Dialect{Scheme: "acs"}
	p := &Policy{Name: "p", Dialect: d}
	for i := range 2000 {
		p.Statements = append(p.Statements, Statement{Policy: p, Index: i, Effect: AllowEffect, Actions: []string{"*"}, Resources: []string{"*"}})
	}
	s := Compile([]Account{{ID: "1", Holders: []Holder{{Name: "acs:ram::1:user/a", Identity: []*Policy{p}}}}}, Options{})
	for i := range 3000 {
		s.Plan(0, fmt.Sprintf("ecs:A%d", i))
	}
	if got := s.actions.weight.Load(); got > 2*maxSelected {
		t.Errorf("selections weigh %d", got)
	}
	for range 3 * maxSessions {
		s.sessions.selections(&Policy{}, "ecs:A", s.parts)
	}
	if got := len(s.sessions.docs); got > maxSessions {
		t.Errorf("%d session policies are kept", got)
	}
}

func TestForget(t *testing.T) {
	s := Compile([]Account{{ID: "1", Holders: make([]Holder, 100)}}, Options{})
	before := s.Plan(70, "ecs:Run")
	if again := s.Plan(70, "ECS:run"); again != before {
		t.Error("a plan is not shared")
	}
	if s.Plan(-1, "ecs:Run") != s.Plan(100, "ecs:Run") {
		t.Error("holders that are not of the set do not share their plan")
	}
	s.Forget()
	weight := s.actions.weight.Load()
	after := s.Plan(70, "ecs:Run")
	if after == before || *after != *before {
		t.Errorf("got %v, want a new plan like %v", after, before)
	}
	s.Forget()
	if got := s.actions.weight.Load(); got != weight {
		t.Errorf("weight %d after Forget, want %d", got, weight)
	}
}
