package report

import (
	"strconv"
	"time"
	"unicode/utf8"
)

func (f *Finding) appendJSON(b []byte) []byte {
	b = appendText(append(b, `{"finding_id":`...), f.ID)
	b = appendText(append(b, `,"rule":`...), f.Rule)
	b = appendText(append(b, `,"kind":`...), f.Kind)
	b = appendText(append(b, `,"severity":`...), f.Severity)
	b = appendText(append(b, `,"title":`...), f.Title)
	b = appendText(append(b, `,"cloud":`...), f.Cloud)
	b = appendText(append(b, `,"account":`...), f.Account)
	b = appendText(append(b, `,"principal_type":`...), f.PrincipalType)
	b = appendText(append(b, `,"principal":`...), f.Principal)
	b = appendText(append(b, `,"action":`...), f.Action)
	b = appendText(append(b, `,"resource":`...), f.Resource)
	b = appendText(append(b, `,"decision":`...), f.Decision)
	b = appendText(append(b, `,"recorded":`...), f.Recorded)
	b = appendText(append(b, `,"layer":`...), f.Layer)
	b = appendText(append(b, `,"policy":`...), f.Policy)
	b = append(b, `,"statement":`...)
	if f.Statement == nil {
		b = append(b, "null"...)
	} else {
		b = strconv.AppendInt(b, int64(*f.Statement), 10)
	}
	b = appendList(append(b, `,"missing_keys":`...), f.MissingKeys, appendText)
	b = appendText(append(b, `,"detail":`...), f.Detail)
	b = strconv.AppendInt(append(b, `,"calls":`...), f.Calls, 10)
	b = appendTime(append(b, `,"first_seen":`...), f.FirstSeen)
	b = appendTime(append(b, `,"last_seen":`...), f.LastSeen)
	b = appendList(append(b, `,"regions":`...), f.Regions, appendText)
	b = appendList(append(b, `,"source_ips":`...), f.SourceIPs, appendText)
	b = appendList(append(b, `,"sample_event_ids":`...), f.SampleEventIDs, appendText)
	b = appendText(append(b, `,"status":`...), f.Status)
	b = appendText(append(b, `,"muted":`...), f.Muted)
	b = appendText(append(b, `,"remediation":`...), f.Remediation)
	b = appendList(append(b, `,"compliance":`...), f.Compliance, appendText)
	b = appendText(append(b, `,"certainty":`...), f.Certainty)
	b = appendList(append(b, `,"trace":`...), f.Trace, appendStep)
	b = appendList(append(b, `,"samples":`...), f.Samples, appendCall)
	b = appendList(append(b, `,"missing":`...), f.Missing, appendFact)
	b = appendText(append(b, `,"suggestion":`...), f.Suggestion)
	b = strconv.AppendInt(append(b, `,"schema":`...), int64(f.Schema), 10)
	return append(b, '}')
}

func appendStep(b []byte, s TraceStep) []byte {
	b = appendText(append(b, `{"layer":`...), s.Layer)
	b = appendText(append(b, `,"policy":`...), s.Policy)
	b = strconv.AppendInt(append(b, `,"statement":`...), int64(s.Statement), 10)
	b = strconv.AppendInt(append(b, `,"line":`...), int64(s.Line), 10)
	b = appendText(append(b, `,"effect":`...), s.Effect)
	b = appendText(append(b, `,"state":`...), s.State)
	b = appendText(append(b, `,"cause":`...), s.Cause)
	b = appendText(append(b, `,"reason":`...), s.Reason)
	b = appendText(append(b, `,"text":`...), s.Text)
	return append(b, '}')
}

func appendFact(b []byte, f MissingFact) []byte {
	b = appendText(append(b, `{"key":`...), f.Key)
	b = appendText(append(b, `,"hint":`...), f.Hint)
	b = appendList(append(b, `,"settles":`...), f.Settles, appendSettling)
	return append(b, '}')
}

func appendSettling(b []byte, s Settling) []byte {
	b = appendText(append(b, `{"presence":`...), s.Presence)
	b = appendList(append(b, `,"values":`...), s.Values, appendText)
	b = strconv.AppendBool(append(b, `,"other":`...), s.Other)
	b = appendText(append(b, `,"decision":`...), s.Decision)
	return append(b, '}')
}

func appendCall(b []byte, c Call) []byte { return c.appendJSON(b) }

func (c Call) appendJSON(b []byte) []byte {
	b = appendText(append(b, `{"event_id":`...), c.EventID)
	b = appendTime(append(b, `,"event_time":`...), c.EventTime)
	b = appendText(append(b, `,"file":`...), c.File)
	b = strconv.AppendInt(append(b, `,"row":`...), c.Row, 10)
	b = appendText(append(b, `,"resource":`...), c.Resource)
	b = appendText(append(b, `,"recorded":`...), c.Recorded)
	b = appendText(append(b, `,"error_code":`...), c.ErrorCode)
	b = appendText(append(b, `,"source_ip":`...), c.SourceIP)
	b = appendText(append(b, `,"user_agent":`...), c.UserAgent)
	b = appendText(append(b, `,"region":`...), c.Region)
	b = appendText(append(b, `,"detail":`...), c.Detail)
	b = strconv.AppendInt(append(b, `,"offset":`...), c.Offset, 10)
	return append(b, '}')
}

func (r Reject) appendJSON(b []byte) []byte {
	b = appendText(append(b, `{"file":`...), r.File)
	b = strconv.AppendInt(append(b, `,"row":`...), r.Row, 10)
	b = strconv.AppendInt(append(b, `,"offset":`...), r.Offset, 10)
	b = strconv.AppendInt(append(b, `,"length":`...), r.Length, 10)
	b = appendText(append(b, `,"reason":`...), r.Reason)
	b = appendText(append(b, `,"detail":`...), r.Detail)
	return append(b, '}')
}

// appendList appends an array; a list that is nil is null.
func appendList[T any](b []byte, list []T, item func([]byte, T) []byte) []byte {
	if list == nil {
		return append(b, "null"...)
	}
	b = append(b, '[')
	for i := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = item(b, list[i])
	}
	return append(b, ']')
}

// appendTime appends a time, or null. That of a call is between the years 1678 and
// 2262, which RFC 3339 can tell.
func appendTime(b []byte, t *time.Time) []byte {
	if t == nil {
		return append(b, "null"...)
	}
	b = t.AppendFormat(append(b, '"'), time.RFC3339Nano)
	return append(b, '"')
}

// asIs tells the bytes that stand in a string as they are.
var asIs = func() (as [256]bool) {
	for c := ' '; c < utf8.RuneSelf; c++ {
		as[c] = c != '"' && c != '\\' && c != '<' && c != '>' && c != '&' // as encoding/json has it, for HTML
	}
	return as
}()

// appendText appends a string.
func appendText(b []byte, s string) []byte {
	b = append(b, '"')
	for {
		n := 0
		for n < len(s) && asIs[s[n]] {
			n++
		}
		b = append(b, s[:n]...)
		if s = s[n:]; s == "" {
			return append(b, '"')
		}
		b, n = appendOdd(b, s)
		s = s[n:]
	}
}

// appendOdd appends the first character of s, which may not stand as it is, and
// returns its length in s.
func appendOdd(b []byte, s string) ([]byte, int) {
	if s[0] < utf8.RuneSelf {
		return appendEscape(b, s[0]), 1
	}
	r, n := utf8.DecodeRuneInString(s)
	switch {
	case r == utf8.RuneError && n == 1:
		return append(b, `\ufffd`...), n
	case r == '\u2028':
		return append(b, `\u2028`...), n // a line end in JavaScript
	case r == '\u2029':
		return append(b, `\u2029`...), n
	}
	return append(b, s[:n]...), n
}

func appendEscape(b []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(b, '\\', c)
	case '\b':
		return append(b, `\b`...)
	case '\f':
		return append(b, `\f`...)
	case '\n':
		return append(b, `\n`...)
	case '\r':
		return append(b, `\r`...)
	case '\t':
		return append(b, `\t`...)
	}
	const hex = "0123456789abcdef"
	return append(append(b, `\u00`...), hex[c>>4], hex[c&15])
}
