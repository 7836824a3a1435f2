package folder

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// swap exchanges two folders in one step.
func swap(dir, out string) error {
	err := unix.Renameat2(unix.AT_FDCWD, dir, unix.AT_FDCWD, out, unix.RENAME_EXCHANGE)
	if errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EINVAL) {
		return replace(dir, out) // a kernel or file system that cannot
	}
	if err != nil {
		return &os.LinkError{Op: "exchange", Old: dir, New: out, Err: err}
	}
	return nil
}
