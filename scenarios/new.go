// New: a scenario to start from, as text.
package scenarios

import (
	_ "embed"
	"fmt"
	"regexp"
	"strings"

	"cdnlab/scenarios/strict"
)

// starter is a small scenario that teaches the format.
//
//go:embed starter.toml
var starter string

// firstName is the scenario's own name, before any table.
var firstName = regexp.MustCompile(`(?m)^name = ".*"$`)

// New returns the text of a new scenario called name: the starter, or that of
// another scenario, or of one variant of that. header goes before it. What it
// returns loads.
func New(name, header, from, variant string) ([]byte, error) {
	body := starter
	if from != "" {
		file, data, err := Find(from)
		if err != nil {
			return nil, err
		}
		body = string(data)
		if variant != "" {
			if body, err = onlyVariant(file, data, variant); err != nil {
				return nil, err
			}
		}
	}
	text := []byte(header + renamed(body, name))
	_, err := Load(name+".toml", text)
	return text, err
}

// renamed gives a scenario another name, where it has one; the rest stays as it
// is, comments and all.
func renamed(body, name string) string {
	top := len(body)
	if i := strings.Index("\n"+body, "\n["); i >= 0 {
		top = i
	}
	at := firstName.FindStringIndex(body[:top])
	if at == nil || name == "" {
		return body
	}
	return body[:at[0]] + fmt.Sprintf("name = %q", name) + body[at[1]:]
}

// onlyVariant returns one variant of a scenario as a scenario of its own: the keys that
// are given, each with what it is.
func onlyVariant(file string, data []byte, variant string) (string, error) {
	r, err := newReader(file, data)
	if err != nil {
		return "", err
	}
	x, err := r.experiment()
	if err != nil {
		return "", err
	}
	resolved, err := x.Variant(variant)
	if err != nil {
		return "", err
	}
	set, _, err := x.variant(variant)
	if err != nil {
		return "", err
	}
	tree, s := r.doc.Tree(), new(Scenario)
	for _, key := range flatten(set) {
		if err := strict.Override(tree, key.Key, key.Value); err != nil {
			return "", err
		}
	}
	if err := strict.Decode(tree, s); err != nil {
		return "", err
	}
	s.Variants, s.Lesson, s.Expect = nil, nil, x.expects(resolved)
	text, err := strict.Write(s, strict.WriteOptions{Comments: true})
	return string(text), err
}
