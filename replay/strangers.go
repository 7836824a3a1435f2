package replay

import (
	"maps"
	"slices"
	"strings"
)

// Strangers counts the records of accounts that no access snapshot is about, by account.
// A log may name any number of them: the first by name are kept, which every part of a
// log counts in full, whatever comes after them.
type Strangers map[string]*int64

// maxAccounts is how many of them are kept.
const maxAccounts = 32

func (s Strangers) add(account string, n int64) {
	if sum, known := s[account]; known {
		*sum += n // to assign to the key would keep account, which lies in a batch
		return
	}
	if len(s) == maxAccounts {
		last := slices.Max(slices.Collect(maps.Keys(s)))
		if account > last {
			return
		}
		delete(s, last)
	}
	s[strings.Clone(account)] = &n
}

func (s Strangers) merge(o Strangers) {
	for account, n := range o {
		s.add(account, *n)
	}
}
