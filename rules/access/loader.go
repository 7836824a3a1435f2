package access

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"retrial/rules/textfile"
)

// maxFile is how long a file of a snapshot may be, in bytes.
const maxFile = 16 << 20

// A loader fills a snapshot, one account file after another.
type loader struct {
	snap     Snapshot
	read     map[string][]byte // contents by name, so that each file is read once
	accounts map[string]string // file by account
}

// load reads one account file and the documents that it names.
func (l *loader) load(file string) error {
	text, err := l.readFile(file)
	if err != nil {
		return err
	}
	root, err := parse(file, text)
	if err != nil {
		return err
	}
	a, err := readAccount(file, root)
	if err != nil {
		return err
	}
	if first, twice := l.accounts[a.id.text]; twice {
		return a.id.pos.errorf("account %s is described twice, first in %s", a.id.text, first)
	}
	l.accounts[a.id.text] = file
	return l.add(a)
}

// parse makes nodes of a file of either format.
func parse(file string, text []byte) (*node, error) {
	if !utf8.Valid(text) {
		return nil, &Error{File: file, Msg: "the file is not UTF-8 text"}
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	if strings.HasSuffix(file, ".json") {
		return parseJSON(file, text)
	}
	return parseYAML(file, text)
}

// readFile returns the contents of a file and notes it in the snapshot.
func (l *loader) readFile(name string) ([]byte, error) {
	if text, ok := l.read[name]; ok {
		return text, nil
	}
	text, err := textfile.Read(name, maxFile)
	var refused *textfile.Error
	if errors.As(err, &refused) {
		return nil, &Error{File: name, Msg: refused.Msg}
	}
	if err != nil {
		return nil, err
	}
	l.read[name] = text
	l.snap.Files = append(l.snap.Files, File{Name: name, Bytes: int64(len(text)), SHA256: digest(text)})
	return text, nil
}

func digest(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// readNamed reads a file that an account file names. Relative paths start at
// the folder of the account file.
func (l *loader) readNamed(path name) (file string, text []byte, err error) {
	file = filepath.FromSlash(path.text)
	if !filepath.IsAbs(file) {
		file = filepath.Join(filepath.Dir(path.pos.file), file)
	}
	if text, err = l.readFile(file); err == nil {
		return file, text, nil
	}
	var cause *fs.PathError
	if errors.As(err, &cause) {
		err = fmt.Errorf("%s: %w", cause.Path, cause.Err)
	}
	wrapped := path.pos.errorf("%v", err)
	if near := sibling(file); !errors.Is(err, fs.ErrNotExist) {
		return file, nil, wrapped
	} else if near != "" {
		return file, nil, wrapped.hint("did you mean %q?", near)
	}
	return file, nil, wrapped.hint("paths start at the folder of the file that names them, %s", filepath.Dir(path.pos.file))
}

// sibling returns the name of a file in the folder of a missing one that it may
// be a misspelling of, or "".
func sibling(file string) string {
	entries, err := os.ReadDir(filepath.Dir(file))
	if err != nil {
		return "" // only a hint is lost
	}
	var names []string
	for _, e := range entries {
		if !e.IsDir() {
			names = append(names, e.Name())
		}
	}
	return Nearest(filepath.Base(file), names)
}
