package cts_test

import (
	"flag"
	"strings"
	"testing"

	"retrial/ingest"
	"retrial/ingest/cts"
	"retrial/ingest/ingesttest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const goldens = "../../testdata/logs/cts/*.txtar"

// named is an action naming that needs no catalogue.
func named(service, resourceType, name string) string {
	return strings.ToLower(service) + ":" + resourceType + ":" + name
}

func TestGolden(t *testing.T) {
	ingesttest.Check(t, goldens, func() ingest.Decoder { return cts.New(named) }, *update)
}
