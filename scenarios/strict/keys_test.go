// Tests of Keys: the list as `list keys` would print it.

package strict

import (
	"fmt"
	"strings"
	"testing"
)

func TestKeysGolden(t *testing.T) {
	var out strings.Builder
	for _, k := range Keys(new(world)) {
		fmt.Fprintf(&out, "%s | %s | %s | %v | %s | %v | %s\n", k.Name, k.Type, k.Default, k.Required, k.Says, k.Values, k.Range)
	}
	golden(t, "testdata/keys.list", out.String())
}

func TestKeysOfTypesThatHoldThemselves(t *testing.T) {
	for v, want := range map[any]string{
		new(tree):      "leaf",
		new(box[tree]): "in.leaf",
	} {
		if keys := Keys(v); len(keys) != 1 || keys[0].Name != want {
			t.Errorf("%T: got %+v", v, keys)
		}
	}
}

func TestKeysPanicsOnABadStruct(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a channel went unnoticed")
		}
	}()
	Keys(&struct{ C chan int }{})
}

// Every key can be overridden by the name it is listed under, once * stands for an element.
func TestKeysAreWhatOverrideTakes(t *testing.T) {
	d, schema := mustParse(t, "name = \"x\"\nserver = [{}]\nclients = [{}]\n[[pop]]\nplace = \"paris\"\nrack = [{}]\n[links.0]\nrtt = \"0\""), worldSchema(t)
	for _, k := range Keys(new(world)) {
		tree := d.Tree()
		if err := Override(tree, strings.ReplaceAll(k.Name, "*", "0"), true); err != nil {
			t.Errorf("%s: %v", k.Name, err)
		}
		for _, m := range schema.CheckTree(d, tree) {
			if strings.Contains(m.Says, "unknown key") {
				t.Errorf("%s is listed and not known: %v", k.Name, m)
			}
		}
	}
}
