package catalog

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"retrial/rules/ascii"
)

//go:embed alibaba/*.tsv huawei/*.tsv
var embedded embed.FS

var alibaba, huawei = builtin("alibaba"), builtin("huawei")

func builtin(cloud string) func() *Table {
	return sync.OnceValue(func() *Table {
		fsys, err := fs.Sub(embedded, cloud)
		if err == nil {
			var t *Table
			if t, err = Load(fsys, cloud); err == nil {
				return t
			}
		}
		panic(err) // our own files; the tests load them
	})
}

// Alibaba returns the table of Alibaba Cloud that is built in.
func Alibaba() *Table { return alibaba() }

// Huawei returns the table of Huawei Cloud that is built in.
func Huawei() *Table { return huawei() }

// Builtin returns the tables that are built in, one for each of [Clouds].
func Builtin() []*Table { return []*Table{Alibaba(), Huawei()} }

// A Table is what one cloud's APIs ask of policies.
type Table struct {
	cloud    string
	title    string
	text     string
	sections []Section
	complete map[string]string // services of which a section has all published actions: its name

	actions  map[string]*Operation // by action, in its own spelling and in lower case
	names    map[string]*Operation // by "code:api" in lower case, where the action is named otherwise; by "code:trace" and "code:trace:type"
	services map[string]string     // by service name, product code or host label in lower case: the RAM code
	untagged map[string]bool       // RAM codes of services that never send the tags of a resource
	sentBy   map[string]string     // condition keys that operations send, in lower case: the RAM code of those
	keys     ConditionKeys

	serviceRows []Service
	nameRows    []API
	traceRows   []Trace

	kinds  map[string]*Kind   // by service and relative id: "ecs:instance/{}"
	types  map[string]*Kind   // by the type that records name, in lower case
	tags   map[string]*Kind   // by "code:type" of TagResources, in lower case
	ofCode map[string][]*Kind // by RAM code, in the order of the file
	global map[string]bool    // of Huawei Cloud, services by code: one for all regions, or one for each project

	// unknown are the operations made by the default rule, so that a log full
	// of them costs one each. The map is replaced, never changed.
	unknown atomic.Pointer[map[string]*Operation]
	adding  sync.Mutex
}

// A Section is what a table says of one of its lists of rows.
type Section struct {
	Name   string `json:"section"`
	Title  string `json:"title"`
	Date   string `json:"date"` // 2006-01-02
	Source string `json:"source"`
	Rows   int    `json:"rows"`
}

// maxUnknown bounds the cache of operations that the tables do not have: the
// names come from logs.
const maxUnknown = 4096

// Operation returns the operation that a record names: the service as the record
// names it, the host that served the call, the API version, the API name. The
// result is never nil: an operation that the tables do not have is judged by its
// text, service code and API name. Known ones cost no allocation. No row depends
// on the version so far.
func (t *Table) Operation(service, host, _, name string) *Operation {
	var buf [96]byte
	key := t.appendCode(buf[:0], service, host)
	code := len(key)
	key = ascii.AppendLower(append(key, ':'), name)
	if o := t.names[string(key)]; o != nil {
		return o
	}
	if o := t.actions[string(key)]; o != nil {
		return o
	}
	// The name keeps its spelling: it is what a reader of the report knows.
	key = append(key[:code+1], name...)
	if o := (*t.unknown.Load())[string(key)]; o != nil {
		return o
	}
	return t.add(string(key), code)
}

// Action returns the operation of an action in policy spelling, whatever the
// case of its letters. The result is never nil. Known ones cost no allocation.
func (t *Table) Action(action string) *Operation {
	if o := t.actions[action]; o != nil {
		return o
	}
	var buf [96]byte
	if o := t.actions[string(ascii.AppendLower(buf[:0], action))]; o != nil {
		return o
	}
	if o := (*t.unknown.Load())[action]; o != nil {
		return o
	}
	return t.add(strings.Clone(action), max(strings.IndexByte(action, ':'), 0))
}

// add makes the operation that the default rule makes of an action whose service
// code has that many bytes.
func (t *Table) add(action string, code int) *Operation {
	o := &Operation{Action: action, Service: action[:code], Name: strings.TrimPrefix(action[code:], ":")}
	if t.cloud == "huawei" {
		o = t.newAction(action)
	}
	t.adding.Lock()
	defer t.adding.Unlock()
	old := *t.unknown.Load()
	if len(old) < maxUnknown {
		m := maps.Clone(old)
		m[action] = o
		t.unknown.Store(&m)
	}
	return o
}

// appendCode appends the RAM code of a service: the one in the table for its name
// or else for the first label of its host, or else the name in lower case.
func (t *Table) appendCode(b []byte, service, host string) []byte {
	var buf [64]byte
	name := ascii.AppendLower(buf[:0], service)
	if code, ok := t.services[string(name)]; ok {
		return append(b, code...)
	}
	label := hostLabel(host)
	lower := ascii.AppendLower(name, label)[len(name):]
	if code, ok := t.services[string(lower)]; ok {
		return append(b, code...)
	}
	if service == "" {
		return append(b, lower...)
	}
	return append(b, name...)
}

// hostLabel returns what the host of an endpoint says about the service: the
// first label, without region and network ("ecs-cn-hangzhou-share").
func hostLabel(host string) string {
	label, rest, _ := strings.Cut(host, ".")
	if strings.HasPrefix(rest, "oss-") { // the bucket stands before the service
		label, _, _ = strings.Cut(rest, ".")
	}
	for _, suffix := range [...]string{"-share", "-internal", "-vpc", "-inner", "-cross"} {
		label = strings.TrimSuffix(label, suffix)
	}
	for _, area := range [...]string{"-cn-", "-ap-", "-us-", "-eu-", "-me-", "-na-"} {
		if i := strings.Index(label, area); i > 0 {
			return label[:i]
		}
	}
	return label
}

// Operations iterates over the operations that the tables have, sorted by action. What
// only traces have, such as a choice of several actions, is not among them.
func (t *Table) Operations() iter.Seq[*Operation] {
	return func(yield func(*Operation) bool) {
		for _, action := range slices.Sorted(maps.Keys(t.actions)) {
			o := t.actions[action]
			if o.Action == action && o.Known && (o.Candidates == nil || o.Candidates[0][0].Operation == o) && !yield(o) {
				return
			}
		}
	}
}

// SentBy returns the RAM code of the service whose operations are documented to
// send a condition key, "" if none is. The name is in lower case and ends before
// the first '/'. Which of the operations do, [Operation.Carries] tells.
func (t *Table) SentBy(key string) string { return t.sentBy[key] }

// SendsTags reports whether a service, by its RAM code, sends the tags of the
// resource to the policies.
func (t *Table) SendsTags(code string) bool { return !t.untagged[code] }

// KindOfType returns the kind of a type as records name it, such as
// "ACS::ECS::Instance", nil if the tables do not have it.
func (t *Table) KindOfType(typ string) *Kind {
	if k := t.types[typ]; k != nil {
		return k
	}
	var buf [64]byte
	return t.types[string(ascii.AppendLower(buf[:0], typ))]
}

// KindOfTag returns the kind that ResourceType of TagResources and its like
// means, by the RAM code of the service; nil if the tables do not have it.
func (t *Table) KindOfTag(code, typ string) *Kind {
	var buf [64]byte
	return t.tags[string(ascii.AppendLower(append(ascii.AppendLower(buf[:0], code), ':'), typ))]
}

// KindsOf returns the kinds of a service by its RAM code, the most usual
// first.
func (t *Table) KindsOf(code string) []*Kind { return t.ofCode[code] }

// Kinds iterates over all kinds, sorted by service and form of the ARN.
func (t *Table) Kinds() iter.Seq[*Kind] {
	return func(yield func(*Kind) bool) {
		for _, key := range slices.Sorted(maps.Keys(t.kinds)) {
			if !yield(t.kinds[key]) {
				return
			}
		}
	}
}

// A Service is a name by which records name a service, with its code in actions.
type Service struct {
	Name  string // in lower case
	Code  string
	Basis string // where that stands, if not on the pages that the table is made of
}

// Services returns the names of services that have a row, in the order of the rows.
func (t *Table) Services() []Service { return t.serviceRows }

// An API is an operation of a service whose action has another name.
type API struct {
	Code, Name string
	Operation  *Operation
	Basis      string // where that stands
}

// A Trace is an operation as traces of Huawei Cloud name it.
type Trace struct {
	Service, Name, Type string
	Operation           *Operation
	Basis               string // where the name stands
}

// Traces returns the operations of traces, in the order of the rows.
func (t *Table) Traces() []Trace { return t.traceRows }

// APIs returns the APIs that have a row, in the order of the rows.
func (t *Table) APIs() []API { return t.nameRows }

// Cloud returns the cloud that the table is about.
func (t *Table) Cloud() string { return t.cloud }

// Title returns what the table calls itself.
func (t *Table) Title() string { return t.title }

// Text returns the whole table as text, in the form that [Parse] reads.
func (t *Table) Text() string { return t.text }

// Hash returns the SHA-256 of the text.
func (t *Table) Hash() string {
	sum := sha256.Sum256([]byte(t.text))
	return hex.EncodeToString(sum[:])
}

// Sections returns what the table says of its sections.
func (t *Table) Sections() []Section { return t.sections }

// Rows returns how many rows there are.
func (t *Table) Rows() int {
	n := 0
	for _, s := range t.sections {
		n += s.Rows
	}
	return n
}

// Date returns the date of the newest section, as 2006-01-02.
func (t *Table) Date() string {
	date := ""
	for _, s := range t.sections {
		date = max(date, s.Date)
	}
	return date
}

// Complete reports whether the table has all actions of a service that the cloud
// publishes. The service is named by its code in actions.
func (t *Table) Complete(code string) bool { return t.complete[code] != "" }

// Published returns the section that has all published actions of a service, nil if
// none has.
func (t *Table) Published(code string) *Section {
	i := slices.IndexFunc(t.sections, func(s Section) bool { return s.Name == t.complete[code] })
	if i < 0 {
		return nil
	}
	return &t.sections[i]
}

// ConditionKeys returns the condition keys that policies of the cloud can test.
func (t *Table) ConditionKeys() *ConditionKeys { return &t.keys }
