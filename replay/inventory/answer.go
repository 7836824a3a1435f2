package inventory

import (
	"slices"
	"strings"

	"retrial/ingest/jsontext"
)

// An answerReader finds the ids of new resources in the answer to a call. It keeps
// its memory from one answer to the next.
type answerReader struct{ scan jsontext.Scanner }

// ids returns the ids that an answer names, as views of the text: those in
// InstanceIdSets, where instances are made, or else the one of a member. An
// answer that is no strict JSON names none.
func (a *answerReader) ids(text string, what *made) []string {
	s := &a.scan
	s.ResetString(text)
	s.Recycle()
	i := s.Blank(0)
	if s.At(i) != '{' {
		return nil
	}
	var sets []string
	var id string
	var o jsontext.Object
	for i = s.Begin(&o, i); i >= 0; {
		which, name, at := s.Member(&o, nil, i)
		switch i = at; {
		case which == jsontext.End && s.Blank(i) == len(text):
			if len(sets) == 0 && id != "" {
				return []string{id}
			}
			return sets
		case which == jsontext.End, i < 0:
			return nil
		case name == "InstanceIdSets" && what.kind == "instance" && s.At(i) == '{':
			sets, i = a.sets(i)
		case name == what.member && s.At(i) == '"':
			id, i = s.Text(i)
		default:
			i = s.Value(i)
		}
	}
	return nil
}

// sets returns the ids in the object InstanceIdSets that begins at i, and where
// it ends. What is no list of strings holds none.
func (a *answerReader) sets(i int) (ids []string, end int) {
	s := &a.scan
	odd := false
	var o jsontext.Object
	for i = s.Begin(&o, i); i >= 0; {
		which, name, at := s.Member(&o, nil, i)
		switch i = at; {
		case which == jsontext.End && odd:
			return nil, i
		case which == jsontext.End:
			return ids, i
		case i < 0:
		case !strings.EqualFold(name, "InstanceIdSet"):
			i = s.Value(i)
		case s.At(i) == '[':
			var whole bool
			ids, whole, i = a.list(i)
			odd = odd || !whole
		default:
			odd = true
			i = s.Value(i)
		}
	}
	return nil, jsontext.Bad
}

// list returns the strings of the array that begins at i, and where it ends;
// whole tells that it holds nothing else.
func (a *answerReader) list(i int) (list []string, whole bool, end int) {
	s := &a.scan
	whole = true
	first := true
	for i = s.BeginArray(i); i >= 0; first = false {
		at, more := s.Element(first, i)
		if !more {
			return list, whole, at
		}
		if s.At(at) != '"' {
			whole = false
			i = s.Value(at)
			continue
		}
		var id string
		id, i = s.Text(at)
		list = append(list, id)
	}
	return nil, false, jsontext.Bad
}

// jobIDs returns the ids that an answer, or the result of its job, tells of what was
// made: those of a member, of a list, or of the object itself. An answer that is no strict
// JSON names none.
func (a *answerReader) jobIDs(text string, what *traceMade) []string {
	s := &a.scan
	s.ResetString(text)
	s.Recycle()
	i := s.Blank(0)
	if s.At(i) != '{' {
		return nil
	}
	var ids []string
	if i = a.search(i, what, &ids, false); i < 0 || s.Blank(i) != len(text) {
		return nil
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// search finds ids in the value that begins at i, and returns where it ends. Of the
// object that was made, the member id is its id.
func (a *answerReader) search(i int, what *traceMade, ids *[]string, object bool) int {
	s := &a.scan
	switch s.At(i) {
	case '{':
		var o jsontext.Object
		for i = s.Begin(&o, i); i >= 0; {
			which, name, at := s.Member(&o, nil, i)
			if i = at; which == jsontext.End || i < 0 {
				return i
			}
			switch is := s.At(i); {
			case is == '"' && (name == what.member || object && name == "id"):
				var id string
				if id, i = s.Text(i); id != "" {
					*ids = append(*ids, id)
				}
			case is == '[' && name == what.list && name != "":
				var list []string
				list, _, i = a.list(i)
				*ids = append(*ids, list...)
			default:
				i = a.search(i, what, ids, is == '{' && name == what.object)
			}
		}
		return i
	case '[':
		first := true
		for i = s.BeginArray(i); i >= 0; first = false {
			at, more := s.Element(first, i)
			if !more {
				return at
			}
			i = a.search(at, what, ids, false)
		}
		return i
	}
	return s.Value(i)
}
