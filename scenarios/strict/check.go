// Check: a tree against a schema, and every complaint of the validator placed in the file.

package strict

import (
	"errors"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// Check is every mistake of the file against the schema, in the order of the file; none is nil.
func (s *Schema) Check(d *Doc) Mistakes {
	return s.CheckTree(d, d.tree)
}

// CheckTree checks a tree that was made from the doc by overriding keys. What the doc has at the same path stands at its
// position there. With at, the path of the table the overrides came from (say "variant", 1), a mistake in a value that
// differs from the doc's stands where that table gives the value, and its path begins there.
func (s *Schema) CheckTree(d *Doc, tree map[string]any, at ...any) Mistakes {
	if tree == nil {
		tree = map[string]any{}
	}
	err := s.compiled.Validate(plain(tree))
	var complaints *jsonschema.ValidationError
	if !errors.As(err, &complaints) {
		return nil
	}
	c := checker{schema: s, doc: d, tree: tree, at: at}
	c.add(complaints)
	return c.mistakes.sorted()
}

// plain is a tree in the types the validator knows. Dates become null, which no type of JSON schema takes by accident.
func plain(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, inner := range v { // any order: each key is its own
			out[k] = plain(inner)
		}
		return out
	case []map[string]any:
		out := make([]any, len(v))
		for i, inner := range v {
			out[i] = plain(inner)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, inner := range v {
			out[i] = plain(inner)
		}
		return out
	case time.Time:
		return nil
	}
	return v
}

// checker turns the validator's complaints about one tree into mistakes.
type checker struct {
	schema   *Schema
	doc      *Doc
	tree     map[string]any
	at       []any
	mistakes Mistakes
}

// add takes a complaint, or the complaints it is made of.
func (c *checker) add(e *jsonschema.ValidationError) {
	path := typedPath(c.tree, e.InstanceLocation)
	node := c.schema.nodes[e.SchemaURL]
	switch k := e.ErrorKind.(type) {
	case *kind.Schema, *kind.Group, *kind.Reference, *kind.AllOf:
		c.all(e.Causes)
	case *kind.AnyOf:
		c.choice(e, path)
	case *kind.OneOf:
		c.choice(e, path)
	case *kind.AdditionalProperties:
		for _, name := range k.Properties {
			c.put(extend(path, name), "unknown key", c.keyHint(name, node))
		}
	case *kind.Required:
		for _, name := range k.Missing {
			c.put(path, "needs "+article(name)+" "+strconv.Quote(name), "")
		}
	case *kind.DependentRequired:
		for _, name := range k.Missing {
			c.put(path, "needs "+article(name)+" "+strconv.Quote(name)+" beside its "+strconv.Quote(k.Prop), "")
		}
	default:
		value, _ := lookup(c.tree, path)
		says, hint := complain(e.ErrorKind, node, value, path)
		c.put(path, says, hint)
	}
}

func (c *checker) all(es []*jsonschema.ValidationError) {
	for _, e := range es {
		c.add(e)
	}
}

// choice explains why no alternative fits. The writer meant the one whose type is that of the value: only what is wrong
// with that one helps. If the type fits none, all the types are named.
func (c *checker) choice(e *jsonschema.ValidationError, path []any) {
	value, _ := lookup(c.tree, path)
	var want []string
	var nearest *jsonschema.ValidationError
	for _, cause := range e.Causes {
		if types, wrong := wrongType(cause, len(e.InstanceLocation)); wrong {
			want = append(want, types...)
		} else if nearest == nil || leaves(cause) < leaves(nearest) {
			nearest = cause
		}
	}
	switch {
	case nearest != nil:
		c.add(nearest)
	case len(want) > 0:
		c.put(path, "must be "+wanted(want)+", not "+describe(value), "")
	default:
		c.put(path, "fits more than one of the forms it may take", "")
	}
}

// wrongType says whether an alternative failed for the type of the value itself, depth steps into the tree.
func wrongType(e *jsonschema.ValidationError, depth int) ([]string, bool) {
	if t, ok := e.ErrorKind.(*kind.Type); ok && len(e.InstanceLocation) == depth {
		return t.Want, true
	}
	if _, ok := e.ErrorKind.(*kind.Reference); ok && len(e.Causes) == 1 {
		return wrongType(e.Causes[0], depth)
	}
	return nil, false
}

// leaves counts the single complaints in e.
func leaves(e *jsonschema.ValidationError) int {
	if len(e.Causes) == 0 {
		return 1
	}
	n := 0
	for _, cause := range e.Causes {
		n += leaves(cause)
	}
	return n
}

// keyHint offers the name that an unknown key may have meant, or says that it belongs to the top of the file: a key
// written below a [table] header is a key of that table, which surprises everyone once.
func (c *checker) keyHint(name string, node *jsonschema.Schema) string {
	if node == nil {
		return ""
	}
	known := slices.Sorted(maps.Keys(node.Properties))
	if near := Nearest(name, known); near != "" {
		return "did you mean " + strconv.Quote(near) + "?"
	}
	if _, top := c.schema.compiled.Properties[name]; top {
		return strconv.Quote(name) + " belongs to the top of the file, before the first [table]"
	}
	return knownNames(known)
}

// put adds a mistake at path.
func (c *checker) put(path []any, says, hint string) {
	m := c.doc.Mistake(says, hint, path...)
	if len(c.at) > 0 && c.overridden(path) {
		full := slices.Concat(c.at, path)
		m = c.doc.Mistake(says, hint, full...)
		if offset := c.overrideOffset(path); offset != unknown {
			m.Line, m.Column = c.doc.lineColumn(offset)
		}
	}
	c.mistakes = append(c.mistakes, m)
}

// overridden says whether the tree differs from the doc at path.
func (c *checker) overridden(path []any) bool {
	ours, inTree := lookup(c.tree, path)
	theirs, inDoc := lookup(c.doc.tree, path)
	return inTree != inDoc || !reflect.DeepEqual(ours, theirs)
}

// overrideOffset is where the table of overrides gives the value at path: as nested keys (balancer.algorithm = …), or as one
// quoted key ("balancer.algorithm" = …), elements of arrays by number or by name.
func (c *checker) overrideOffset(path []any) int {
	table, offset := c.doc.places.find(c.at)
	if table == nil {
		return offset
	}
	for named := range 2 {
		steps := c.dotted(path, named == 1)
		if p := table.keys[strings.Join(steps, ".")]; p != nil {
			return p.offset
		}
		p, best := table, offset
		for _, step := range steps {
			if p = p.keys[step]; p == nil {
				break
			}
			best = p.offset
		}
		if p != nil || named == 1 {
			return best
		}
	}
	return offset
}

// dotted is path as Override takes it, elements of arrays by their number or by their name.
func (c *checker) dotted(path []any, named bool) []string {
	steps := make([]string, len(path))
	for i, step := range path {
		switch s := step.(type) {
		case string:
			steps[i] = s
		case int:
			steps[i] = strconv.Itoa(s)
			if v, _ := lookup(c.tree, path[:i+1]); named {
				if name, ok := nameOf(v); ok {
					steps[i] = name
				}
			}
		}
	}
	return steps
}
