// Package check is how a part of a scenario says what is wrong with it: by key,
// all mistakes at once. Who reads the file adds the line.
package check

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Problem is one thing that is wrong with a part of a scenario.
type Problem struct {
	Item int    // which table of an array of tables, from 0; 0 when there is but one
	Key  string // as written in the scenario; of a missing one, as it should be
	Says string
}

// String returns the problem as a line without a place.
func (p Problem) String() string { return p.Key + ": " + p.Says }

// List collects problems. The zero List is empty.
type List struct{ Problems []Problem }

// Add adds a problem of a key.
func (l *List) Add(key, format string, args ...any) {
	l.Problems = append(l.Problems, Problem{Key: key, Says: fmt.Sprintf(format, args...)})
}

// Number wants v within [least, most]; NaN never is.
func (l *List) Number(key string, v, least, most float64) {
	if !(v >= least && v <= most) {
		l.Add(key, "must be between %s and %s, not %s", plain(least), plain(most), plain(v))
	}
}

// Duration wants d within [least, most].
func (l *List) Duration(key string, d, least, most time.Duration) {
	if d < least || d > most {
		l.Add(key, "must be between %v and %v, not %v", least, most, d)
	}
}

// OneOf wants v to be one of the known words, or not given.
func (l *List) OneOf(key, v string, known ...string) {
	if v != "" && !slices.Contains(known, v) {
		l.Add(key, "must be one of %s, not %q", strings.Join(known, ", "), v)
	}
}

// Keys wants those keys of cfg, a struct with toml tags, that what it describes
// (say: the shape spike) needs, and beside them none but those it may have. A
// key was given when its field is not zero.
func (l *List) Keys(cfg any, what string, needs, may []string) {
	given := Given(cfg)
	for _, key := range given {
		if !slices.Contains(needs, key) && !slices.Contains(may, key) {
			l.Add(key, "means nothing to %s, whose keys are: %s", what, strings.Join(slices.Concat(needs, may), ", "))
		}
	}
	for _, key := range needs {
		if !slices.Contains(given, key) {
			l.Add(key, "is missing: %s needs it", what)
		}
	}
}

// Given returns the toml keys of a struct whose fields are not zero, in the
// order of the fields.
func Given(cfg any) []string {
	var keys []string
	v := reflect.ValueOf(cfg)
	for i := range v.NumField() {
		key, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("toml"), ",")
		if key != "" && key != "-" && !v.Field(i).IsZero() {
			keys = append(keys, key)
		}
	}
	return keys
}

// plain writes a number as people do: 10000000, not 1e+07.
func plain(v float64) string {
	s := fmt.Sprintf("%f", v)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	if s == "0" && v != 0 || len(s) > 20 {
		return fmt.Sprintf("%g", v)
	}
	return s
}
