// Axes: the numeric keys of a scenario, what values they take and how those are
// written.
package scenarios

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"

	"cdnlab/sim"
)

// axis is a numeric key.
type axis struct {
	of     reflect.Type // float64, time.Duration, sim.Bytes or an integer type
	digits int          // significant ones of a value that is looked for
	in     string       // what a plain number counts, "" when it is just a number
}

var (
	durationType = reflect.TypeFor[time.Duration]()
	bytesType    = reflect.TypeFor[sim.Bytes]()
)

// newAxis returns the axis of a type, false when it is no number.
func newAxis(t reflect.Type, precision float64) (axis, bool) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	a := axis{of: t}
	// A step of the last digit is less than half of the precision, whatever the
	// first digit is.
	a.digits = 1 + int(math.Ceil(math.Log10(2/precision)))
	return a, t.Kind() == reflect.Float64 || reflect.Zero(t).CanInt() || reflect.Zero(t).CanUint()
}

// whole returns the nearest value that the key can have.
func (a axis) whole(v float64) float64 {
	if a.of.Kind() == reflect.Float64 {
		return v
	}
	return math.Round(v)
}

// round returns a near value that is short to write.
func (a axis) round(v float64) float64 {
	short, err := strconv.ParseFloat(strconv.FormatFloat(v, 'e', a.digits-1, 64), 64)
	if err != nil {
		return v
	}
	return a.whole(short)
}

// short returns the nearest value that the key can have, of a fraction one that is
// short to write: 9999 and not 9999.999999999998 below 10000.
func (a axis) short(v float64) float64 {
	if a.of.Kind() == reflect.Float64 {
		return a.round(v)
	}
	return math.Round(v)
}

// value is what a file has for the number.
func (a axis) value(v float64) any {
	switch {
	case a.of == durationType:
		return time.Duration(v).String()
	case a.of == bytesType:
		return sim.Bytes(v).String()
	case a.of.Kind() == reflect.Float64:
		return v
	}
	return int64(v)
}

// text is the value as --set takes it.
func (a axis) text(v float64) string {
	switch {
	case a.of == bytesType:
		return sizeText(sim.Bytes(v))
	case a.of.Kind() == reflect.Float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return fmt.Sprint(a.value(v))
}

// sizeText writes a size in a unit of its order, where that is exact and short:
// 134.2MB, and 256MiB.
func sizeText(b sim.Bytes) string {
	exact := b.String()
	for _, unit := range []string{"TB", "GB", "MB", "KB"} {
		var one, again sim.Bytes
		if one.UnmarshalText([]byte("1"+unit)) != nil || b < one {
			continue
		}
		text := strconv.FormatFloat(float64(b)/float64(one), 'f', -1, 64) + unit
		if again.UnmarshalText([]byte(text)) == nil && again == b && len(text) < len(exact) {
			return text
		}
	}
	return exact
}

// parse reads a value of the command line.
func (a axis) parse(text string) (float64, error) {
	switch {
	case a.of == durationType:
		d, err := time.ParseDuration(text)
		if err != nil {
			return 0, fmt.Errorf("%q is no duration; write it like \"150ms\"", text)
		}
		return float64(d), nil
	case a.of == bytesType:
		var b sim.Bytes
		err := b.UnmarshalText([]byte(text))
		return float64(b), err
	}
	v, err := strconv.ParseFloat(strings.ReplaceAll(text, "_", ""), 64)
	switch {
	case err != nil || math.IsNaN(v) || math.IsInf(v, 0):
		return 0, fmt.Errorf("%q is no number", text)
	case a.whole(v) != v:
		return 0, fmt.Errorf("%s is no whole number", text)
	}
	return v, nil
}

// one is where a search begins when the scenario has no value, or 0.
func (a axis) one() float64 {
	switch a.of {
	case durationType:
		return float64(10 * time.Millisecond)
	case bytesType:
		return 1e6
	}
	return 1
}

// least is the smallest value that is tried unasked. 0 often means "none" or "no
// limit" and is no neighbour of 1.
func (a axis) least() float64 {
	switch {
	case a.of == durationType:
		return float64(time.Microsecond)
	case a.of.Kind() == reflect.Float64:
		return 0
	}
	return 1
}

// unit is what the numbers count, in JSON.
func (a axis) unit() string {
	switch a.of {
	case durationType:
		return "ns"
	case bytesType:
		return "B"
	}
	return a.in
}

// keyed returns the field that a dotted key means, and its value: nil when the
// scenario has none there. Elements of arrays go by their number or name. false
// when there is no such key.
func keyed(v reflect.Value, steps []string) (reflect.Type, *float64, bool) {
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			v = reflect.New(v.Type().Elem()).Elem()
			t, _, found := keyed(v, steps)
			return t, nil, found
		}
		v = v.Elem()
	}
	if len(steps) == 0 {
		return v.Type(), numberIn(v), true
	}
	switch v.Kind() {
	case reflect.Struct:
		return keyedField(v, steps)
	case reflect.Slice:
		if i, found := elementAt(v, steps[0]); found {
			return keyed(v.Index(i), steps[1:])
		}
	}
	return nil, nil, false
}

// keyedField looks among a table's keys, those of embedded tables too.
func keyedField(v reflect.Value, steps []string) (reflect.Type, *float64, bool) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if f.Anonymous && f.Tag.Get("toml") == "" {
			if t, n, found := keyed(v.Field(i), steps); found {
				return t, n, true
			}
		}
		if name, _, _ := strings.Cut(f.Tag.Get("toml"), ","); name == steps[0] && f.IsExported() {
			return keyed(v.Field(i), steps[1:])
		}
	}
	return nil, nil, false
}

// elementAt is an element by its number or its name.
func elementAt(v reflect.Value, step string) (int, bool) {
	if i, err := strconv.Atoi(step); err == nil {
		return i, i >= 0 && i < v.Len()
	}
	for i := range v.Len() {
		if f := v.Index(i).FieldByName("Name"); f.IsValid() && f.String() == step {
			return i, true
		}
	}
	return 0, false
}

// numberIn is a value as a number, nil when it is none.
func numberIn(v reflect.Value) *float64 {
	var n float64
	switch {
	case v.CanFloat():
		n = v.Float()
	case v.CanInt():
		n = float64(v.Int())
	case v.CanUint():
		n = float64(v.Uint())
	default:
		return nil
	}
	return &n
}
