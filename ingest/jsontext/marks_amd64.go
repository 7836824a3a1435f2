//go:build !purego

package jsontext

// markBlocks is markBlocksGo with SSE2, which every amd64 has.
//
//go:noescape
func markBlocks(marks, text *byte, blocks int)
