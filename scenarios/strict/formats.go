// What JSON schema cannot say of a TOML value, as formats: durations and their bounds, ranges of Go numbers, dates, text types.

package strict

import (
	"encoding"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// maxExact is the largest integer up to which a float64 holds every one; the decoder refuses larger ones in float fields.
const maxExact = 1 << 53

// A complaint is what a format says of a value, already in words for people.
type complaint struct{ says, hint string }

func (c complaint) Error() string { return c.says }

// register makes a format known to the compiler and returns its name.
func (g *generator) register(name string, check func(any) error) string {
	g.formats[name] = &jsonschema.Format{Name: name, Validate: check}
	return name
}

// checkInteger refuses what does not fit the Go type, 3.0 among it: JSON takes that for an integer, the decoder does not.
func checkInteger(t reflect.Type) func(any) error {
	return func(v any) error {
		if n, ok := v.(json.Number); ok { // a default, out of the schema's own text
			v, _ = n.Int64()
		}
		n, ok := v.(int64)
		if i, small := v.(int); small {
			n, ok = int64(i), true
		}
		if !ok {
			return complaint{"must be an integer, not " + describe(v), integerHint(v)}
		}
		zero := reflect.Zero(t)
		switch {
		case zero.CanUint() && n < 0: // the decoder would wrap it around
			return complaint{"must be at least 0", ""}
		case zero.CanUint() && zero.OverflowUint(uint64(n)), zero.CanInt() && zero.OverflowInt(n):
			return complaint{fmt.Sprintf("%d is out of range", n), ""}
		}
		return nil
	}
}

// integerHint offers the integer that a float such as 3.0 means.
func integerHint(v any) string {
	if f, ok := v.(float64); ok && f == math.Trunc(f) && math.Abs(f) < maxExact {
		return fmt.Sprintf("write %d", int64(f))
	}
	return ""
}

// checkFloat refuses numbers that the float would change.
func checkFloat(t reflect.Type) func(any) error {
	exact := int64(maxExact) - 1
	if t.Kind() == reflect.Float32 {
		exact = 1<<24 - 1
	}
	return func(v any) error {
		switch v := v.(type) {
		case int64:
			if v > exact || v < -exact {
				return complaint{fmt.Sprintf("%d is too large to be exact", v), fmt.Sprintf("write %d.0", v)}
			}
		case float64:
			if reflect.Zero(t).OverflowFloat(v) {
				return complaint{tomlFloat(v) + " is out of range", ""}
			}
		}
		return nil
	}
}

// checkTime takes dates of TOML (which reach the validator as null, see plain) and their text.
func checkTime(v any) error {
	if v == nil {
		return nil
	}
	if s, ok := v.(string); ok && new(time.Time).UnmarshalText([]byte(s)) == nil {
		return nil
	}
	return complaint{"must be a date and time, not " + describe(v), "for example 2026-01-31T12:00:00Z"}
}

// textFormat is the format of a type that reads itself from text: what UnmarshalText refuses is a mistake with a line.
func (g *generator) textFormat(t reflect.Type) string {
	if name, ok := g.texts[t]; ok {
		return name
	}
	name := g.name(t)
	g.texts[t] = name
	return g.register(name, func(v any) error {
		s, ok := v.(string)
		if !ok {
			return nil // of the wrong type, which is said elsewhere
		}
		return reflect.New(t).Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(s))
	})
}

// bounds are the limits of a duration, as written in its tags; nil for none.
type bounds struct{ least, most, above, below *time.Duration }

// durationFormat is the format of a duration within bounds. Its name says them, so that editors show them.
func (g *generator) durationFormat(b bounds) string {
	name := []string{"duration such as 150ms"}
	for _, limit := range []struct {
		words string
		value *time.Duration
	}{{"at least", b.least}, {"at most", b.most}, {"above", b.above}, {"below", b.below}} {
		if limit.value != nil {
			name = append(name, limit.words+" "+short(*limit.value))
		}
	}
	return g.register(strings.Join(name, ", "), func(v any) error {
		s, ok := v.(string)
		if !ok {
			return nil // a bare number is of the wrong type, which is said elsewhere
		}
		d, err := time.ParseDuration(s)
		switch {
		case err == nil:
			return b.check(d)
		case durationText.MatchString(s):
			return complaint{literal(s) + " is longer than a duration can be", ""}
		}
		return complaint{"must be a duration, not " + describe(s), durationHint(s)}
	})
}

func (b bounds) check(d time.Duration) error {
	switch {
	case b.least != nil && d < *b.least:
		return complaint{"must be at least " + short(*b.least), ""}
	case b.most != nil && d > *b.most:
		return complaint{"must be at most " + short(*b.most), ""}
	case b.above != nil && d <= *b.above:
		return complaint{"must be above " + short(*b.above), ""}
	case b.below != nil && d >= *b.below:
		return complaint{"must be below " + short(*b.below), ""}
	}
	return nil
}

// short writes a duration as a person would: 1h, not 1h0m0s.
func short(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// durationHint shows how to write a number with a unit; nobody but the writer knows which unit was meant.
func durationHint(v any) string {
	digits := "150"
	switch v := v.(type) {
	case int64:
		digits = strconv.FormatInt(v, 10)
	case float64:
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			digits = strconv.FormatFloat(v, 'f', -1, 64)
		}
	case string:
		if tight := strings.ReplaceAll(v, " ", ""); durationText.MatchString(tight) {
			return fmt.Sprintf("write %q", tight)
		}
		if _, err := strconv.ParseFloat(v, 64); err == nil && !strings.ContainsAny(v, "eEnNiIxX_pP") {
			digits = v
		}
	}
	return fmt.Sprintf("write it with its unit: %q", digits+"ms")
}
