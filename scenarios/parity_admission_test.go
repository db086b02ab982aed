// Parity of admission: what comes into a cache, and what does not and why, is the same in
// both worlds, the dice included.
package scenarios

import (
	"fmt"
	"testing"
	"time"

	"cdnlab/edge/cache"
)

// admissionScript asks for some things often, for some once, for a large one, and twice
// at once for the last; the cache has room for two of them.
func admissionScript() (script []scripted) {
	at := time.Millisecond
	for _, path := range []string{"/a", "/a", "/b", "/a", "/big", "/b", "/a", "/c", "/a", "/d", "/b", "/big", "/a", "/c", "/c", "/big", "/c", "/a", "/b"} {
		script = append(script, scripted{at, "GET", path, 0})
		at += 607 * time.Millisecond
	}
	return append(script, scripted{at, "GET", "/e", 0}, scripted{at + 20*time.Millisecond, "GET", "/e", 0}, scripted{at + 611*time.Millisecond, "GET", "/e", 0})
}

func TestParityAdmission(t *testing.T) {
	for _, e := range cache.Admissions.All() {
		if e.Name == "none" {
			continue // as all other scripts
		}
		t.Run(e.Name, func(t *testing.T) {
			more := fmt.Sprintf("[edge]\ncache-size = \"25KB\"\nadmission = %q\nadmission-size = \"20KB\"\nadmission-chance = 0.5\n", e.Name)
			for _, c := range [][2]string{{"/a", "10KB"}, {"/b", "9KB"}, {"/c", "8KB"}, {"/d", "7KB"}, {"/e", "10KB"}, {"/big", "21KB"}} {
				more += fmt.Sprintf("[[catalog]]\npath = %q\nsize = %q\ncache-control = \"max-age=60\"\n", c[0], c[1])
			}
			holdParity(t, "parity-admission-"+e.Name, badly{script: admissionScript(), more: more})
		})
	}
}
