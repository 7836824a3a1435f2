package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/urfave/cli/v2"

	"retrial/rules/access"
	"retrial/rules/catalog"
)

func catalogCommand() *cli.Command {
	return &cli.Command{
		Name:      "catalog",
		Usage:     "show what calls are judged on: actions, resources, condition keys",
		ArgsUsage: "[FILTER...]",
		Description: `Without FILTER it prints the tables as text. Edit it, and give the file to --catalog:

   $ retrial rules catalog --cloud alibaba > catalog.tsv
   $ retrial scan --catalog catalog.tsv ...

FILTER is an action, which is told in full, or a glob of actions, which are listed:

   $ retrial rules catalog ecs:RunInstances
   $ retrial rules catalog 'ecs:*Disk*'`,
		Flags: []cli.Flag{
			stringFlag("cloud", "", "show the table of this `CLOUD`: alibaba or huawei; default: all"),
			catalogFlag(),
			boolFlag("json", "print one JSON object a line for each action"),
		},
		Action: showCatalog,
	}
}

func showCatalog(c *cli.Context) error {
	if err := noFlagsBehind(c); err != nil {
		return err
	}
	cloud, err := choice(c, "cloud", append([]string{""}, catalog.Clouds()...)...)
	if err != nil {
		return err
	}
	all, err := loadCatalogs(c)
	if err != nil {
		return err
	}
	tables := all.tables
	if cloud != "" {
		tables = []*catalog.Table{all.of(cloud)}
	}
	if c.NArg() == 0 && !c.Bool("json") {
		for _, t := range tables {
			if _, err := io.WriteString(c.App.Writer, t.Text()); err != nil {
				return err
			}
		}
		return nil
	}
	found, err := filterActions(tables, c.Args().Slice())
	switch {
	case err != nil:
		return err
	case c.Bool("json"):
		return printActionsJSON(c.App.Writer, found)
	case slices.ContainsFunc(c.Args().Slice(), isGlob):
		return listActions(c.App.Writer, tables, found)
	}
	p := newPage(c.App.Writer)
	for i, a := range found {
		if i > 0 {
			p.blank()
		}
		p.action(&a)
	}
	return p.flush()
}

// An action is an operation of a table.
type action struct {
	table *catalog.Table
	*catalog.Operation
}

func isGlob(filter string) bool { return strings.ContainsAny(filter, "*?") }

// filterActions returns the operations that one of the filters matches, all if there
// is no filter. A filter that matches none is a mistake.
func filterActions(tables []*catalog.Table, filters []string) ([]action, error) {
	var found []action
	met := make([]bool, len(filters))
	for _, t := range tables {
		for o := range t.Operations() {
			keep := len(filters) == 0
			for i, f := range filters {
				if matchAny([]string{f}, o.Action) {
					met[i], keep = true, true
				}
			}
			if keep {
				found = append(found, action{t, o})
			}
		}
	}
	if i := slices.Index(met, false); i >= 0 {
		return nil, usage(nearAction(tables, filters[i]), "%q: the tables have no such action", filters[i])
	}
	return found, nil
}

// nearAction is the hint for an action that the tables do not have.
func nearAction(tables []*catalog.Table, filter string) string {
	if !strings.Contains(filter, ":") {
		return fmt.Sprintf("write the service too: ecs:%s, or *:%[1]s for all", filter)
	}
	var names []string
	for _, t := range tables {
		for o := range t.Operations() {
			names = append(names, o.Action)
		}
	}
	if near := access.Nearest(filter, names); near != "" {
		return fmt.Sprintf("did you mean %s?", near)
	}
	return "calls that the tables do not have are judged by their text: on the resources that the record names"
}

// listActions prints a line for each action, by cloud, and which services have all of
// theirs.
func listActions(w io.Writer, tables []*catalog.Table, found []action) error {
	var b strings.Builder
	for _, of := range tables {
		t := table.NewWriter()
		t.SetStyle(table.StyleLight)
		t.Style().Options.SeparateColumns = false
		t.Style().Options.DrawBorder = false
		t.AppendHeader(table.Row{of.Title(), "access", "judged on", "source"})
		var services []string
		for _, a := range found {
			if a.table != of {
				continue
			}
			t.AppendRow(table.Row{a.Action, a.accessLevel(), strings.Join(a.types(), ", "), a.source()})
			if line := a.completeness(); !slices.Contains(services, line) {
				services = append(services, line)
			}
		}
		if len(services) > 0 {
			fmt.Fprintf(&b, "%s\n\n%s\n\n", t.Render(), strings.Join(services, "\n"))
		}
	}
	_, err := io.WriteString(w, printable(strings.TrimSuffix(b.String(), "\n")))
	return err
}

// completeness says whether the table has all actions of the service.
func (a *action) completeness() string {
	if a.table.Complete(a.Service) {
		return fmt.Sprintf("%s: the table has all published actions", a.Service)
	}
	return fmt.Sprintf("%s: the table has not all actions; others are judged by their text", a.Service)
}

// accessLevel returns what the action does to its resources.
func (a *action) accessLevel() string {
	switch {
	case a.Access != catalog.UnknownAccess:
		return a.Access.String()
	case a.Candidates != nil && a.Published:
		return "reads and writes"
	case a.Candidates != nil:
		return "not known"
	case a.Reads():
		return "reads (by its verb)"
	}
	return "writes (by its verb)"
}

// source tells published rows from others.
func (a *action) source() string {
	switch {
	case a.Published && a.Basis == "":
		return "published"
	case a.Published:
		return "published, changed"
	case strings.HasPrefix(a.Basis, "INFERRED"):
		return "INFERRED"
	}
	return "named by a page"
}

// types returns the types of resources that the action is judged on.
func (a *action) types() []string {
	if a.Kind != nil {
		return []string{a.Kind.Name}
	}
	if len(a.Resources) == 0 {
		return []string{"what the record names"}
	}
	var names []string
	for i := range a.Resources {
		name := "*"
		if k := a.Resources[i].Kind; k != nil {
			name = k.Name
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// action prints all that the table says of an action.
func (p *page) action(a *action) {
	p.labelled(a.Action, p.colour("1", a.Action), a.table.Title(), len(a.Action)+2)
	p.blank()
	p.field("access", a.accessLevel())
	p.field("source", a.basis())
	p.field("service", a.completeness())
	for _, line := range a.recordedAs() {
		p.field("recorded", line)
	}
	p.judgedOn(a)
	p.besides(a)
	p.keys("condition keys that it is documented to send", a.table, func(k *catalog.ConditionKey) bool {
		return slices.Contains(a.Keys, strings.TrimSuffix(k.Name, "/"))
	})
	p.keys("condition keys that every call can send", a.table, func(k *catalog.ConditionKey) bool {
		service, _, _ := strings.Cut(k.Name, ":")
		return service == "acs" || service == "g"
	})
}

// basis says where the row stands, and what in it was changed.
func (a *action) basis() string {
	if !a.Published {
		return a.Basis
	}
	text := "published"
	if s := a.table.Published(a.Service); s != nil {
		text += fmt.Sprintf(": %s, %s", s.Title, s.Date)
	}
	if a.Basis != "" {
		text += "; changed: " + a.Basis
	}
	return text
}

// recordedAs tells how records name the calls of the action.
func (a *action) recordedAs() (lines []string) {
	if a.Candidates != nil {
		return a.tracedAs()
	}
	var names []string
	for _, s := range a.table.Services() {
		if s.Code == a.Service {
			names = append(names, s.Name)
		}
	}
	if len(names) == 0 {
		names = []string{a.Service}
	}
	lines = append(lines, fmt.Sprintf("as %s of service %s", a.Name, strings.Join(names, ", ")))
	for _, api := range a.table.APIs() {
		if api.Operation == a.Operation {
			lines = append(lines, fmt.Sprintf("as %s of service %s (%s)", api.Name, api.Code, api.Basis))
		}
	}
	return lines
}

// tracedAs tells which operations of traces may have asked for the action.
func (a *action) tracedAs() (lines []string) {
	for _, t := range a.table.Traces() {
		asks := func(c catalog.Candidate) bool {
			return slices.ContainsFunc(c, func(d catalog.Demand) bool { return d.Operation == a.Operation })
		}
		if !slices.ContainsFunc(t.Operation.Candidates, asks) {
			continue
		}
		line := fmt.Sprintf("as %s of service %s, type %s", t.Name, t.Service, t.Type)
		if n := len(t.Operation.Candidates); n > 1 {
			line += fmt.Sprintf("; it is one of %d actions, and a trace does not tell which", n)
		}
		lines = append(lines, fmt.Sprintf("%s (%s)", line, t.Basis))
	}
	if len(lines) == 0 {
		lines = []string{"in no trace that the tables have"}
	}
	return lines
}

// judgedOn prints the resources of an action, and where their ids come from.
func (p *page) judgedOn(a *action) {
	p.section("judged on, all of which must be allowed")
	if k := a.Kind; k != nil {
		service, typ, _ := strings.Cut(k.Name, ":")
		p.line(2, fmt.Sprintf("%s:{region}:{account}:%s:{id}", service, typ))
		words := "always; ids in " + strings.Join(append(paramNames(k), "resource_id"), ", ")
		if a.Access == catalog.Create {
			words = "always: the one that is being created"
		}
		p.line(4, words)
		p.line(4, "policies can name the resource: "+supportWords[a.Instance]+"; its tags: "+supportWords[a.Tags])
		return
	}
	if len(a.Resources) == 0 {
		p.line(2, "the resources that the record names: the tables do not say which")
		return
	}
	for i := range a.Resources {
		r := &a.Resources[i]
		p.line(2, r.Text)
		p.line(4, resourceWords(r, a.Access == catalog.Create))
	}
}

var supportWords = map[catalog.Support]string{catalog.UnknownSupport: "not known", catalog.Supported: "yes", catalog.Unsupported: "no"}

// besides prints the actions that a call is asked for beside its own, and those that it
// is advised to grant too.
func (p *page) besides(a *action) {
	if len(a.Candidates) > 0 && len(a.Candidates[0]) > 1 {
		p.section("asked for too")
		for _, d := range a.Candidates[0][1:] {
			text := d.Operation.Action
			if d.If != "" {
				text += ", if the request has " + d.If
			}
			p.line(2, text)
		}
	}
	if len(a.Depends) > 0 {
		p.section("to be granted too, by the advice of the cloud; no call is judged on it")
		p.line(2, strings.Join(a.Depends, ", "))
	}
}

// resourceWords says of a resource when it is asked for, and where its id comes from.
func resourceWords(r *catalog.Template, creates bool) string {
	var words []string
	switch {
	case r.Star():
		return "always: the operation is on no resource of its own"
	case r.Action != "":
		words = append(words, "as "+r.Action+", if the call names one")
	case r.Any && r.Paired && !creates:
		return "if the call names none: any of the type"
	case r.Any && creates:
		return "always: the one that is being created"
	case r.Any:
		return "always: any of the type"
	case r.Mandatory:
		words = append(words, "always")
	default:
		words = append(words, "if the call names one")
	}
	if params := paramNames(r.Kind); len(params) > 0 {
		words = append(words, "ids in "+strings.Join(params, ", "))
	}
	return strings.Join(words, "; ")
}

func paramNames(k *catalog.Kind) (names []string) {
	for i := range k.Params {
		names = append(names, k.Params[i].Name)
	}
	return names
}

// keys prints condition keys, and how their values follow from a record.
func (p *page) keys(title string, t *catalog.Table, keep func(*catalog.ConditionKey) bool) {
	var told, untold []string // texts of two lines, and names
	for k := range t.ConditionKeys().All() {
		if !keep(k) {
			continue
		}
		name := k.Name
		if k.Tagged() {
			name += "TAG"
		}
		if k.Value == "not recorded" {
			untold = append(untold, name)
			continue
		}
		if name += " (" + string(k.Type); k.Many {
			name += ", several"
		}
		told = append(told, name+")", k.Value)
	}
	if len(told)+len(untold) > 0 {
		p.section(title)
	}
	for i, text := range told {
		p.line(2+i%2*2, text)
	}
	if len(untold) > 0 {
		p.line(2, "not recorded")
		p.line(4, strings.Join(untold, ", "))
	}
}

// A jsonAction is an action for programs.
type jsonAction struct {
	Cloud     string         `json:"cloud"`
	Action    string         `json:"action"`
	Access    string         `json:"access"`
	Reads     bool           `json:"reads"`
	Published bool           `json:"published"`
	Basis     string         `json:"basis,omitempty"`
	Complete  bool           `json:"complete"` // the table has all actions of the service
	Resources []jsonResource `json:"resources"`
	Keys      []string       `json:"keys"`
	Recorded  []string       `json:"recorded"` // how records name it, in words
}

type jsonResource struct {
	Resource   string   `json:"resource"`
	Type       string   `json:"type,omitempty"`
	Action     string   `json:"action"`
	Mandatory  bool     `json:"mandatory"`
	Parameters []string `json:"parameters"`
}

func printActionsJSON(w io.Writer, found []action) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for _, a := range found {
		line := jsonAction{Cloud: a.table.Cloud(), Action: a.Action, Access: a.Access.String(), Reads: a.Reads(), Published: a.Published,
			Basis: a.Basis, Complete: a.table.Complete(a.Service), Resources: []jsonResource{}, Keys: append([]string{}, a.Keys...), Recorded: a.recordedAs()}
		if k := a.Kind; k != nil {
			line.Resources = append(line.Resources, jsonResource{Resource: k.Name, Type: k.Name, Action: a.Action, Mandatory: true, Parameters: append([]string{}, paramNames(k)...)})
		}
		for i := range a.Resources {
			r := &a.Resources[i]
			j := jsonResource{Resource: r.Text, Action: a.Action, Mandatory: r.Mandatory, Parameters: []string{}}
			if r.Action != "" {
				j.Action = r.Action
			}
			if r.Kind != nil {
				j.Type, j.Parameters = r.Kind.Name, append(j.Parameters, paramNames(r.Kind)...)
			}
			line.Resources = append(line.Resources, j)
		}
		if err := enc.Encode(line); err != nil {
			return err
		}
	}
	return nil
}
