//go:build !amd64 || purego

package jsontext

import "unsafe"

func markBlocks(marks, text *byte, blocks int) {
	markBlocksGo(unsafe.Slice(marks, 8*blocks), unsafe.Slice(text, 64*blocks))
}
