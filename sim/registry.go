// Registry: adding one thing is one file that registers itself.
package sim

import (
	"fmt"
	"slices"
	"strings"
)

// Registry holds the named things of one kind (balancing algorithms, faults,
// load shapes …). Each registers itself in its file's init, so the listing, the
// help and the property suite know it without being told.
type Registry[T any] struct {
	Kind    string // what an entry is called in a message: "algorithm"
	entries []Entry[T]
}

// Entry is one named thing with one line that says what it does.
type Entry[T any] struct {
	Name, Says string
	Value      T
}

// Add registers v. Two things of one name, or one without a line, are broken
// invariants.
func (r *Registry[T]) Add(name, says string, v T) {
	if name == "" || says == "" {
		panic(fmt.Sprintf("sim: %s %q needs a name and a line that says what it does", r.Kind, name))
	}
	i, found := r.search(name)
	if found {
		panic(fmt.Sprintf("sim: %s %q registered twice", r.Kind, name))
	}
	r.entries = slices.Insert(r.entries, i, Entry[T]{name, says, v})
}

// Get returns the thing of that name, or an error that names the nearest.
func (r *Registry[T]) Get(name string) (T, error) {
	if i, found := r.search(name); found {
		return r.entries[i].Value, nil
	}
	var none T
	hint := "known: " + strings.Join(r.Names(), ", ")
	if near := Nearest(name, r.Names()); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	return none, fmt.Errorf("unknown %s %q; %s", r.Kind, name, hint)
}

// Has reports whether there is a thing of that name: for who asks often, as the error of
// Get looks at all names for the nearest.
func (r *Registry[T]) Has(name string) bool {
	_, found := r.search(name)
	return found
}

// All returns the entries in the order of their names.
func (r *Registry[T]) All() []Entry[T] { return slices.Clone(r.entries) }

// Names returns the names in order.
func (r *Registry[T]) Names() []string {
	names := make([]string, len(r.entries))
	for i, e := range r.entries {
		names[i] = e.Name
	}
	return names
}

func (r *Registry[T]) search(name string) (int, bool) {
	return slices.BinarySearchFunc(r.entries, name, func(e Entry[T], n string) int {
		return strings.Compare(e.Name, n)
	})
}
