package policy

// Scoped reports whether a holder has policies at the scope of resource groups or of
// enterprise projects, which are the last of its grants, so that the one that holds a
// resource can matter.
func (s *Set) Scoped(holder int) bool {
	h := &s.holders[holder]
	return len(h.groups) > 0 || len(h.grants) > 0 && h.grants[len(h.grants)-1].scope.Kind == EnterpriseProject
}

// covers tells whether a grant in the scope counts for a request (Huawei IAM, Creating a
// user group and assigning permissions), and if that is not known, what is missing.
// INFERRED: a Deny counts where an Allow would.
func (s *Scope) covers(p *Place, enterpriseAction truth) (t truth, missing string) {
	switch s.Kind {
	case AllScope:
		return yes, ""
	case GlobalScope:
		switch p.Reach {
		case GlobalService:
			return yes, ""
		case ProjectService:
			return no, ""
		}
		return unknown, missingReach
	case ProjectScope:
		if p.Reach == GlobalService {
			return no, ""
		}
		switch t := s.holdsProject(p); {
		case t == no:
			return no, ""
		case t == unknown:
			return unknown, missingProject
		case p.Reach == UnknownReach:
			return unknown, missingReach
		}
		return yes, ""
	case EnterpriseProject:
		return s.coversEnterprise(p, enterpriseAction)
	}
	return unknown, missingScope
}

// What an answer misses that turns on whether a grant counts.
const (
	missingReach      = "service scope"
	missingProject    = "project"
	missingEnterprise = "enterprise project"
	missingSupport    = "enterprise project authorization"
	missingScope      = "scope of a grant"
)

// MissingAction is what an answer misses that turns on which action was asked.
const MissingAction = "action"

// holdsProject tells whether the request is in the project of the scope.
func (s *Scope) holdsProject(p *Place) truth {
	switch {
	case s.ID != "" && p.Project != "":
		return truthOf(s.ID == p.Project)
	case s.Name != "" && p.ProjectName != "":
		return truthOf(s.Name == p.ProjectName)
	}
	return unknown
}

// coversEnterprise is covers for an enterprise project. Only some actions can be
// given within one (Huawei ECS, Permissions and supported actions).
func (s *Scope) coversEnterprise(p *Place, action truth) (t truth, missing string) {
	switch {
	case action == no || p.EnterpriseKnown && s.ID != "" && p.Enterprise != s.ID:
		return no, ""
	case s.ID == "":
		return unknown, missingScope
	case !p.EnterpriseKnown:
		return unknown, missingEnterprise
	case action == unknown:
		return unknown, missingSupport
	}
	return yes, ""
}

// layer returns the layer that a grant in the scope belongs to.
func (s *Scope) layer(p *Place) Layer {
	switch {
	case s.Kind == EnterpriseProject:
		return IdentityEnterpriseProject
	case s.Kind == GlobalScope, s.Kind != ProjectScope && p.Reach == GlobalService:
		return IdentityGlobal
	}
	return IdentityProject
}
