// Package access reads an access snapshot: a folder that says who holds which
// policies now, one file per account beside the policy documents as the cloud
// stores them.
//
// A file that cannot be taken at its word stops the load with an [Error] that
// names file, line and column: an unknown field or policy, a name defined twice,
// a missing document. A policy document that cannot be read with certainty does
// not: its doubts travel with the [policy.Policy], and decisions that could
// depend on it become indeterminate.
package access

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"retrial/rules/policy"
)

// A Snapshot is what a folder says. Slices are in the order of the files, which
// are read by name, and of what stands in them.
type Snapshot struct {
	Accounts   []policy.Account
	Principals []Principal
	Documents  []Document
	Missing    []MissingRole // of roles that have no effect
	Files      []File        // every file that was read, sorted by name
}

// A Principal is a user, role or agency of an account, with what the evaluation does
// not need of it.
type Principal struct {
	Account string
	Name    string // canonical: "acs:ram::123:user/alice", "huawei:domain/123/user/alice"
	ID      string // as the cloud gave it; "" if the snapshot does not tell
	Created time.Time
	Groups  []string // names of the groups of a user
}

// A Document is one policy document as an account uses it. A built-in one is
// listed only by accounts that use it.
type Document struct {
	Account string
	Name    string // of the policy; "trust policy of ROLE", "bucket policy of BUCKET"
	File    string // "" if built in
	Text    string
	SHA256  string // of Text, hexadecimal
	Policy  *policy.Policy
	BuiltIn bool
	Dated   string // of a built-in one: date of its content and where it stands
}

// A File is one file of the snapshot.
type File struct {
	Name   string // as given, joined to the folder
	Bytes  int64
	SHA256 string // hexadecimal
}

var suffixes = [...]string{".access.yaml", ".access.yml", ".access.json"}

// Load reads the access snapshot in a folder. Errors about what the files say
// are [*Error]s.
func Load(dir string) (*Snapshot, error) {
	names, err := accountFiles(dir)
	if err != nil {
		return nil, err
	}
	l := loader{read: map[string][]byte{}, accounts: map[string]string{}}
	for _, name := range names {
		if err := l.load(name); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(l.snap.Files, func(a, b File) int { return cmp.Compare(a.Name, b.Name) })
	return &l.snap, nil
}

// accountFiles returns the files of the folder that describe an account, sorted.
func accountFiles(dir string) ([]string, error) {
	if st, err := os.Stat(dir); err != nil {
		return nil, err
	} else if !st.IsDir() {
		return nil, &Error{File: dir, Msg: "an access snapshot is a folder", Hint: "name the folder that holds the file"}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	hint := `an access snapshot holds one file an account, such as "1234567890123456.access.yaml"`
	for _, e := range entries {
		name := e.Name()
		if slices.ContainsFunc(suffixes[:], func(s string) bool { return strings.HasSuffix(name, s) }) {
			names = append(names, filepath.Join(dir, name))
		} else if ext := filepath.Ext(name); ext == ".yaml" || ext == ".yml" {
			hint = "if " + quote(name) + " describes an account, name it " + quote(strings.TrimSuffix(name, ext)+".access"+ext)
		}
	}
	if len(names) == 0 {
		return nil, &Error{File: dir, Msg: "no *.access.yaml, *.access.yml or *.access.json in the folder", Hint: hint}
	}
	return names, nil
}
