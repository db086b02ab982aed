// Ranges of --vary: LOW..HIGH/COUNT, for everything that is a number.
package main

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"cdnlab/scenarios/strict"
	"cdnlab/sim"
)

// rangeForm is LOW..HIGH/COUNT with an optional log.
var rangeForm = regexp.MustCompile(`^(.+?)\.\.(.+)/([0-9]+)(log)?$`)

// quantity is a kind of value that is a number to those who draw it.
type quantity struct {
	read  func(text string) (float64, bool)
	write func(v float64) string
}

// quantities are, by the type of key: plain numbers, and texts that mean one.
var quantities = map[string]quantity{
	"integer": {readNumber, func(v float64) string { return strconv.FormatFloat(math.Round(v), 'f', -1, 64) }},
	"number":  {readNumber, func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }},
	"duration": {readDuration, func(v float64) string {
		return time.Duration(math.Round(v)).String()
	}},
	"string": {readBytes, writeBytes},
}

// writeBytes writes a size as people do: 1.44MB, not 1440KB.
func writeBytes(v float64) string {
	for i, unit := range []string{"TB", "GB", "MB", "KB"} {
		if per := math.Pow10(12 - 3*i); v >= per {
			return strconv.FormatFloat(v/per, 'g', 3, 64) + unit
		}
	}
	return sim.Bytes(math.Round(v)).String()
}

func readNumber(text string) (float64, bool) {
	v, err := strconv.ParseFloat(strings.ReplaceAll(text, "_", ""), 64)
	return v, err == nil && !math.IsNaN(v) && !math.IsInf(v, 0)
}

func readDuration(text string) (float64, bool) {
	d, err := time.ParseDuration(text)
	return float64(d), err == nil
}

func readBytes(text string) (float64, bool) {
	var b sim.Bytes
	err := b.UnmarshalText([]byte(text))
	return float64(b), err == nil
}

// expandRanges puts the values in place of each range.
func expandRanges(key strict.Key, words []string) ([]string, error) {
	q, numeric := quantities[key.Type]
	var all []string
	for _, word := range words {
		low, _, dots := strings.Cut(word, "..")
		if _, isNumber := q.readOr(low); !numeric || !dots || !isNumber {
			all = append(all, word) // a text with dots in it
			continue
		}
		values, err := q.expand(word)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", word, err)
		}
		all = append(all, values...)
	}
	return all, nil
}

func (q quantity) readOr(text string) (float64, bool) {
	if q.read == nil {
		return 0, false
	}
	return q.read(text)
}

// expand returns the values of a range. Its ends stand as they are written, what
// lies between has three digits: more would be nobody's choice.
func (q quantity) expand(text string) ([]string, error) {
	m := rangeForm.FindStringSubmatch(text)
	if m == nil {
		return nil, errors.New("write a range as LOW..HIGH/COUNT, for example 500..4000/8, or 500..4000/8log for equal ratios")
	}
	low, _ := q.read(m[1])
	high, ok := q.read(m[2])
	count, err := strconv.Atoi(m[3])
	log := m[4] != ""
	switch {
	case !ok:
		return nil, fmt.Errorf("%q is no value of this key", m[2])
	case err != nil || count < 2 || count > maxGrid:
		return nil, fmt.Errorf("%s values; a range has 2 to %d", m[3], maxGrid)
	case !(high > low):
		return nil, errors.New("the low end comes first")
	case log && low <= 0:
		return nil, errors.New("equal ratios begin above 0")
	}
	words := []string{m[1]}
	for i := 1; i < count-1; i++ {
		share := float64(i) / float64(count-1)
		v := low + share*(high-low)
		if log {
			v = low * math.Pow(high/low, share)
		}
		words = append(words, q.write(threeDigits(v)))
	}
	return slices.Compact(append(words, m[2])), nil // whole numbers may meet
}

func threeDigits(v float64) float64 {
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 3, 64), 64)
	if err != nil {
		return v
	}
	return rounded
}
