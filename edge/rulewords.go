// Rules in words, for drawings.
package edge

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// conditions are the keys that say for what requests a rule is.
var conditions = []string{"path", "host", "method", "cookie", "header"}

// String says for what a rule is and what it says: "path *.js: ttl 1h0m0s".
func (r Rule) String() string {
	var when, then []string
	v := reflect.ValueOf(r)
	for i := range v.NumField() {
		key := v.Type().Field(i).Tag.Get("toml")
		switch words := key + " " + ruleValue(v.Field(i)); {
		case key == "name", v.Field(i).IsZero():
		case slices.Contains(conditions, key):
			when = append(when, words)
		default:
			then = append(then, words)
		}
	}
	if when == nil {
		when = []string{"all"}
	}
	return strings.Join(when, " and ") + ": " + strings.Join(then, ", ")
}

// ruleValue writes a value as the scenario has it, a long text in short.
func ruleValue(v reflect.Value) string {
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	switch x := v.Interface().(type) {
	case []string:
		return strings.Join(x, " ")
	case map[string]time.Duration:
		var all []string
		for _, status := range sortedNames(x) {
			all = append(all, status+" "+brief(x[status]))
		}
		return strings.Join(all, " ")
	case time.Duration:
		return brief(x)
	case string:
		if line, _, more := strings.Cut(x, "\n"); more || len(line) > 40 {
			return line[:min(len(line), 40)] + "..."
		}
		return x
	}
	return fmt.Sprint(v.Interface())
}

// brief writes 1h0m0s as 1h.
func brief(d time.Duration) string {
	text := d.String()
	for _, zero := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(text, zero) {
			text = text[:len(text)-2]
		}
	}
	return text
}
