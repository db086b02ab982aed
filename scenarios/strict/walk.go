// Finding the way in a tree: values at paths, names of elements, paths with array indexes as numbers.

package strict

import "strconv"

// lookup is the value at path.
func lookup(v any, path []any) (any, bool) {
	for _, step := range path {
		next, ok := child(v, step)
		if !ok {
			return nil, false
		}
		v = next
	}
	return v, true
}

// child is the value one step further in.
func child(v, step any) (any, bool) {
	switch v := v.(type) {
	case map[string]any:
		key, ok := step.(string)
		if !ok {
			return nil, false
		}
		inner, ok := v[key]
		return inner, ok
	case []any:
		if i, ok := step.(int); ok && i >= 0 && i < len(v) {
			return v[i], true
		}
	case []map[string]any:
		if i, ok := step.(int); ok && i >= 0 && i < len(v) {
			return v[i], true
		}
	}
	return nil, false
}

// elements is the number of elements of an array, not ok for what is none.
func elements(v any) (int, bool) {
	switch v := v.(type) {
	case []any:
		return len(v), true
	case []map[string]any:
		return len(v), true
	}
	return 0, false
}

// nameOf is the "name" of a table in an array.
func nameOf(v any) (string, bool) {
	table, ok := v.(map[string]any)
	if !ok {
		return "", false
	}
	name, ok := table["name"].(string)
	return name, ok
}

// typedPath is a location of the validator, which is all text, with the indexes of arrays as numbers.
func typedPath(v any, location []string) []any {
	path := make([]any, 0, len(location))
	for _, token := range location {
		var step any = token
		if _, isArray := elements(v); isArray {
			if i, err := strconv.Atoi(token); err == nil {
				step = i
			}
		}
		path = append(path, step)
		v, _ = child(v, step)
	}
	return path
}
