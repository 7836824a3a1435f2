package replay

import (
	"strings"

	"retrial/ingest"
)

// The reasons for which an event is read but not judged, with their names in
// summary.json.
const (
	SkipFiltered    = "filtered"            // left out by a flag
	SkipNoIdentity  = "no_identity"         // the record names nobody, or covers up who it was
	SkipNoSnapshot  = "no_snapshot"         // the account has no access snapshot
	SkipSignIn      = "sign_in"             // sign-in, sign-out, password reset: no policy is asked
	SkipService     = "service_event"       // done by the cloud itself
	SkipSystem      = "system_identity"     // called by a service of the cloud for itself
	SkipBuyPage     = "buy_page"            // an order at the buy page, not for an instance: the record names no API action
	SkipKind        = "unknown_event_type"  // an eventType that we do not know
	SkipDuplicate   = "duplicate"           // the same record was delivered before
	SkipJobResult   = "job_result"          // tells how a call ended that an earlier record tells of
	SkipForeignUser = "identity_not_in_ram" // a CloudSSO, SAML or unknown identity: access snapshots do not hold its policies
)

// buyPage lists the operations that the console records for orders instead of an
// API action (ActionTrail, console events of ECS).
var buyPage = map[string]bool{"Create": true, "Renew": true, "Modify": true, "Upgrade": true, "Downgrade": true, "Refund": true}

// watched reports whether rules may watch events that are not judged for a reason.
func watched(why string) bool { return why == SkipSignIn || why == SkipBuyPage }

// skipped returns why an event is not judged, whatever the policies; "" if it is
// to be judged.
func skipped(ev *ingest.Event) string {
	switch {
	case ev.Kind == ingest.SignIn:
		return SkipSignIn
	case ev.Kind == ingest.ServiceEvent:
		return SkipService
	case ev.Identity.Type == ingest.System:
		return SkipSystem
	case ev.Identity.Type == ingest.NoIdentity || ev.Account == "" || ev.Principal == "":
		return SkipNoIdentity
	case ev.Kind == ingest.KindUnknown:
		return SkipKind
	case ev.Kind == ingest.ConsoleOperation && buyPage[ev.Operation] && !launch(ev):
		return SkipBuyPage
	}
	return ""
}

// launch reports whether an order is one that has an API action: that for an
// instance, which launches it.
func launch(ev *ingest.Event) bool { return strings.HasSuffix(ev.Action, ":RunInstances") }
