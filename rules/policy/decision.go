package policy

import "fmt"

// A Decision answers one request. The zero value is ImplicitDeny, so that a
// decision that nobody made never reads as permission.
type Decision uint8

// The decisions, with their names in the contract.
const (
	ImplicitDeny  Decision = iota // "implicit_deny": no statement applies
	Allow                         // "allow": an Allow statement applies and no Deny does
	ExplicitDeny                  // "explicit_deny": a Deny statement applies
	Indeterminate                 // "indeterminate": it turns on what nobody recorded
)

var decisionNames = [...]string{"implicit_deny", "allow", "explicit_deny", "indeterminate"}

func (d Decision) String() string { return decisionNames[d] }

// ParseDecision returns the decision of that name in the contract.
func ParseDecision(name string) (Decision, error) {
	for i, n := range decisionNames {
		if n == name {
			return Decision(i), nil
		}
	}
	return 0, fmt.Errorf("unknown decision %q", name)
}

// A Layer is one of the sets of policies that a request passes, in the order in
// which the cloud asks them (reference: RAM evaluation, section 2).
type Layer uint8

// The layers, with their names in the contract, section 9.
const (
	NoLayer               Layer = iota // "": no policy was asked, such as for the account root
	ControlPolicy                      // "control_policy"
	SessionPolicy                      // "session_policy"
	IdentityAccount                    // "identity_account"
	IdentityResourceGroup              // "identity_resource_group"
	TrustPolicy                        // "trust_policy"
	BucketPolicy                       // "bucket_policy"

	// The layers of Huawei Cloud. Grants of scope "all" belong to the layer that the
	// request is in: identity_global for a global service, else identity_project.
	OrganizationPolicy        // "organization_policy"
	IdentityGlobal            // "identity_global"
	IdentityProject           // "identity_project"
	IdentityEnterpriseProject // "identity_enterprise_project"
)

var layerNames = [...]string{"", "control_policy", "session_policy", "identity_account",
	"identity_resource_group", "trust_policy", "bucket_policy",
	"organization_policy", "identity_global", "identity_project", "identity_enterprise_project"}

func (l Layer) String() string { return layerNames[l] }

// Identity reports whether the layer is one of the holder's own policies.
func (l Layer) Identity() bool {
	switch l {
	case IdentityAccount, IdentityResourceGroup, IdentityGlobal, IdentityProject, IdentityEnterpriseProject:
		return true
	}
	return false
}

// A Result is a decision and what made it. A caller keeps one and hands it to
// every [Plan.Decide], which reuses its slices.
type Result struct {
	Decision Decision

	// Layer is the one that decided: for a denial the first layer that did not
	// allow, for an allowed request the last one asked.
	Layer Layer

	// Reasons are the statements that decide, all of them, in policy order: the
	// Deny statements of an explicit deny, the Allow statements of the deciding
	// layer of an allowed request.
	Reasons []Reason

	// Open are the statements whose application is unknown and that could
	// still change Decision or Reasons, in policy order.
	Open []Reason

	// Missing are the condition keys (or "resource", or "policy NAME" for a document
	// that cannot be read with certainty) that Indeterminate turns on, sorted,
	// without repetition; also "resource group", "project", "service scope", "enterprise
	// project", "enterprise project authorization" and "scope of a grant" where these
	// decide whether a grant counts, "trust policy of role/NAME" for a role of which
	// the snapshot does not tell, and [MissingAction] where only the service of the action
	// is known. It is empty for the other
	// decisions.
	Missing []string
}

// A Reason is a statement with the layer that it was asked in.
type Reason struct {
	Layer     Layer
	Statement *Statement
}
