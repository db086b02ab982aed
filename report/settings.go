// Settings: in which keys two results' scenarios differ.
package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// KeyChange is a key that two scenarios give different values; "" is none.
type KeyChange struct {
	Key, Old, New string
}

func (c KeyChange) String() string {
	switch {
	case c.Old == "":
		return c.Key + " = " + c.New + " is new"
	case c.New == "":
		return c.Key + " = " + c.Old + " is gone"
	}
	return c.Key + " " + c.Old + " -> " + c.New
}

// settingsDiffer returns the keys in which two settings differ, in order.
func settingsDiffer(before, after json.RawMessage) []KeyChange {
	was, is := flatSettings(before), flatSettings(after)
	var all []KeyChange
	for key, value := range was { // in any order: sorted below
		if is[key] != value {
			all = append(all, KeyChange{key, value, is[key]})
		}
	}
	for key, value := range is { // in any order: sorted below
		if _, both := was[key]; !both {
			all = append(all, KeyChange{key, "", value})
		}
	}
	slices.SortFunc(all, func(a, b KeyChange) int { return strings.Compare(a.Key, b.Key) })
	return all
}

// flatSettings returns every value by its dotted key.
func flatSettings(settings json.RawMessage) map[string]string {
	decoder := json.NewDecoder(bytes.NewReader(settings))
	decoder.UseNumber() // 1 stays 1, and a long integer whole
	var tree any
	if err := decoder.Decode(&tree); err != nil {
		return nil // none, which differs from any
	}
	flat := map[string]string{}
	flatten(flat, "", tree)
	return flat
}

func flatten(flat map[string]string, key string, v any) {
	within := func(step string) string { return strings.TrimPrefix(key+"."+step, ".") }
	switch v := v.(type) {
	case map[string]any:
		for step, inner := range v { // in any order: it lands in a map
			flatten(flat, within(step), inner)
		}
	case []any:
		names := elementNames(v)
		for i, inner := range v {
			flatten(flat, within(names[i]), inner)
		}
	case string:
		flat[key] = strconv.Quote(v)
	default:
		flat[key] = fmt.Sprint(v)
	}
}

// elementNames are how a key names the elements of an array: by its name which
// has one of its own, else by its number.
func elementNames(all []any) []string {
	times := map[string]int{}
	for _, element := range all {
		times[nameIn(element)]++
	}
	names := make([]string, len(all))
	for i, element := range all {
		if names[i] = nameIn(element); names[i] == "" || times[names[i]] > 1 {
			names[i] = strconv.Itoa(i)
		}
	}
	return names
}

// nameIn is what a table calls itself, "" when it does not.
func nameIn(element any) string {
	table, _ := element.(map[string]any)
	for _, key := range []string{"name", "id"} {
		if name, ok := table[key].(string); ok {
			return name
		}
	}
	return ""
}

// maxSettings bounds the scenarios of a result: one for each variant.
const maxSettings = 10_000

// validSettings wants a table for each.
func validSettings(all map[string]json.RawMessage) error {
	if len(all) > maxSettings {
		return fmt.Errorf("settings of %d scenarios; at most %d", len(all), maxSettings)
	}
	for hash, text := range all { // in any order: one mistake is enough
		if !strings.HasPrefix(string(bytes.TrimSpace(text)), "{") {
			return fmt.Errorf("the settings of %s are no table", hash)
		}
	}
	return nil
}
