// The action set.
package fault

import (
	"fmt"
	"strings"

	"cdnlab/sim/check"
)

func init() {
	Actions.Add("set", "keys of the scenario change, and with `for` go back", Kind{
		Needs: []string{"set"},
		Make:  func(c Config) Fault { return set(check.Flatten(c.Set)) },
		Tell:  tellSet,
		Until: lasts,
	})
}

type set []check.Setting

func (f set) Begin(w World) { w.Set(f, true) }
func (f set) End(w World)   { w.Set(f, false) }

func tellSet(c Config) string {
	var words []string
	for _, s := range check.Flatten(c.Set) {
		words = append(words, fmt.Sprintf("%s becomes %v", s.Key, s.Value))
	}
	return strings.Join(words, ", ")
}
