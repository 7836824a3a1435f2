package policy

import (
	"strings"

	"retrial/rules/ascii"
)

// askTrust asks the trust policy of the role that the resource names.
func (w *work) askTrust() answers {
	r := w.resource
	if r.Star || *r == (Resource{}) || r.Unknown[accountPart] || r.Unknown[idPart] {
		return w.guess(TrustPolicy, "resource")
	}
	set := w.set
	role, ok := set.role(r)
	if !ok {
		return w.guess(TrustPolicy, "trust policy of "+r.Parts[idPart])
	}
	h := &set.holders[role]
	if h.trust == nil {
		return w.guess(TrustPolicy, h.noTrust)
	}
	return w.ask(TrustPolicy, h.trust.id[:])
}

// role returns the role that a resource names.
func (s *Set) role(r *Resource) (holder int, ok bool) {
	var room [160]byte
	name := append(room[:0], "acs:ram::"...)
	name = append(name, r.Parts[accountPart]...)
	name = append(name, ':')
	for i := range len(r.Parts[idPart]) {
		name = append(name, ascii.Lower(r.Parts[idPart][i]))
	}
	holder, ok = s.names[string(name)]
	return holder, ok && s.holders[holder].isRole
}

// askBucket asks the policy of the bucket that the resource names, if it has one.
func (w *work) askBucket() (asked bool, a answers) {
	r := w.resource
	if r.Star {
		return false, 0
	}
	id := r.Parts[idPart]
	if r.Unknown[idPart] {
		id = r.known(idPart)
	}
	bucket, _, whole := strings.Cut(id, "/")
	if *r == (Resource{}) || r.Unknown[idPart] && !whole {
		return true, w.guess(BucketPolicy, "resource")
	}
	d := w.set.buckets[bucket]
	if d == nil {
		return false, 0
	}
	return true, w.ask(BucketPolicy, d.id[:])
}

// guess stands for a layer that cannot be asked.
func (w *work) guess(l Layer, missing string) answers {
	step := w.steps.add(l, nil)
	step.answers, step.missing = mayAnything, missing
	return mayAnything
}
