// Merge: the difference between two states of a scenario, put upon a third.
package scenarios

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
)

// merge changes s where to differs from from, and nowhere else: as a JSON merge
// patch (RFC 7396) would, but lists of the same length element by element. The
// seed and the events stay those of s.
func merge(s, from, to *Scenario) {
	was := *s
	text, err := json.Marshal(patch(tree(s), tree(from), tree(to)))
	if err != nil {
		panic("scenarios: " + err.Error())
	}
	*s = Scenario{}
	if err := json.Unmarshal(text, s); err != nil {
		panic("scenarios: " + err.Error())
	}
	s.Seed = was.Seed
	s.share(&was)
}

// tree is a scenario as JSON has it, its numbers to the last digit.
func tree(s *Scenario) any {
	var v any
	decoder := json.NewDecoder(bytes.NewReader(s.withoutEvents()))
	decoder.UseNumber()
	if err := decoder.Decode(&v); err != nil {
		panic("scenarios: " + err.Error())
	}
	return v
}

// patch returns v with what changed between from and to.
func patch(v, from, to any) any {
	if reflect.DeepEqual(from, to) {
		return v
	}
	switch to := to.(type) {
	case map[string]any:
		from, isTable := from.(map[string]any)
		v, alsoTable := v.(map[string]any)
		if !isTable || !alsoTable {
			return to
		}
		merged := maps.Clone(v)
		for key := range from { // each key is its own: any order will do
			if _, still := to[key]; !still {
				delete(merged, key)
			}
		}
		for key := range to { // likewise
			if value := patch(v[key], from[key], to[key]); value != nil {
				merged[key] = value
			}
		}
		return merged
	case []any:
		from, isList := from.([]any)
		v, alsoList := v.([]any)
		if !isList || !alsoList || len(from) != len(to) || len(v) != len(to) {
			return to
		}
		merged := make([]any, len(to))
		for i := range to {
			merged[i] = patch(v[i], from[i], to[i])
		}
		return merged
	}
	return to
}
