// Which of the varied keys makes a curve, and which variants are its points.
package main

import (
	"errors"
	"fmt"
	"strings"

	"cdnlab/report"
	"cdnlab/scenarios"
)

const (
	// noCurve is the metric of --curve that is none.
	noCurve = "none"
	// minCurveValues is how many values of a key make a curve.
	minCurveValues = 3
)

// curveOf returns the curve of a grid: over the key with the most numbers; one
// line for each combination of the others. nil when there is none to draw.
func (p *play) curveOf(vary []scenarios.Vary) (*report.Curve, error) {
	along := -1
	for i, v := range vary {
		if len(v.Values) >= minCurveValues && numbers(v.Values) != nil && (along < 0 || len(v.Values) > len(vary[along].Values)) {
			along = i
		}
	}
	switch {
	case p.curve == noCurve:
		return nil, nil
	case along < 0 && p.curve != "":
		return nil, fmt.Errorf("--curve: none of the varied keys has %d numbers or more", minCurveValues)
	case along < 0:
		return nil, nil
	}
	c := &report.Curve{Metric: p.curve, Key: vary[along].Key}
	x := numbers(vary[along].Values)
	if len(p.x.Variants) != size(vary) {
		return nil, errors.New("--vary: not every combination is a variant")
	}
	for i, variant := range p.x.Variants {
		var others []string
		at := i
		point := report.CurvePoint{Variant: variant.Variant}
		for k := len(vary) - 1; k >= 0; k-- { // the last key varies the fastest
			v := vary[k]
			value := at % len(v.Values)
			at /= len(v.Values)
			if k == along {
				point.X, point.Text = x[value], fmt.Sprint(v.Values[value])
				continue
			}
			others = append([]string{fmt.Sprintf("%s=%v", v.Key[strings.LastIndexByte(v.Key, '.')+1:], v.Values[value])}, others...)
		}
		point.Line = strings.Join(others, " ")
		c.Points = append(c.Points, point)
	}
	return c, nil
}

// size is the number of combinations.
func size(vary []scenarios.Vary) int {
	n := 1
	for _, v := range vary {
		n *= len(v.Values)
	}
	return n
}

// numbers returns the values as numbers of one kind (plain ones, times or
// sizes), nil when they are none.
func numbers(values []any) []float64 {
	for _, kind := range []string{"number", "duration", "string"} {
		var all []float64
		for _, v := range values {
			if n, ok := quantities[kind].read(fmt.Sprint(v)); ok {
				all = append(all, n)
			}
		}
		if len(all) == len(values) {
			return all
		}
	}
	return nil
}
