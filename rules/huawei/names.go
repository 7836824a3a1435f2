package huawei

import (
	_ "embed"
	"fmt"
	"strings"

	"retrial/rules/policy"
)

//go:embed names.tsv
var namesTable string

//go:embed enterprise.tsv
var enterpriseTable string

// names returns the other names of actions. An action has the old name of its own as
// another name, and an old name that of the action that it stands for. An old name
// may stand for several actions; which one a call that is recorded under it was, nobody
// knows.
func names() map[string]policy.Names {
	all := map[string]policy.Names{}
	actions := map[string][]string{} // by old name
	for _, row := range rows(namesTable) {
		action, old := row[0], row[1]
		n := all[action]
		n.Same = append(n.Same, old)
		all[action] = n
		actions[old] = append(actions[old], action)
	}
	for old, list := range actions {
		n := all[old]
		if len(list) == 1 {
			n.Same = append(n.Same, list...)
		} else {
			n.Perhaps = append(n.Perhaps, list...)
		}
		all[old] = n
	}
	return all
}

func enterpriseActions() map[string]bool {
	all := map[string]bool{}
	for _, row := range rows(enterpriseTable) {
		all[row[0]] = row[1] == "yes"
	}
	return all
}

// rows returns the rows of two columns of a table below its heading, in lower case.
func rows(table string) [][2]string {
	var list [][2]string
	heading := true
	for line := range strings.Lines(table) {
		line = strings.ToLower(strings.TrimSuffix(line, "\n"))
		if strings.HasPrefix(line, "#") {
			continue
		}
		left, right, ok := strings.Cut(line, "\t")
		if !ok || strings.Contains(right, "\t") {
			panic(fmt.Sprintf("huawei: %q is no row of two columns", line)) // a test looks
		}
		if !heading {
			list = append(list, [2]string{left, right})
		}
		heading = false
	}
	return list
}
