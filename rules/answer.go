package rules

import "strings"

// memberStrings appends the ids that members of that name hold in a JSON text, at
// any depth: strings and lists of strings. A text that is no JSON gives
// what can be read of it.
func memberStrings(ids []string, text, member string) []string {
	for text != "" {
		i := strings.IndexByte(text, '"')
		if i < 0 {
			break
		}
		name, rest := quoted(text[i+1:])
		text = rest
		if name != member {
			continue
		}
		rest = strings.TrimLeft(rest, " \t\r\n")
		if !strings.HasPrefix(rest, ":") {
			continue
		}
		ids, text = valueStrings(ids, strings.TrimLeft(rest[1:], " \t\r\n"))
	}
	return ids
}

// valueStrings appends the strings of a value and returns the text after them.
func valueStrings(ids []string, text string) ([]string, string) {
	if strings.HasPrefix(text, "\"") {
		id, rest := quoted(text[1:])
		return appendID(ids, id), rest
	}
	if !strings.HasPrefix(text, "[") {
		return ids, text
	}
	for text = text[1:]; ; {
		text = strings.TrimLeft(text, " \t\r\n,")
		if !strings.HasPrefix(text, "\"") {
			return ids, text
		}
		var id string
		id, text = quoted(text[1:])
		ids = appendID(ids, id)
	}
}

// quoted cuts a JSON string, whose opening quote is gone, from the text. Escapes
// stay as they are: ids have none.
func quoted(text string) (s, rest string) {
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return text[:i], text[i+1:]
		}
	}
	return text, ""
}
