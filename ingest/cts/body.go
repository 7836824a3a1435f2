package cts

import (
	"cmp"
	"strings"
)

// requestObject reads a request that is no text.
func (d *Decoder) requestObject(i int) int {
	switch d.scan.At(i) {
	case '{':
		d.scan.Expect(d.text[operation], request)
		return d.scan.Params(i)
	case 'n':
		return d.scan.Value(i)
	}
	// What another type says about the parameters cannot be known.
	d.ev.Truncated = true
	return d.scan.Value(i)
}

// requestText reads the parameters from a request that is text. What is no JSON
// object may say anything about the parameters.
func (d *Decoder) requestText() {
	text := strings.Trim(d.text[request], " \t\r\n")
	if text == "" || text == "null" {
		return
	}
	d.scan.Expect(d.text[operation], request)
	if !d.scan.ParamsOf(text) {
		d.ev.Params, d.ev.Truncated = d.ev.Params[:0], true
	}
}

// responseText reads the answer: the text of it, and the job that it names.
func (d *Decoder) responseText() {
	text := d.text[response]
	if text == "null" {
		return
	}
	d.ev.Response = text
	d.scan.ResetString(text)
	if i := d.scan.Blank(0); d.scan.At(i) == '{' {
		d.scan.Expect(d.text[operation], response)
		if i = d.scan.Known(d.names.answer, d.answer[:], d.skip, i); i < 0 {
			d.answer[0] = ""
		}
	}
	d.ev.Job = d.job()
}

// job returns what the traces of one call share if the call goes on after its
// answer: CTS then records the answer and, minutes later, the result. Both answers
// name the job, and the later trace has its id for request_id (INFERRED from
// published traces).
func (d *Decoder) job() string {
	if job := said(d.answer[0]); job != "" {
		return job
	}
	job, _ := d.ev.Param("job_id")
	return cmp.Or(said(job), d.ev.RequestID)
}
