package report_test

import (
	"bytes"
	"cmp"
	"context"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"retrial/ingest"
	"retrial/ingest/actiontrail"
	"retrial/ingest/jsonl"
	"retrial/replay"
	"retrial/replay/inventory"
	"retrial/report"
	"retrial/rules"
	"retrial/rules/broad"
	"retrial/rules/catalog"
	"retrial/rules/compliance"
	"retrial/rules/policy"
	"retrial/rules/ram"
	"retrial/rules/verdict"
)
