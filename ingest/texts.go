package ingest

import "unsafe"

// A chunkText is where the text of a chunk lies in memory. Most texts of its events
// lie there, and a scan makes some fifty views of them per event.
type chunkText struct {
	base  uintptr
	size  uintptr
	limit uintptr // a text that begins before it has maxInline bytes of the chunk
}

func (b *Builder) chunkText() chunkText {
	t := chunkText{base: uintptr(unsafe.Pointer(unsafe.SliceData(b.text))), size: uintptr(len(b.text))}
	t.limit = max(t.size, maxInline) - maxInline
	return t
}

// addTexts adds a row to the text columns.
func (b *Builder) addTexts(e *Event) {
	in := b.chunkText()
	row := b.texts.row()
	views, room := b.texts.views, b.texts.room
	for _, field := range textFields {
		s := *field.of(e)
		v := &views[row]
		row += room
		if len(s) == 0 {
			*v = view{}
			continue
		}
		// This is Builder.view, for what lies in the chunk without a call.
		if at := uintptr(unsafe.Pointer(unsafe.StringData(s))) - in.base; at >= in.limit {
			*v = b.view(s)
		} else if len(s) <= maxInline {
			*v = short(s)
		} else if at+uintptr(len(s)) <= in.size {
			*v = refer(s, inText, uint32(at))
		} else {
			*v = b.view(s)
		}
	}
}

// addParams adds the list of parameters of a row.
func (b *Builder) addParams(params []Param) {
	names, values, kinds := b.list(colParamName).more(len(params)), b.list(colParamValue).more(len(params)), b.paramKinds.more(len(params))
	if len(params) > 0 {
		b.addEach(names, &params[0].Name)
		b.addEach(values, &params[0].Value)
	}
	for i := range kinds {
		kinds[i] = uint8(params[i].Kind)
	}
	b.paramEnds.add(int32(b.paramKinds.len()))
}

// addEach sets views to those of a field of each of a list of parameters, given that
// field of the first.
func (b *Builder) addEach(views []view, first *string) {
	in := b.chunkText()
	for i := range views {
		s := *(*string)(unsafe.Add(unsafe.Pointer(first), uintptr(i)*unsafe.Sizeof(Param{})))
		if at := uintptr(unsafe.Pointer(unsafe.StringData(s))) - in.base; at >= in.limit {
			views[i] = b.view(s)
		} else if len(s) <= maxInline {
			views[i] = short(s)
		} else if at+uintptr(len(s)) <= in.size {
			views[i] = refer(s, inText, uint32(at))
		} else {
			views[i] = b.view(s)
		}
	}
}

// list returns a column of the lists of parameters and references.
func (b *Builder) list(col int) *column[view] { return &b.lists[col-numText] }

// view returns a view of s: of s itself if it is short, of its place in the text of
// the chunk if it lies there, of a copy elsewise.
func (b *Builder) view(s string) view {
	if len(s) == 0 {
		return view{} // most fields of most events
	}
	if len(s) <= maxInline {
		return inline(s)
	}
	if off, ok := within(b.text, s); ok {
		return refer(s, inText, uint32(off))
	}
	v := refer(s, inCopied, uint32(b.copied.len()))
	b.copied.addAll(unsafe.Slice(unsafe.StringData(s), len(s)))
	return v
}

// within returns the place of s in text if s points into it.
func within(text []byte, s string) (int, bool) {
	base, at := uintptr(unsafe.Pointer(unsafe.SliceData(text))), uintptr(unsafe.Pointer(unsafe.StringData(s)))
	if at < base || at+uintptr(len(s)) > base+uintptr(len(text)) {
		return 0, false
	}
	return int(at - base), true
}
