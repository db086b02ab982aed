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
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"cdnlab/scenarios/strict"
	"cdnlab/sim"
	"cdnlab/sim/check"
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

// Setting is a key that the command line, a variant or an event changes.
type Setting struct {
	Key   string
	Value any
}

// flatten turns nested tables into dotted keys, in order.
func flatten(set map[string]any) []Setting {
	var all []Setting
	for _, s := range check.Flatten(set) {
		all = append(all, Setting(s))
	}
	return all
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
	if near := sim.Nearest(name, Names()); near != "" {
		return "", nil, fmt.Errorf("no scenario %q; did you mean %q? (a file's name ends in .toml)", name, near)
	}
	return "", nil, fmt.Errorf("no scenario %q; built in are %s (a file's name ends in .toml)", name, strings.Join(Names(), ", "))
}

// Load reads a scenario with settings applied on top of every variant. Its
// error is strict.Mistakes when the file is wrong.
func Load(file string, data []byte, settings ...Setting) (*Experiment, error) {
	r, err := newReader(file, data)
	if err != nil {
		return nil, err
	}
	r.settings = settings
	return r.experiment()
}

// reader reads one file.
type reader struct {
	file     string
	doc      *strict.Doc
	written  map[string]any // the file's tree, to be looked at only
	schema   *strict.Schema
	hash     string
	settings []Setting
	unjudged bool      // leave the expectations alone: their variants are not played
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
	return &reader{file: file, doc: doc, written: doc.Tree(), schema: schema, hash: hex.EncodeToString(sum[:8])}, nil
}

// Schema is the JSON schema of a scenario. It is made once: that takes longer than to
// read any scenario.
var Schema = sync.OnceValues(func() (*strict.Schema, error) { return strict.NewSchema(&Scenario{}) })

// experiment reads the scenario and its variants. It goes on behind a mistake as
// long as there is something to read, so that all are reported at once.
func (r *reader) experiment() (*Experiment, error) {
	r.mistakes = r.schema.Check(r.doc)
	base := r.resolve("", nil)
	if base == nil {
		return nil, r.mistakes
	}
	r.base = base.s
	x := &Experiment{File: r.file, Name: base.s.Name, Question: base.s.Question, Hash: r.hash, Base: base.s}
	if x.Name == "" {
		x.Name = strings.TrimSuffix(filepath.Base(x.File), ".toml")
	}
	names := map[string]bool{}
	for i, v := range base.s.Variants {
		if names[v.Name] {
			base.add("a second variant of that name", "", "variant", i, "name")
		}
		names[v.Name] = true
		if one := r.resolve(v.Name, v.Set, "variant", i, "set"); one != nil {
			x.Variants = append(x.Variants, one.resolved())
		}
	}
	if len(base.s.Variants) == 0 {
		x.Variants = []*Resolved{base.resolved()}
	}
	if r.unjudged {
		base.s.Expect, base.s.Regress, base.s.Lesson = nil, nil, nil
	}
	base.columns()
	base.expectations()
	base.regressions()
	base.lesson()
	if len(r.mistakes) > 0 {
		return nil, r.mistakes
	}
	return x, nil
}

// put adds a mistake once: a variant repeats those of the scenario it changes.
func (r *reader) put(m strict.Mistake) {
	for _, known := range r.mistakes {
		if known.Path == m.Path && known.Says == m.Says {
			return
		}
	}
	r.mistakes = append(r.mistakes, m)
}

// resolve reads one variant: the file's tree, the variant's keys over it, the
// settings over those. at is where the variant's keys stand. What breaks the
// schema is left out, so that the rest can be judged too; nil when even that
// cannot be read.
func (r *reader) resolve(name string, set map[string]any, at ...any) *checker {
	c := &checker{r: r, variant: name, set: flatten(set), at: at, tree: r.doc.Tree(), s: &Scenario{}, said: map[string]bool{}}
	if len(at) > 0 {
		c.where = fmt.Sprintf("in the variant %q", name)
	}
	for _, s := range c.set {
		if err := strict.Override(c.tree, s.Key, s.Value); err != nil {
			r.put(r.doc.Mistake(err.Error(), "", at...))
		}
	}
	for _, s := range r.settings {
		if err := strict.Override(c.tree, s.Key, s.Value); err != nil {
			r.put(strict.Mistake{File: "command line", Path: s.Key, Says: err.Error()})
		}
	}
	if !c.read() {
		return nil
	}
	c.check()
	c.moments()
	return c
}

// read makes a scenario of the tree, without what breaks the schema; false when
// even that cannot be done.
func (c *checker) read() bool {
	bad := c.r.schema.CheckTree(c.r.doc, c.tree, c.table()...)
	c.broken = len(bad) > 0
	for _, m := range bad {
		c.leaveOut(m)
	}
	if err := strict.Decode(c.tree, c.s); err != nil {
		if len(bad) == 0 {
			c.r.put(c.r.doc.Mistake(err.Error(), "", c.table()...))
		}
		return false
	}
	if of := c.from; of != nil {
		c.s.Events, c.s.Variants, c.s.Expect = of.s.Events, of.s.Variants, of.s.Expect
		c.s.PoPs = slices.Clone(of.s.PoPs) // each with its shield
	}
	if c.lost("duration") {
		c.s.Duration = maxDuration // or every time in the file would seem to lie behind the end
	}
	c.trace()
	c.s.withDefaults()
	return true
}

// table is where the keys stand that this checker puts over those of others.
func (c *checker) table() []any {
	if c.from != nil {
		return []any{"event", c.event, "set"}
	}
	return c.at
}

// leaveOut takes what a mistake speaks of out of the tree, and notes its place:
// nothing more is to be said of that.
func (c *checker) leaveOut(m strict.Mistake) {
	path, at := steps(m.Path), c.table()
	if n := len(at); n > 0 && len(path) > n && slices.Equal(path[:n], at) {
		if path = path[n:]; c.from == nil && covered(c.r.settings, path) { // the command line's doing, not the variant's
			m = c.r.doc.Mistake(m.Says, m.Hint, path...)
		}
	}
	c.r.put(m)
	if strings.HasPrefix(m.Says, "needs ") {
		c.lacking = append(c.lacking, path)
		return
	}
	for len(path) > 0 { // an element cannot be left out of an array without moving the others
		if _, isKey := path[len(path)-1].(string); isKey {
			break
		}
		path = path[:len(path)-1]
	}
	if len(path) == 0 {
		return
	}
	last := len(path) - 1
	if table, _ := find(c.tree, path[:last]); table != nil {
		if keys, ok := table.(map[string]any); ok {
			delete(keys, path[last].(string))
		}
	}
	c.gone = append(c.gone, path)
	if meant := hinted.FindStringSubmatch(m.Hint); meant != nil { // that one is not missing, only misspelt
		c.gone = append(c.gone, append(slices.Clone(path[:last]), meant[1]))
	}
}

var (
	hinted   = regexp.MustCompile(`^did you mean "(.+?)"\?`)
	pathStep = regexp.MustCompile(`^\.?(?:([A-Za-z0-9_-]+)|("(?:[^"\\]|\\.)*")|\[(\d+)\])`)
)

// steps takes the path of a mistake apart: pop[1].place.
func steps(path string) []any {
	var all []any
	for path != "" {
		m := pathStep.FindStringSubmatch(path)
		switch {
		case m == nil:
			return append(all, path)
		case m[3] != "":
			i, _ := strconv.Atoi(m[3]) // digits
			all = append(all, i)
		case m[2] != "":
			key, err := strconv.Unquote(m[2])
			if err != nil {
				key = m[2]
			}
			all = append(all, key)
		default:
			all = append(all, m[1])
		}
		path = path[len(m[0]):]
	}
	return all
}

// find returns what a tree has at a path.
func find(v any, path []any) (any, bool) {
	for _, step := range path {
		var found bool
		switch step := step.(type) {
		case string:
			table, _ := v.(map[string]any)
			v, found = table[step]
		case int:
			switch all := v.(type) {
			case []any:
				if found = step < len(all); found {
					v = all[step]
				}
			case []map[string]any:
				if found = step < len(all); found {
					v = all[step]
				}
			}
		}
		if !found {
			return nil, false
		}
	}
	return v, true
}

// covered reports whether one of the settings gives the value at a path.
func covered(settings []Setting, path []any) bool {
	words := make([]string, len(path))
	for i, step := range path {
		words[i] = fmt.Sprint(step)
	}
	dotted := strings.Join(words, ".")
	return slices.ContainsFunc(settings, func(s Setting) bool {
		return dotted == s.Key || strings.HasPrefix(dotted, s.Key+".")
	})
}
