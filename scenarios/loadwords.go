// The load in words, for drawings.
package scenarios

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"cdnlab/report"
	"cdnlab/sim/check"
)

// recordedWords is what a trace asks for, by the catalog's entries.
func (t *Topology) recordedWords() []string {
	s, catalog := t.Scenario, t.catalog()
	objects, bytes, all := make([]int, len(s.Catalog)), make([]float64, len(s.Catalog)), 0.0
	for n := range catalog.Len() {
		o := catalog.Numbered(int32(n + 1))
		size := float64(catalog.Size(o))
		objects[o.Entry]++
		bytes[o.Entry] += size
		all += size
	}
	size := func(b float64) string { return report.FormatValue(b, report.UnitBytes) }
	known := s.trace.recorded
	lines := []string{fmt.Sprintf("in the trace: %s requests for %s, %s together%s", commas(float64(known.asked)), many(catalog.Len(), "object"), size(all), known.leftOut)}
	for i, e := range s.Catalog {
		if i == maxPages {
			return append(lines, fmt.Sprintf("and %s more", many(len(s.Catalog)-i, "kind")))
		}
		words := []string{many(objects[i], "object"), size(bytes[i]) + " together"}
		lines = append(lines, fmt.Sprintf("of these %s: %s", e.Path, strings.Join(append(words, ruleWords(e.Filled())...), "; ")))
	}
	return lines
}

// journeyWords is what people do, a line for each journey.
func (s *Scenario) journeyWords() (lines []string) {
	total := 0.0
	for _, j := range s.Journeys {
		total += *j.Filled().Share
	}
	for i, j := range s.Journeys {
		if i == maxPages {
			return append(lines, fmt.Sprintf("and %s more", many(len(s.Journeys)-i, "journey")))
		}
		j = j.Filled()
		var steps []string
		for _, step := range j.Steps {
			steps = append(steps, step.Words())
		}
		lines = append(lines, fmt.Sprintf("%.3g %% of the people, journey %s: %s; they think for %v in between",
			100**j.Share/total, j.Name, strings.Join(steps, ", "), brief(j.ThinkTime)))
	}
	return lines
}

// loadWords is the load with the keys that mean something to its shape.
func (s *Scenario) loadWords() string {
	words := []string{s.Load.Shape}
	given, v := meant(s.Load), reflect.ValueOf(s.Load)
	for i := range v.NumField() {
		key := v.Type().Field(i).Tag.Get("toml")
		if key == "shape" || key == "unit" || !slices.Contains(check.Given(given), key) || v.Field(i).String() == "even" {
			continue
		}
		switch value := v.Field(i).Interface().(type) {
		case float64:
			if strings.HasPrefix(key, "trace-") {
				words = append(words, key+" "+strconv.FormatFloat(value, 'g', -1, 64))
				continue
			}
			words = append(words, key+" "+commas(value)+" "+s.Load.Unit+"/s")
		case int:
			words = append(words, key+" "+commas(float64(value)))
		case time.Duration:
			words = append(words, key+" "+brief(value))
		default:
			words = append(words, fmt.Sprint(key, " ", value))
		}
	}
	return strings.Join(words, ", ")
}
