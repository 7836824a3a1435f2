package cts

import (
	"cmp"
	"strings"

	"retrial/ingest"
	"retrial/ingest/jsontext"
)

// outcome tells what became of the call, and of one that did not succeed why.
//
// CTS, Trace structure: a rating of normal is success, warning a failure, incident
// worse than that; a failure may well have the HTTP status 200. Not every trace
// has a status, and one of 302 is how a sign-in at the console ends.
func (d *Decoder) outcome() ingest.Outcome {
	text := &d.text
	status := httpStatus(text[code])
	rated := text[rating] != "" || text[oldRating] != ""
	normal := isNormal(text[rating]) && isNormal(text[oldRating])
	unclear := d.mistyped&(1<<rating|1<<oldRating) != 0
	switch {
	case !normal, status >= 400:
	case unclear:
		return ingest.OutcomeUnknown
	case rated, status > 0:
		return ingest.Succeeded
	}
	d.readFailure()
	if !rated && !unclear && status == 0 && !d.failure.refused {
		return ingest.OutcomeUnknown
	}
	d.ev.ErrorCode = d.failure.code
	if status >= 400 || d.ev.ErrorCode == "" && status == 0 {
		d.ev.ErrorCode = text[code]
	}
	d.ev.ErrorMessage = cmp.Or(d.failure.message, text[message])
	if status == 403 || d.failure.refused || status == 0 && d.failure.code == "403" {
		return ingest.Denied
	}
	return ingest.Failed
}

func isNormal(rating string) bool { return rating == "" || rating == "normal" }

// httpStatus returns the status that a code is, 0 if it is none.
func httpStatus(code string) int {
	if len(code) != 3 || code[0] < '1' || code[0] > '5' {
		return 0
	}
	n := 0
	for i := range len(code) {
		if code[i] < '0' || code[i] > '9' {
			return 0
		}
		n = 10*n + int(code[i]-'0')
	}
	return n
}

// A failure is what the answer says of a call that did not succeed.
type failure struct {
	code, message           string
	codeDepth, messageDepth int    // how deep they stand; the outermost count
	refused                 bool   // a text says that access control has refused the call
	action                  string // the action that it has refused, if the text tells
}

// The members of answers that tell the error, in the spellings of the services.
const (
	errorCode = iota
	errorMessage
)

var failureNames = []jsontext.Name{
	{Name: "error_code", ID: errorCode}, {Name: "errorCode", ID: errorCode}, {Name: "code", ID: errorCode},
	{Name: "error_msg", ID: errorMessage}, {Name: "errorMsg", ID: errorMessage}, {Name: "error_message", ID: errorMessage},
	{Name: "message", ID: errorMessage}, {Name: "fail_reason", ID: errorMessage},
}

// maxErrorDepth is how deep in an answer the error is looked for. Texts of
// refusals are looked for everywhere.
const maxErrorDepth = 3

// readFailure reads why the call did not succeed from wherever a trace may tell.
func (d *Decoder) readFailure() {
	if !d.search(d.text[response], 0) && d.failure.message == "" {
		d.failure.message = d.text[response]
	}
	d.search(d.text[message], maxErrorDepth)
	d.search(d.text[location], maxErrorDepth)
}

// search looks into a text, which may be JSON, and reports whether it is.
func (d *Decoder) search(text string, depth int) bool {
	d.scan.ResetString(text)
	i := d.scan.Blank(0)
	if c := d.scan.At(i); c == '{' || c == '[' {
		if i = d.failureValue(i, depth); i >= 0 && d.scan.Blank(i) == len(text) {
			return true
		}
	}
	d.refusal(text)
	return false
}

// failureValue looks into the value at i and returns where it ends.
func (d *Decoder) failureValue(i, depth int) int {
	switch d.scan.At(i) {
	case '{':
		return d.failureObject(i, depth+1)
	case '[':
		first := true
		for i = d.scan.BeginArray(i); i >= 0; first = false {
			at, more := d.scan.Element(first, i)
			if !more {
				return at
			}
			i = d.failureValue(at, depth+1)
		}
		return i
	case '"':
		text, end := d.scan.Text(i)
		if end >= 0 {
			d.refusal(text)
		}
		return end
	}
	return d.scan.Value(i)
}

func (d *Decoder) failureObject(i, depth int) int {
	var o jsontext.Object
	for i = d.scan.Begin(&o, i); i >= 0; {
		id, _, at := d.scan.Member(&o, d.names.failure, i)
		switch {
		case id == jsontext.End:
			return at
		case at < 0:
			return jsontext.Bad
		}
		if i = d.failureValue(at, depth); i < 0 || depth > maxErrorDepth {
			continue
		}
		f := &d.failure
		switch text := d.plain(at, i); {
		case text == "":
		case id == errorCode && (f.code == "" || depth < f.codeDepth):
			f.code, f.codeDepth = text, depth
		case id == errorMessage && (f.message == "" || depth < f.messageDepth):
			f.message, f.messageDepth = text, depth
		}
	}
	return jsontext.Bad
}

// plain returns the text of a string or number that ends at end, else "".
func (d *Decoder) plain(i, end int) string {
	switch c := d.scan.At(i); {
	case c == '"':
		text, _ := d.scan.Text(i)
		return text
	case c == '-', '0' <= c && c <= '9':
		return d.scan.JSON(i, end)
	}
	return ""
}

// refusal looks into a text for what services write when access control has
// refused a call: "Policy doesn't allow ACTION to be performed.", or since version
// 5 of IAM "User: NAME is not authorized to perform: ACTION on resource: …".
//
// IAM, FAQ on access denied; the first is of published issues.
func (d *Decoder) refusal(text string) {
	if _, rest, ok := strings.Cut(text, "Policy doesn"); ok {
		// The apostrophe comes in several forms.
		n := strings.Index(rest, " allow ")
		if end := strings.Index(rest, " to be performed"); 0 <= n && n < 10 && n+len(" allow ") <= end {
			d.refused(rest[n+len(" allow ") : end])
		}
	}
	if _, rest, ok := strings.Cut(text, "is not authorized to perform:"); ok {
		rest = strings.TrimLeft(rest, " ")
		if end := strings.IndexAny(rest, " \t\r\n\"'<>,;"); end >= 0 {
			rest = rest[:end]
		}
		d.refused(strings.TrimRight(rest, "."))
	}
}

// refused notes that access control has refused an action. The first text that
// tells which one counts.
func (d *Decoder) refused(action string) {
	d.failure.refused = true
	if d.failure.action == "" && isAction(action) {
		d.failure.action = action
	}
}

// maxAction is longer than any name of an action.
const maxAction = 128

func isAction(text string) bool {
	for i := range len(text) {
		c := text[i]
		if letter := c | 0x20; (letter < 'a' || letter > 'z') && (c < '0' || c > '9') && c != ':' && c != '_' && c != '-' && c != '.' {
			return false
		}
	}
	return len(text) <= maxAction && strings.Contains(text, ":")
}
