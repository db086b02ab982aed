// Overriding keys of a tree by their dotted names: what --vary and [[variant]] do.

package strict

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Override sets the key of that dotted name to value, and makes the tables on the way that are missing. An element of an
// array goes by its number (server.2.weight, from 0) or by its `name` key (server.app-2.weight); a part with dots in it
// goes in quotes (headers."x.y"). A number or name that does not exist is an error that lists those that do.
func Override(tree map[string]any, dotted string, value any) error {
	steps, err := splitDotted(dotted)
	if err != nil {
		return err
	}
	return set(tree, steps, 0, deepCopy(value))
}

// Clone is a copy of a tree of its own, to be overridden.
func Clone(tree map[string]any) map[string]any {
	clone, _ := deepCopy(tree).(map[string]any)
	return clone
}

// set sets steps[i:] inside container.
func set(container any, steps []string, i int, value any) error {
	last := i == len(steps)-1
	if table, ok := container.(map[string]any); ok {
		if last {
			table[steps[i]] = value
			return nil
		}
		next, ok := table[steps[i]]
		if !ok {
			next = map[string]any{}
			table[steps[i]] = next
		}
		return set(next, steps, i+1, value)
	}
	if _, ok := elements(container); !ok {
		return fmt.Errorf("%s: %q is %s, not a table", join(steps), join(steps[:i]), describe(container))
	}
	index, err := element(container, steps[i])
	if err != nil {
		return fmt.Errorf("%s: %w", join(steps), err)
	}
	if last {
		return replace(container, index, value, join(steps))
	}
	next, _ := child(container, index)
	return set(next, steps, i+1, value)
}

// replace puts value in the place of a whole element.
func replace(array any, index int, value any, name string) error {
	switch array := array.(type) {
	case []any:
		array[index] = value
	case []map[string]any:
		table, ok := value.(map[string]any)
		if !ok {
			return fmt.Errorf("%s: must be a table, not %s", name, describe(value))
		}
		array[index] = table
	}
	return nil
}

// element is the index of the element that step means: its number if there is one of that number, else its name.
func element(array any, step string) (int, error) {
	n, _ := elements(array)
	if i, err := strconv.Atoi(step); err == nil && i >= 0 && i < n && strconv.Itoa(i) == step {
		return i, nil
	}
	var names []string
	found, times := 0, 0
	for i := range n {
		v, _ := child(array, i)
		name, ok := nameOf(v)
		if !ok {
			continue
		}
		names = append(names, name)
		if name == step {
			found, times = i, times+1
		}
	}
	switch {
	case times == 1:
		return found, nil
	case times > 1:
		return 0, fmt.Errorf("%d elements are named %q; use a number from 0 to %d", times, step, n-1)
	case n == 0:
		return 0, fmt.Errorf("no element %q: the array is empty", step)
	case len(names) == 0:
		return 0, fmt.Errorf("no element %q; known: 0 to %d", step, n-1)
	}
	return 0, fmt.Errorf("no element %q%s; %s, or 0 to %d", step, didYouMean(Nearest(step, names)), knownNames(names), n-1)
}

// splitDotted takes a dotted name apart; a part may be in quotes.
func splitDotted(dotted string) ([]string, error) {
	var steps []string
	for rest := dotted; ; {
		var step string
		if strings.HasPrefix(rest, `"`) {
			quoted, err := strconv.QuotedPrefix(rest)
			if err != nil {
				return nil, fmt.Errorf("%q: a quote that does not end", dotted)
			}
			step, _ = strconv.Unquote(quoted)
			rest = rest[len(quoted):]
		} else {
			end := strings.IndexByte(rest, '.')
			if end < 0 {
				end = len(rest)
			}
			if step, rest = strings.TrimSpace(rest[:end]), rest[end:]; step == "" {
				return nil, fmt.Errorf("%q is not a dotted key such as balancer.algorithm", dotted)
			}
		}
		steps = append(steps, step)
		if rest == "" {
			return steps, nil
		}
		if rest[0] != '.' {
			return nil, fmt.Errorf("%q: a dot must follow a quoted part", dotted)
		}
		rest = rest[1:]
	}
}

// join writes steps as a dotted name again.
func join(steps []string) string {
	path := make([]any, len(steps))
	for i, s := range steps {
		path[i] = s
	}
	return pathText(path)
}

// Numbers as TOML writes them, which has no leading zeros: 007 is a name.
var (
	integerText = regexp.MustCompile(`^[+-]?(0|[1-9](_?[0-9])*)$`)
	floatText   = regexp.MustCompile(`^[+-]?(0|[1-9](_?[0-9])*)(\.[0-9](_?[0-9])*)?([eE][+-]?[0-9](_?[0-9])*)?$`)
)

// ParseValue is the value that a command line gives: an integer (int64), a float, a boolean, else the string as it is;
// a string that looks like one of the others goes in double quotes, as in TOML.
func ParseValue(text string) any {
	digits := strings.ReplaceAll(text, "_", "")
	switch {
	case text == "true", text == "false":
		return text == "true"
	case integerText.MatchString(text):
		if n, err := strconv.ParseInt(digits, 10, 64); err == nil {
			return n
		}
	case floatText.MatchString(text):
		if f, err := strconv.ParseFloat(digits, 64); err == nil {
			return f
		}
	case len(text) >= 2 && text[0] == '"':
		if s, err := strconv.Unquote(text); err == nil {
			return s
		}
	}
	return text
}
