// Loading: from a file to the variants of an experiment, or to a list of all
// that is wrong with it.
package scenarios

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"cdnlab/scenarios/strict"
	"cdnlab/sim"
)

// Experiment is a scenario that was read and found right, with its variants.
type Experiment struct {
	File     string
	Name     string
	Question string
	Hash     string      // of the file as written
	Base     *Scenario   // as written, with its defaults
	Variants []*Resolved // at least one
}

// Resolved is one variant with every key filled in.
type Resolved struct {
	Variant string // "" is the scenario as written
	Hash    string
	*Scenario
}

// Setting is a key that the command line changes.
type Setting struct {
	Key   string
	Value any
}

// Vary is one key with the values to compare.
type Vary struct {
	Key    string
	Values []any
}

// Find reads a scenario: a file when name ends in .toml or names one, else a
// built-in.
func Find(name string) (file string, data []byte, err error) {
	if strings.HasSuffix(name, ".toml") || strings.ContainsRune(name, filepath.Separator) {
		data, err := os.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) {
			return "", nil, fmt.Errorf("no file %s", name)
		}
		return name, data, err
	}
	data, err = builtin.ReadFile("builtin/" + name + ".toml")
	if err == nil {
		return name + ".toml", data, nil
	}
	hint := "built in are: " + strings.Join(Names(), ", ")
	if near := sim.Nearest(name, Names()); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	return "", nil, fmt.Errorf("no scenario %q; %s, or give a file ending in .toml", name, hint)
}

// Load reads a scenario with settings applied on top of every variant. Its
// error is strict.Mistakes when the file is wrong.
func Load(file string, data []byte, settings ...Setting) (*Experiment, error) {
	r, err := newReader(file, data)
	if err != nil {
		return nil, err
	}
	for _, s := range settings {
		r.settings = append(r.settings, s)
	}
	return r.experiment()
}

// reader reads one file.
type reader struct {
	file     string
	doc      *strict.Doc
	schema   *strict.Schema
	hash     string
	settings []Setting
	base     *Scenario // as written; nil until it is resolved
	mistakes strict.Mistakes
}

func newReader(file string, data []byte) (*reader, error) {
	doc, err := strict.Parse(file, data)
	if err != nil {
		return nil, err
	}
	schema, err := Schema()
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(data)
	return &reader{file: file, doc: doc, schema: schema, hash: hex.EncodeToString(sum[:8])}, nil
}

// Schema is the JSON schema of a scenario.
func Schema() (*strict.Schema, error) { return strict.NewSchema(&Scenario{}) }

func (r *reader) experiment() (*Experiment, error) {
	if r.mistakes = r.schema.Check(r.doc); len(r.mistakes) > 0 {
		return nil, r.mistakes
	}
	base := r.resolve("", nil)
	if base == nil {
		return nil, r.mistakes
	}
	r.base = base.Scenario
	x := &Experiment{File: r.file, Name: base.Name, Question: base.Question, Hash: r.hash, Base: base.Scenario}
	if x.Name == "" {
		x.Name = strings.TrimSuffix(filepath.Base(x.File), ".toml")
	}
	names := map[string]bool{}
	for i, v := range base.Scenario.Variants {
		if names[v.Name] {
			r.add("a second variant of that name", "", "variant", i, "name")
		}
		names[v.Name] = true
		if one := r.resolve(v.Name, v.Set, "variant", i); one != nil {
			x.Variants = append(x.Variants, one)
		}
	}
	if len(base.Scenario.Variants) == 0 {
		x.Variants = []*Resolved{base}
	}
	r.checkExpect(base.Scenario, names)
	if len(r.mistakes) > 0 {
		return nil, r.mistakes
	}
	return x, nil
}

func (r *reader) add(says, hint string, path ...any) {
	r.mistakes = append(r.mistakes, r.doc.Mistake(says, hint, path...))
}

// resolve makes one variant: the file's tree, the variant's keys over it, the
// settings over those. at is where a mistake of the variant stands.
func (r *reader) resolve(name string, set map[string]any, at ...any) *Resolved {
	tree := r.doc.Tree()
	for _, s := range flatten("", set) {
		if err := strict.Override(tree, s.Key, s.Value); err != nil {
			r.add(err.Error(), "", append(at, "set")...)
		}
	}
	for _, s := range r.settings {
		if err := strict.Override(tree, s.Key, s.Value); err != nil {
			r.mistakes = append(r.mistakes, strict.Mistake{File: "command line", Path: s.Key, Says: err.Error()})
		}
	}
	before := len(r.mistakes)
	if bad := r.schema.CheckTree(r.doc, tree, at...); len(bad) > 0 {
		r.mistakes = append(r.mistakes, bad...)
		return nil
	}
	s := &Scenario{}
	if err := strict.Decode(tree, s); err != nil {
		r.add(err.Error(), "", at...)
		return nil
	}
	s.withDefaults()
	r.check(s, at)
	if len(r.mistakes) > before {
		return nil
	}
	return &Resolved{Variant: name, Hash: s.hash(), Scenario: s}
}

// Grid returns an experiment with a variant for every combination of the
// values, over the variant named over ("" is the scenario as written).
func Grid(file string, data []byte, over string, vary []Vary, settings ...Setting) (*Experiment, error) {
	r, err := newReader(file, data)
	if err != nil {
		return nil, err
	}
	r.settings = settings
	x, err := r.experiment()
	if err != nil {
		return nil, err
	}
	set, err := x.variant(over)
	if err != nil {
		return nil, err
	}
	x.Variants = nil
	for _, combination := range combinations(vary) {
		r.settings = append(settings[:len(settings):len(settings)], combination...)
		if one := r.resolve(label(combination), set); one != nil {
			x.Variants = append(x.Variants, one)
		}
	}
	if len(r.mistakes) > 0 {
		return nil, r.mistakes
	}
	return x, nil
}

func (x *Experiment) variant(name string) (map[string]any, error) {
	if name == "" {
		return nil, nil
	}
	var known []string
	for _, v := range x.Base.Variants {
		if v.Name == name {
			return v.Set, nil
		}
		known = append(known, v.Name)
	}
	return nil, unknown("variant", name, known)
}

func combinations(vary []Vary) [][]Setting {
	all := [][]Setting{nil}
	for _, v := range vary {
		var longer [][]Setting
		for _, c := range all {
			for _, value := range v.Values {
				longer = append(longer, append(c[:len(c):len(c)], Setting{v.Key, value}))
			}
		}
		all = longer
	}
	return all
}

// label names a combination: by the values alone when the keys are one.
func label(c []Setting) string {
	words := make([]string, len(c))
	for i, s := range c {
		words[i] = fmt.Sprintf("%s=%v", s.Key[strings.LastIndexByte(s.Key, '.')+1:], s.Value)
		if len(c) == 1 {
			words[i] = fmt.Sprint(s.Value)
		}
	}
	return strings.Join(words, " ")
}
