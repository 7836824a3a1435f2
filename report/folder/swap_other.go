//go:build !linux

package folder

// swap exchanges two folders as far as the system can.
func swap(dir, out string) error { return replace(dir, out) }
