// Keys: what --set and --vary may name, and what a key may be.
package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"cdnlab/edge/cache"
	"cdnlab/origin/balance"
	"cdnlab/scenarios"
	"cdnlab/scenarios/strict"
	"cdnlab/sim/fault"
	"cdnlab/sim/load"
)

// allKeys are the keys of a scenario.
func allKeys() []strict.Key { return strict.Keys(&scenarios.Scenario{}) }

// findKey returns the key that a dotted name means. What is not one is an error
// with the nearest, or with those beside it.
func findKey(keys []strict.Key, name string) (strict.Key, error) {
	for _, k := range keys {
		if matches(k, name) {
			return k, nil
		}
	}
	var inside []string
	for _, k := range keys {
		if strings.HasPrefix(k.Name, name+".") {
			inside = append(inside, k.Name)
		}
	}
	if len(inside) > 0 {
		return strict.Key{}, fmt.Errorf("%q is a table; its keys: %s", name, strings.Join(inside, ", "))
	}
	return strict.Key{}, fmt.Errorf("unknown key %q; %s", name, instead(keys, name))
}

// instead says what an unknown key may have meant: the nearest key of the same
// table, or all of that table, or a key of that name in another one.
func instead(keys []strict.Key, name string) string {
	dot := strings.LastIndexByte(name, '.')
	table, last := name[:max(dot, 0)], name[dot+1:]
	var all, beside, lasts, tables, same []string
	for _, k := range keys {
		at := strings.LastIndexByte(k.Name, '.')
		all = append(all, k.Name)
		if k.Name[at+1:] == last && dot < 0 {
			same = append(same, fmt.Sprintf("%q", k.Name))
		}
		if first, _, _ := strings.Cut(k.Name, "."); !slices.Contains(tables, first) {
			tables = append(tables, first)
		}
		if dot > 0 && at > 0 && matches(strict.Key{Name: k.Name[:at]}, table) {
			beside, lasts = append(beside, k.Name), append(lasts, k.Name[at+1:])
		}
	}
	if len(beside) > 0 {
		if near := strict.Nearest(last, lasts); near != "" {
			return fmt.Sprintf("did you mean %q?", table+"."+near)
		}
		return "known: " + strings.Join(beside, ", ")
	}
	if len(same) > 0 {
		return "did you mean " + strings.Join(same, " or ") + "?"
	}
	if near := strict.Nearest(name, all); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return "keys are dotted, such as balancer.algorithm, and begin with " + strings.Join(tables, ", ") +
		" ('cdnlab list keys' has them all)"
}

// matches reports whether a dotted name is that key: a * in the key is any
// number or name, and a table of strings has keys of the user's own; what
// is inside a table of keys goes into the file, as one value.
func matches(k strict.Key, name string) bool {
	want, got := strings.Split(k.Name, "."), strings.Split(name, ".")
	open := strings.HasPrefix(k.Type, "table of") && k.Type != "table of keys" || strings.HasPrefix(k.Type, "array of")
	if len(got) < len(want) || len(got) > len(want) && !open {
		return false
	}
	for i, w := range want {
		if w != "*" && w != got[i] {
			return false
		}
	}
	return true
}

// choices are the values of a key that takes one of a known list; nil for any
// other. Some are in the schema; what is registered is not.
func choices(k strict.Key) []string {
	switch k.Name {
	case "balancer.algorithm":
		return balance.Policies.Names()
	case "edge.eviction":
		return cache.Evictions.Names()
	case "edge.admission":
		return cache.Admissions.Names()
	case "load.shape":
		return load.Shapes.Names()
	case "event.*.fault":
		return fault.Faults.Names()
	case "event.*.do":
		return fault.Actions.Names()
	}
	if k.Type == "boolean" {
		return []string{"false", "true"}
	}
	return k.Values
}

// parseSettings reads the values of --set.
func parseSettings(texts []string) ([]scenarios.Setting, error) {
	keys := allKeys()
	var settings []scenarios.Setting
	for _, text := range texts {
		key, value, found := strings.Cut(text, "=")
		if !found || key == "" || value == "" {
			return nil, fmt.Errorf("--set %s: write KEY=VALUE, for example --set load.rate=500", text)
		}
		known, err := findKey(keys, key)
		if err != nil {
			return nil, fmt.Errorf("--set: %w", err)
		}
		settings = append(settings, scenarios.Setting{Key: key, Value: valueOf(known, value)})
	}
	return settings, nil
}

// valueOf is the value that a text gives a key: a word that the key knows is that
// word, even where it looks like a number, as TLS "1.3" does.
func valueOf(k strict.Key, text string) any {
	if slices.Contains(k.Values, text) {
		return text
	}
	return strict.ParseValue(text)
}

// blame says of mistakes that the command line made that it did: the line in
// the file that has the key is innocent.
func blame(err error, settings []scenarios.Setting, vary []scenarios.Vary) error {
	var mistakes strict.Mistakes
	if !errors.As(err, &mistakes) {
		return err
	}
	options := map[string]string{}
	for _, s := range settings {
		options[s.Key] = "--set"
	}
	for _, v := range vary {
		options[v.Key] = "--vary"
	}
	var lines []string
	for _, m := range mistakes {
		line := m.String()
		if option := options[asSetting(m.Path)]; option != "" {
			line = fmt.Sprintf("%s %s: %s", option, asSetting(m.Path), m.Says)
			if m.Hint != "" {
				line += "; " + m.Hint
			}
		}
		if !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return errors.New(strings.Join(lines, "\n"))
}

// asSetting writes the path of a mistake as --set would: pop[0].place is
// pop.0.place there.
func asSetting(path string) string {
	return strings.NewReplacer("[", ".", "]", "").Replace(path)
}
