// Package html writes a report as one self-contained page: no network, no
// inline styles, log text only as escaped text. What is shown is a function of
// the [report.Results] alone, so the same results give the same bytes.
//
// A page never grows beyond its budget. The parts around the findings have lists
// of bounded length and are rendered first. Of what is left the packed columns of the
// findings get the greater part, gravest first: the script lists, searches and sorts
// them ([listing]). The rest goes to the findings as everybody can read them, on paper
// and without a script. Samples and excerpts go before findings do, and what is left
// out is counted at the top of the section with the file that holds it.
package html

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"

	"retrial/report"
)

// DefaultMaxBytes is the size that a page has at most unless told otherwise: five
// megabytes, as mail gateways and people count them.
const DefaultMaxBytes = 5_000_000

// MinBytes is the least that a page can be held to: its fixed parts, with all
// lists at their shortest, always fit.
const MinBytes = 384 << 10

// Options are the choices of a page. The zero value is the default.
type Options struct {
	MaxBytes int64  // of the page; if zero, DefaultMaxBytes; at least MinBytes
	Title    string // if empty, "Access report"
	Version  string // of the program, for the provenance; may be empty
}

//go:embed page.css early.js page.js *.tmpl
var files embed.FS

var (
	pageCSS, cssHash = asset("page.css")
	pageJS, jsHash   = asset("page.js")
	earlyJS, nowHash = asset("early.js")

	templates = template.Must(template.New("").Funcs(funcs).ParseFS(files, "*.tmpl"))
)

// asset returns an embedded file and its hash as content-security-policy
// spells it.
func asset(name string) (text, hash string) {
	b, err := files.ReadFile(name)
	if err != nil {
		panic(err) // embedded at build time
	}
	sum := sha256.Sum256(b)
	return string(b), "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// contentPolicy is the content-security-policy of a page. The icon is the only data URL.
var contentPolicy = fmt.Sprintf("default-src 'none'; style-src '%s'; script-src '%s' '%s'; img-src data:; "+
	"base-uri 'none'; form-action 'none'", cssHash, nowHash, jsHash)

// Write writes the page of r to w, in at most o.MaxBytes bytes. It reads no
// more of r.Rows and r.Rejects than it shows and does not use r.Calls. A budget below
// [MinBytes] is an error, and nothing is written; other errors are those of w.
func Write(w io.Writer, r *report.Results, o Options) error {
	p := newPage(w, r, o)
	if r.Rows != nil {
		for f := range r.Rows {
			if err := p.Write(f); err != nil {
				return err
			}
			if p.list.full {
				break
			}
		}
	}
	return p.Close()
}

// New returns a writer of the page of r: it is given all findings in report order, so
// that other files can be made of them in the same pass, and writes the page to w when
// it is closed. Errors are as those of [Write].
func New(w io.Writer, r *report.Results, o Options) report.Writer[*report.Finding] {
	return newPage(w, r, o)
}

// A page is a page in the making: around what is in it of all findings.
type page struct {
	w       io.Writer
	results *report.Results
	frame   *frame
	left    int64 // bytes that the frame leaves
	list    *listing
	never   *never
	err     error
}

func newPage(w io.Writer, r *report.Results, o Options) *page {
	p := &page{w: w, results: r, never: newNever(&r.Summary)}
	budget := cmp.Or(o.MaxBytes, DefaultMaxBytes)
	if budget < MinBytes {
		p.err = fmt.Errorf("html page of at most %d bytes: want at least %d", budget, MinBytes)
		return p
	}
	if p.frame, p.err = newFrame(r, o, budget); p.err == nil {
		p.left = budget - p.frame.size() - neverReserve
		p.list = newListing(p.left * 7 / 10)
	}
	return p
}

// Write adds a finding to the list, while there is room.
func (p *page) Write(f *report.Finding) error {
	if p.err == nil && !p.list.full {
		p.never.see(f)
		p.err = p.list.add(f)
	}
	return p.err
}

// Close writes the page.
func (p *page) Close() error {
	if p.err == nil {
		p.err = p.list.flush()
	}
	if p.err != nil {
		return p.err
	}
	found, err := newFindings(p.results, p.list, p.left-p.list.size())
	if err != nil {
		return err
	}
	idle, err := render("never", p.never)
	if err != nil {
		return err
	}
	out := &output{w: p.w}
	out.put(p.frame.top, found.head)
	found.write(out)
	out.put(p.frame.middle, idle, p.frame.bottom)
	p.list.write(out)
	out.put(p.frame.tail)
	return out.err
}

// An output keeps the first error of its writer.
type output struct {
	w   io.Writer
	err error
}

func (o *output) put(parts ...[]byte) {
	for _, part := range parts {
		if o.err == nil {
			_, o.err = o.w.Write(part)
		}
	}
}

// neverReserve is room for the section about unused grants.
const neverReserve = 32 << 10

// A frame is the page around the findings, in the order of the page.
type frame struct {
	top, middle, bottom, tail []byte
}

func (f *frame) size() int64 {
	return int64(len(f.top) + len(f.middle) + len(f.bottom) + len(f.tail))
}

// Limits bound the lists of the frame.
type limits struct {
	rows  int // of a table
	cells int // of each side of the heat map
	bins  int // of the timeline
}

// newFrame renders the frame with the longest lists that leave half of the
// budget to the findings.
func newFrame(r *report.Results, o Options, budget int64) (*frame, error) {
	for _, l := range []limits{{250, 40, 400}, {60, 20, 120}, {12, 8, 40}, {3, 3, 10}} {
		v := newView(r, o, l)
		f := &frame{}
		for name, part := range map[string]*[]byte{"top": &f.top, "middle": &f.middle, "bottom": &f.bottom, "tail": &f.tail} {
			var err error
			if *part, err = render(name, v); err != nil {
				return nil, err
			}
		}
		if f.size() <= budget/2 {
			return f, nil
		}
	}
	return nil, fmt.Errorf("html page of at most %d bytes: too small for its fixed parts", budget)
}

func render(name string, data any) ([]byte, error) {
	var b bytes.Buffer
	err := templates.ExecuteTemplate(&b, name, data)
	return b.Bytes(), err
}
