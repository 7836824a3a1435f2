// Package policy is the policy language: documents as statements, requests,
// and the decision on one request, with its reasons.
//
// It knows no log, no provider and no Arrow. The parser of a provider's dialect
// (package ram) yields a [Policy]; an access snapshot (package access) says who
// holds which policies in which [Layer]; [Compile] makes a [Set] of both, which
// is safe for concurrent use. Set.Plan narrows the set to one
// principal and one action, which is what a day of logs has few of; Plan.Decide
// decides one resource of one call in well under a microsecond and without
// allocating.
//
// # Four answers
//
// Every comparison is one of true, false and unknown. A comparison is unknown if
// the key was not recorded, if the document cannot be read with certainty
// there, or if the part of the resource that it asks for is not known. Unknown
// spreads as in Kleene logic. A request is judged Indeterminate only if what is
// unknown can still change the answer; then the keys are named.
//
// # Layers
//
// A request passes several sets of policies in the order of the cloud. Each set
// has the answers that it may give: one if all is known, else more. They are combined
// layer by layer, so that a certain denial further on is not hidden by something
// unknown before it, and a denial of which only the kind is open is a denial.
//
// # Scopes
//
// What a cloud grants within scopes (Huawei IAM: global services, a project, an
// enterprise project, everywhere) is held by [Holder].Grants and counts where the scope
// covers the [Place] of the request. If that is not known, the grant may count. A role
// that depends on others counts where they do, too. Grants are judged together with
// the organization's policies: an explicit deny of any of them denies.
//
// # Explanations
//
// Plan.Explain tells of one request, on demand and slowly, what every layer and
// statement came to, and by a fixed list of causes ([Causes]) which parts of a
// statement do not match or may not. A near miss fails in one part alone. A flip is what
// would settle an indeterminate answer or turn a denial into access; each was decided.
// Plan.NearMisses and Plan.Settling give a part of that quickly enough for every
// finding of a scan.
//
// # Dialects
//
// What a cloud's language has of its own is data, a [Dialect]: its operators, the
// form of its actions and resource names, other names of actions, what compares without
// case. The parser also marks
// what it could not read; nothing of it is dropped. A document with repeated keys
// has two readings, and only what both give is certain.
package policy
