// Retrial puts recorded cloud API calls on trial again, under today's policies.
//
// It streams the audit log of an account, replays each call against an offline
// copy of the access policies in a worker pool, and reports which calls today's
// policies would refuse, which were allowed only by grants far too broad, and which
// broke a rule.
//
//	$ retrial demo --out demo-report
//	$ retrial scan --policies snapshot --inventory images.json --out results 'logs/**/*.gz'
//	$ retrial report --out smaller --format html --html-max-bytes 1MB results
//	$ retrial diff --fail-on high yesterday today
//	$ retrial explain --policies snapshot --id 7A6B3C1D logs/2026-03-01.jsonl
//	$ retrial simulate --policies snapshot --principal alice --action ecs:StopInstance
//	$ retrial test cases
//	$ retrial rules list
//	$ retrial rules catalog ecs:RunInstances
//
// README.md tells what the inputs and the results look like, and what the exit status
// means. docs/architecture.md tells how the program is built.
//
// This package is the only one that knows all the others: it turns flags into
// values, hands those to the packages that need them, and turns what comes back
// into an exit status.
package main
