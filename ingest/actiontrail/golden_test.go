package actiontrail_test

import (
	"flag"
	"strings"
	"testing"

	"retrial/ingest"
	"retrial/ingest/actiontrail"
	"retrial/ingest/ingesttest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const goldens = "../../testdata/logs/actiontrail/*.txtar"

// lower is an action naming that needs no catalogue.
func lower(service, host, version, name string) string {
	if service == "" {
		service, _, _ = strings.Cut(host, ".")
	}
	return strings.ToLower(service) + ":" + name
}

func TestGolden(t *testing.T) {
	ingesttest.Check(t, goldens, func() ingest.Decoder { return actiontrail.New(lower) }, *update)
}
