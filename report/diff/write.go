package diff

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	stdcsv "encoding/csv"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"strconv"
	"strings"
	"time"

	"retrial/report/csv"
)

// columns are those of diff.csv.
var columns = strings.Split("status,cause,why,finding_id,rule,kind,severity,title,cloud,account,principal,action,resource,decision,policy,statement,"+
	"calls_before,calls_now,first_seen,last_seen,certainty,muted,before", ",")

// WriteCSV writes a row for each finding of both results: those that are new, then the
// resolved and the unchanged ones. RFC 4180 and inert, as findings.csv is.
func (d *Diff) WriteCSV(w io.Writer) error {
	out := stdcsv.NewWriter(w)
	out.UseCRLF = true
	if err := out.Write(columns); err != nil {
		return err
	}
	var failed error
	for _, state := range States {
		for c := range d.Of(state, &failed) {
			row := c.row()
			for i := range row {
				row[i] = csv.Cell(row[i])
			}
			if err := out.Write(row); err != nil {
				return err
			}
		}
	}
	out.Flush()
	return cmp.Or(failed, out.Error())
}

func (c *Change) row() []string {
	statement := ""
	if c.Statement != nil {
		statement = strconv.Itoa(*c.Statement)
	}
	return []string{c.State, c.Code, c.Why, c.ID, c.Rule, c.Kind, c.Severity, c.Title, c.Cloud, c.Account, c.Principal, c.Action, c.Resource,
		c.Decision, c.Policy, statement, strconv.FormatInt(c.CallsBefore, 10), strconv.FormatInt(c.Now(), 10), instant(c.FirstSeen), instant(c.LastSeen),
		c.Certainty, c.Muted, strings.Join(c.Before, "; ")}
}

// Now returns the number of calls in the later results.
func (c *Change) Now() int64 {
	if c.State == IsResolved {
		return 0
	}
	return c.Calls
}

func instant(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// A summary is what the JSON form of a diff says beside the findings.
type summary struct {
	Schema  int                         `json:"schema"` // 1
	Old     string                      `json:"old"`
	New     string                      `json:"new"`
	Counts  map[string]map[string]int64 `json:"findings_by_status"` // and severity
	Changes []Changed                   `json:"changes"`            // of what was read
}

// A line is a finding in the JSON form of a diff.
type line struct {
	State       string   `json:"status"`
	Cause       string   `json:"cause"`
	Why         string   `json:"why"`
	CallsBefore int64    `json:"calls_before"`
	CallsNow    int64    `json:"calls_now"`
	Before      []string `json:"before"`
	finding
}

// A finding has the columns of findings.jsonl that a diff repeats, under the same names.
type finding struct {
	ID        string     `json:"finding_id"`
	Rule      string     `json:"rule"`
	Kind      string     `json:"kind"`
	Severity  string     `json:"severity"`
	Title     string     `json:"title"`
	Cloud     string     `json:"cloud"`
	Account   string     `json:"account"`
	Principal string     `json:"principal"`
	Action    string     `json:"action"`
	Resource  string     `json:"resource"`
	Decision  string     `json:"decision"`
	Policy    string     `json:"policy"`
	Statement *int       `json:"statement"`
	First     *time.Time `json:"first_seen"`
	Last      *time.Time `json:"last_seen"`
	Certainty string     `json:"certainty"`
	Muted     string     `json:"muted"`
}

// WriteJSON writes one object with the findings that are new and those that are resolved.
func (d *Diff) WriteJSON(w io.Writer) error {
	changes := append([]Changed{}, d.Changes...)
	head, err := encode(summary{1, d.Old.Dir, d.New.Dir, d.Counts, changes})
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(w, "%s,\n\"changed\":[", bytes.TrimSuffix(head, []byte("}"))); err != nil {
		return err
	}
	var failed error
	separator := "\n"
	for _, state := range []string{IsNew, IsResolved} {
		for c := range d.Of(state, &failed) {
			text, err := encode(c.line())
			if err == nil {
				_, err = fmt.Fprintf(w, "%s%s", separator, text)
			}
			if err != nil {
				return err
			}
			separator = ",\n"
		}
	}
	_, err = io.WriteString(w, "\n]}\n")
	return cmp.Or(failed, err)
}

func (c *Change) line() line {
	before := append([]string{}, c.Before...)
	return line{c.State, c.Code, c.Why, c.CallsBefore, c.Now(), before, finding{c.ID, c.Rule, c.Kind, c.Severity, c.Title, c.Cloud,
		c.Account, c.Principal, c.Action, c.Resource, c.Decision, c.Policy, c.Statement, c.FirstSeen, c.LastSeen, c.Certainty, c.Muted}}
}

// encode returns the JSON text of a value, without a line end.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

//go:embed page.css
var pageCSS string

//go:embed page.tmpl
var pageText string

var page = template.Must(template.New("diff").Funcs(template.FuncMap{"instant": instant, "plain": plain}).Parse(pageText))

// plain makes the direction of text that of the page: characters that turn it are
// replaced, as in all that a report shows.
func plain(s string) string { return strings.TrimPrefix(csv.Cell("."+s), ".") }

// maxShown is the number of findings of a state that the page shows.
const maxShown = 500

// A section is the findings of one state on the page.
type section struct {
	Title string
	State string
	Shown []Change
	Total int64
	More  int64
}

// WritePage writes a page for people: one file without scripts, which loads nothing.
func (d *Diff) WritePage(w io.Writer) error {
	sum := sha256.Sum256([]byte(pageCSS))
	v := struct {
		*Diff
		CSS        template.CSS
		Policy     string
		Severities []string
		States     []string
		Sections   []section
	}{d, template.CSS(pageCSS), "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'",
		[]string{"critical", "high", "medium", "low", "info"}, States, nil}
	var failed error
	for _, s := range []section{{Title: "New findings", State: IsNew}, {Title: "Resolved findings", State: IsResolved}} {
		s.Total = d.total(s.State)
		for c := range d.Of(s.State, &failed) {
			if len(s.Shown) == maxShown {
				break
			}
			f := *c.Finding
			c.Finding = &f
			s.Shown = append(s.Shown, *c)
		}
		s.More = s.Total - int64(len(s.Shown))
		v.Sections = append(v.Sections, s)
	}
	if failed != nil {
		return failed
	}
	return page.Execute(w, v)
}

// Incomplete tells which of the results do not cover all that they were to: a finding
// may be missing there.
func (d *Diff) Incomplete() (sides []*Side) {
	for _, s := range []*Side{d.Old, d.New} {
		if !s.Summary.Complete {
			sides = append(sides, s)
		}
	}
	return sides
}
