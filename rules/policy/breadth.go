package policy

import (
	"strings"

	"retrial/rules/ascii"
)

// Gives returns how wide the statement is for one action: what it gives beside
// that action on that resource. A statement that is no Allow gives nothing and is
// Narrow.
//
//   - Admin: every action ("*", "*:*", "*:*:*") on every resource, without condition.
//   - ServiceWildcard: every action of the action's service ("ecs:*", "ecs:*:*", or a NotAction
//     that names no action of the service), whatever the resources and conditions.
//   - ResourceWildcard: every resource ("*", "acs:ecs:*:*:*") or every one of a
//     type ("acs:ecs:*:*:instance/*", "ecs:*:*:instance:*"), without condition.
//
// A NotAction is never Admin: its author has left something out. Patterns are
// judged by their text, not by the actions that exist.
func (s *Statement) Gives(action string) Breadth {
	if s.Effect != AllowEffect {
		return Narrow
	}
	service, _, _ := strings.Cut(ascii.ToLower(action), ":")
	everyAction, wholeService := s.spans(ascii.ToLower(action), service)
	everything, everyOfType := s.spansResources()
	free := len(s.Conditions) == 0 && s.Unread&ConditionPart == 0
	switch {
	case everyAction && everything && free:
		return Admin
	case wholeService:
		return ServiceWildcard
	case everyOfType && free:
		return ResourceWildcard
	}
	return Narrow
}

// Widest returns how wide the statement is for the action that it gives most
// with; it is what parsers set Broad to.
func (s *Statement) Widest() Breadth {
	if len(s.NotActions) > 0 {
		return s.Gives("")
	}
	widest := Narrow
	for _, pattern := range s.Actions {
		widest = max(widest, s.Gives(pattern))
	}
	return widest
}

// spans tells whether the statement is about every action there is, and about
// every action of a service.
func (s *Statement) spans(action, service string) (every, whole bool) {
	for _, pattern := range s.Actions {
		of, name, hasName := strings.Cut(pattern, ":")
		kind, operation, typed := strings.Cut(name, ":")
		all := !hasName || isStars(name) || typed && s.dialect().Segments && isStars(kind) && isStars(operation)
		switch {
		case all && isStars(of):
			every, whole = true, true
		case all && hasName && wildcard(of, service, true):
			whole = true
		}
	}
	if len(s.NotActions) > 0 && len(s.Actions) == 0 {
		whole = !s.excepts(service)
	}
	return every, whole
}

// excepts tells whether NotAction names an action of a service.
func (s *Statement) excepts(service string) bool {
	for _, pattern := range s.NotActions {
		if of, _, _ := strings.Cut(pattern, ":"); wildcard(of, service, true) {
			return true
		}
	}
	return false
}

func isStars(text string) bool { return text != "" && strings.Trim(text, "*") == "" }

// dialect returns the language of the statement.
func (s *Statement) dialect() *Dialect {
	if s.Policy == nil || s.Policy.Dialect == nil {
		return noDialect
	}
	return s.Policy.Dialect
}

// spansResources tells whether some pattern is for every resource, and whether
// some is for every one, or every one of a type.
func (s *Statement) spansResources() (everything, everyOfType bool) {
	d := s.dialect()
	for _, pattern := range s.Resources {
		if isStars(pattern) {
			return true, true
		}
		parts := strings.SplitN(pattern, ":", 5)
		if len(parts) < 5 || strings.Trim(parts[d.part(regionPart)], "*") != "" {
			continue
		}
		service, account := parts[d.part(servicePart)], parts[d.part(accountPart)]
		kind, id, typed := d.kind(parts)
		switch {
		case id == "*" && isStars(kind):
			everyOfType = true
			everything = everything || service == "*" && strings.Trim(account, "*") == ""
		case typed && id == "*" && !strings.ContainsAny(kind, "*?") && !s.inBucket(service):
			everyOfType = true
		}
	}
	return everything, everyOfType
}

// kind splits what follows the account of a resource name into type and id. RAM
// writes "type/id", and "*" for every one of every type.
func (d *Dialect) kind(parts []string) (kind, id string, typed bool) {
	if d.Segments {
		return parts[idPart-1], parts[idPart], true
	}
	if parts[idPart] == "*" {
		return "*", "*", false
	}
	return strings.Cut(parts[idPart], "/")
}

// inBucket tells whether relative ids of a service are paths in a bucket, where
// what looks like a type is the bucket's name.
func (s *Statement) inBucket(service string) bool {
	return s.dialect().BucketService != "" && ascii.Equal(service, s.dialect().BucketService)
}
