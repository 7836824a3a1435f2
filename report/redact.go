package report

import (
	"regexp"
	"strings"
)

// redacted stands for a secret.
const redacted = "[redacted]"

// secretKey matches the names of values that are secrets, at the end of a longer
// name too: DBPassword, x-oss-security-token, UserData.
const secretKey = `[\w.-]*(?:password|passwd|passphrase|pwd|secret(?:_?(?:value|data|string|text))?|token|credentials?|signature|authorization|cookie|` +
	`private[_-]?key|api[_-]?key|user[_-]?data|command[_-]?content)|[\w.-]*access[_-]?key(?:[_-]?secret)?|pass|sk|ak|sig|sign`

var (
	// secretName matches the name of a secret up to its value, as in URLs, connection
	// strings, headers, lists and JSON, the last also where it stands escaped in a string.
	// Percent-encoded, as one URL within another, it looks different again.
	secretName = regexp.MustCompile(`(?i)(?:^|[^\w.-]|%[0-9a-f]{2})(?:` + secretKey + `)\\*["']?(?:[\s\p{Z}]*(?:=>|=|:|\\u003d)(?:[\s\p{Z}]|\\+[nrt])*|(?:%22)?%3[ad](?:%22|%20)*|>)`)

	// secretFlag matches the flag of a command line up to its value: --password hunter2.
	secretFlag = regexp.MustCompile(`(?i)(?:^|[\s/])--?(?:` + secretKey + `)\s+`)

	// secretPair matches an element of a list of names and values, from either end.
	secretPair = regexp.MustCompile(`(?i)\\*["']?\b(?:key|name)\\*["']?\s*[=:]\s*\\*["']?(?:` + secretKey + `)\\*["']?\s*[,;&]\s*(?:[\w.]+\.)?\\*["']?value\\*["']?\s*[=:]\s*`)
	secretBack = regexp.MustCompile(`(?i)(\bvalue\\*["']?\s*[=:]\s*\\*["']?)[^"'\\,;&{}]+(\\*["']?\s*[,;&]\s*(?:[\w.]+\.)?\\*["']?(?:key|name)\\*["']?\s*[=:]\s*\\*["']?(?:` + secretKey + `)(?:[^\w.-]|$))`)

	// privateKey matches a key in PEM, to its end or that of the text.
	privateKey = regexp.MustCompile(`(?s)(-----BEGIN [A-Z ]*PRIVATE KEY-----).*?(-----END|$)`)

	// secretValue matches a value at the start of a text.
	secretValue = regexp.MustCompile(`(?i)^(?:(\\*)"(?:[^"\\]|\\[^"])*|'[^']*|(?:Bearer|Basic)\s+[^\s"',;&]+|(?:\\u00[0-9a-f]{2})?[^\s"'&;,)}\]\\]+)`)

	// userInfo matches the password in a URL.
	userInfo = regexp.MustCompile(`(://[^/\s:@]*:)[^/\s?#]+(@)`)

	// bearer matches a token without a name.
	bearer = regexp.MustCompile(`(?i)\b(bearer|basic)\s+[A-Za-z0-9+/_=.-]{8,}`)

	// accessKey matches AccessKey ids: long-lived, of a role session, temporary.
	accessKey = regexp.MustCompile(`\b(LTAI|STS\.|TMP\.)[A-Za-z0-9]{8,}`)
)

// mayHold lists what a text with a secret in it holds, in lower case.
var mayHold = []string{"pass", "pwd", "secret", "token", "credential", "sign", "authorization", "cookie", "key", "data", "content",
	"sk", "ak", "sig", "://", "bearer", "basic", "ltai", "sts.", "tmp."}

// Redact returns s without secrets: values of keys such as password, secret,
// token, user data and command content, in any of the forms in which they are met;
// passwords and signatures in URLs; AccessKey ids but for their first and last
// four characters. What is not a secret by its name or shape stays as it is.
func Redact(s string) string {
	if harmless(s) {
		return s
	}
	lower := strings.ToLower(s)
	suspect := false
	for _, m := range mayHold {
		suspect = suspect || strings.Contains(lower, m)
	}
	if !suspect {
		return s
	}
	s = userInfo.ReplaceAllString(s, "${1}"+redacted+"${2}")
	s = privateKey.ReplaceAllString(s, "${1}"+redacted+"${2}")
	s = secretBack.ReplaceAllString(s, "${1}"+redacted+"${2}")
	for _, name := range []*regexp.Regexp{secretPair, secretFlag, secretName} {
		s = redactValues(s, name)
	}
	s = bearer.ReplaceAllString(s, "$1 "+redacted)
	return accessKey.ReplaceAllStringFunc(s, func(id string) string { return id[:4] + "****" + id[len(id)-4:] })
}

// What a byte of a text may be part of.
const (
	leadsToValue uint8 = 1 << iota // nothing is matched without one of these
	notInARN                       // beside a value, as in a query
	mayBeginKey
)

// roles tells what each byte may be part of.
var roles = func() (roles [256]uint8) {
	for role, bytes := range map[uint8]string{
		leadsToValue: "=:%> \t\n\v\f\r",
		notInARN:     "=?&@%> \t\n\"'\\",
		mayBeginKey:  "LST",
	} {
		for i := range len(bytes) {
			roles[bytes[i]] |= role
		}
	}
	return roles
}()

// harmless reports in one pass that s, like most texts, has nothing that leads to a
// secret, or is the name of a resource in which no value stands after the name of one.
func harmless(s string) bool {
	var seen uint8
	colons := 0
	for i := range len(s) {
		role := roles[s[i]]
		if role == 0 {
			continue
		}
		if seen |= role; s[i] == ':' {
			colons++
		}
		if role&mayBeginKey != 0 && beginsKey(s[i:]) {
			return false
		}
	}
	return seen&leadsToValue == 0 || seen&notInARN == 0 && colons == 4 && strings.HasPrefix(s, "acs:")
}

// beginsKey reports whether s may begin with an AccessKey id.
func beginsKey(s string) bool {
	return strings.HasPrefix(s, "LTAI") || strings.HasPrefix(s, "STS.") || strings.HasPrefix(s, "TMP.")
}

// valueAt returns the value at the start of s. A JSON array or object is one as a
// whole, up to its last bracket.
func valueAt(s string) string {
	if s == "" || s[0] != '[' && s[0] != '{' || strings.HasPrefix(s, redacted) {
		return secretValue.FindString(s)
	}
	depth := 0
	for i := range len(s) {
		switch s[i] {
		case '[', '{':
			depth++
		case ']', '}':
			if depth--; depth == 0 {
				return s[:i+1]
			}
		}
	}
	return s
}

// redactValues replaces the values of what is named as a secret. Names are looked
// for within values too: nobody tells where a broken text ends.
func redactValues(s string, name *regexp.Regexp) string {
	var b strings.Builder
	done := 0 // s[:done] is in b
	for _, at := range name.FindAllStringIndex(s, -1) {
		start := at[1]
		value := valueAt(s[start:])
		if start+len(value) <= done || value == "" {
			continue
		}
		if id := strings.Trim(value, `\"'`); accessKey.FindString(id) == id {
			continue // an AccessKey id keeps its ends
		}
		open := value[:len(value)-len(strings.TrimLeft(value, `\"'`))]
		if start < done {
			open = "" // within a value that is gone already
		}
		b.WriteString(s[done:max(start, done)] + open)
		if start >= done {
			b.WriteString(redacted)
		}
		done = start + len(value)
		// The escape of the closing quote of an escaped string stays.
		if strings.HasPrefix(open, `\`) && strings.HasSuffix(value, `\`) {
			done--
		}
	}
	return b.String() + s[done:]
}
