// Settings: dotted keys with what they become, out of nested tables.
package check

import "slices"

// Setting is one key of a scenario, dotted, and its value.
type Setting struct {
	Key   string
	Value any
}

// Flatten turns nested tables into dotted keys, in order.
func Flatten(set map[string]any) []Setting { return flatten("", set) }

func flatten(prefix string, set map[string]any) []Setting {
	keys := make([]string, 0, len(set))
	for k := range set { // in any order: sorted below
		keys = append(keys, k)
	}
	slices.Sort(keys)
	var all []Setting
	for _, k := range keys {
		if table, ok := set[k].(map[string]any); ok {
			all = append(all, flatten(prefix+k+".", table)...)
			continue
		}
		all = append(all, Setting{prefix + k, set[k]})
	}
	return all
}
