// --vary: a key and the values to compare.
package main

import (
	"fmt"
	"slices"
	"strings"

	"cdnlab/scenarios"
	"cdnlab/scenarios/strict"
)

// maxGrid bounds the variants that a command line may make.
const maxGrid = 1000

// parseVary reads the values of --vary. "all" is every value of a key that
// takes one of a known list, the one that the scenario has first: the others are
// compared with it.
func parseVary(texts []string, tree map[string]any) ([]scenarios.Vary, error) {
	keys := allKeys()
	var vary []scenarios.Vary
	size := 1
	for _, text := range texts {
		v, err := parseOneVary(keys, text, tree)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(vary, func(o scenarios.Vary) bool { return o.Key == v.Key }) {
			return nil, fmt.Errorf("--vary %s: twice; give all its values in one --vary", v.Key)
		}
		vary = append(vary, v)
		if size *= len(v.Values); size > maxGrid {
			return nil, fmt.Errorf("--vary: the grid has more than %d variants; compare fewer values at a time", maxGrid)
		}
	}
	return vary, nil
}

func parseOneVary(keys []strict.Key, text string, tree map[string]any) (scenarios.Vary, error) {
	name, list, found := strings.Cut(text, "=")
	if !found || name == "" || list == "" {
		return scenarios.Vary{}, fmt.Errorf("--vary %s: write KEY=a,b,c, for example --vary balancer.algorithm=round-robin,random", text)
	}
	key, err := findKey(keys, name)
	if err != nil {
		return scenarios.Vary{}, fmt.Errorf("--vary: %w", err)
	}
	words := splitList(list)
	if list == "all" {
		if words = choices(key); words == nil {
			return scenarios.Vary{}, fmt.Errorf("--vary %s=all: it takes any %s, so there is no \"all\"; give the values", name, key.Type)
		}
		words = startWith(words, present(key, name, tree))
	}
	if words, err = expandRanges(key, words); err != nil {
		return scenarios.Vary{}, fmt.Errorf("--vary %s: %w", name, err)
	}
	v := scenarios.Vary{Key: name}
	for i, word := range words {
		if word == "" {
			return v, fmt.Errorf("--vary %s: an empty value in %q", name, list)
		}
		if slices.Contains(words[:i], word) {
			return v, fmt.Errorf("--vary %s: %s twice", name, word)
		}
		v.Values = append(v.Values, valueOf(key, word))
	}
	return v, nil
}

// present is the value that a key has without --vary.
func present(key strict.Key, name string, tree map[string]any) string {
	steps := strings.Split(name, ".")
	for i, step := range steps {
		value, found := tree[step]
		if found && i == len(steps)-1 {
			return fmt.Sprint(value)
		}
		if tree, found = value.(map[string]any); !found {
			break
		}
	}
	return strings.Trim(key.Default, `"`)
}

func startWith(words []string, first string) []string {
	i := slices.Index(words, first)
	if i < 0 {
		return words
	}
	return append([]string{first}, slices.Delete(slices.Clone(words), i, i+1)...)
}

// splitList splits at commas, but not at those within quotes.
func splitList(list string) []string {
	var words []string
	quoted := false
	from := 0
	for i, c := range list {
		switch {
		case c == '"':
			quoted = !quoted
		case c == ',' && !quoted:
			words = append(words, strings.TrimSpace(list[from:i]))
			from = i + 1
		}
	}
	return append(words, strings.TrimSpace(list[from:]))
}
