package report

import (
	"regexp"
	"strings"
)

// redacted stands for a secret.
const redacted = "[redacted]"

// secretKey matches the names of values that are secrets, at the end of a longer
// name too: DBPassword, x-oss-security-token, UserData.
const secretKey = `[\w.-]*(?:password|passwd|passphrase|pwd|secret|token|credentials?|signature|authorization|private_?key|api_?key|user_?data|command_?content)|[\w.-]*access_?key(?:_?secret)?|sk|ak|sig|sign`

var (
	// secretName matches the name of a secret up to its value, as in URLs, connection
	// strings, headers, lists and JSON, the last also where it stands escaped in a string.
	secretName = regexp.MustCompile(`(?i)(?:^|[^\w.-])(?:` + secretKey + `)\\*["']?\s*(?:=>|=|:)\s*`)

	// secretValue matches a value at the start of a text.
	secretValue = regexp.MustCompile(`(?i)^(?:(\\*)"(?:[^"\\]|\\[^"])*|'[^']*|(?:Bearer|Basic)\s+[^\s"',;&]+|[^\s"'&;,)}\]\\]+)`)

	// userInfo matches the password in a URL.
	userInfo = regexp.MustCompile(`(://[^/\s:@]*:)[^/\s@]+(@)`)

	// bearer matches a token without a name.
	bearer = regexp.MustCompile(`(?i)\b(bearer|basic)\s+[A-Za-z0-9+/_=.-]{8,}`)

	// accessKey matches AccessKey ids: long-lived, of a role session, temporary.
	accessKey = regexp.MustCompile(`\b(LTAI|STS\.|TMP\.)[A-Za-z0-9]{8,}`)
)

// mayHold lists what a text with a secret in it holds, in lower case.
var mayHold = []string{"pass", "pwd", "secret", "token", "credential", "sign", "authorization", "key", "data", "content",
	"sk", "ak", "sig", "://", "bearer", "basic", "ltai", "sts.", "tmp."}

// Redact returns s without secrets: values of keys such as password, secret,
// token, user data and command content, in any of the forms in which they are met;
// passwords and signatures in URLs; AccessKey ids but for their first and last
// four characters. What is not a secret by its name or shape stays as it is.
func Redact(s string) string {
	// Nothing is matched without one of these.
	if !strings.ContainsAny(s, "=: \t\n\v\f\r") && !mayHoldKey(s) || isARN(s) {
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
	s = redactValues(s)
	s = bearer.ReplaceAllString(s, "$1 "+redacted)
	return accessKey.ReplaceAllStringFunc(s, func(id string) string { return id[:4] + "****" + id[len(id)-4:] })
}

// isARN reports whether s is the name of a resource in which no value stands
// after the name of a secret.
func isARN(s string) bool {
	return strings.HasPrefix(s, "acs:") && strings.Count(s, ":") == 4 && !strings.ContainsAny(s, "=?&@ \t\n\"'\\") &&
		!mayHoldKey(s)
}

// mayHoldKey reports whether s may hold an AccessKey id.
func mayHoldKey(s string) bool {
	return strings.Contains(s, "LTAI") || strings.Contains(s, "STS.") || strings.Contains(s, "TMP.")
}

// redactValues replaces the values of what is named as a secret. Names are looked
// for within values too: nobody tells where a broken text ends.
func redactValues(s string) string {
	var b strings.Builder
	done := 0 // s[:done] is in b
	for _, at := range secretName.FindAllStringIndex(s, -1) {
		start := at[1]
		value := secretValue.FindString(s[start:])
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
