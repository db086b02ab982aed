// Settings: what of a scenario decides how it is played, for its result.
package scenarios

import (
	"bytes"
	"encoding/json"

	"github.com/BurntSushi/toml"
)

// wordsOnly are the keys of a scenario that say what it is about and what is
// expected of it. None of them changes a run; the seed stands in each run, and the
// speed in each live one's receipt.
var wordsOnly = []string{"name", "question", "seed", "speed", "variant", "expect", "regression", "lesson"}

// settings is the resolved scenario under the keys of its file, as JSON:
// durations and sizes as people write them, tables within tables, keys sorted.
// A result carries it, so that two results can say in what they differ.
func (s *Scenario) settings() json.RawMessage {
	played := *s
	played.Variants = nil // TOML cannot hold all that they may
	var text bytes.Buffer
	tree := map[string]any{}
	if err := toml.NewEncoder(&text).Encode(&played); err != nil {
		panic("scenarios: " + err.Error())
	}
	if _, err := toml.NewDecoder(&text).Decode(&tree); err != nil {
		panic("scenarios: " + err.Error())
	}
	for _, key := range wordsOnly {
		delete(tree, key)
	}
	encoded, err := json.Marshal(tree)
	if err != nil {
		panic("scenarios: " + err.Error())
	}
	return encoded
}

// settings are those of every variant, by its hash.
func (x *Experiment) settings() map[string]json.RawMessage {
	all := map[string]json.RawMessage{}
	for _, v := range x.Variants {
		all[v.Hash] = v.settings()
	}
	return all
}
