// The two parsers must read a file alike: random files over a tiny alphabet, where keys collide all the time.

package strict

import (
	"math/rand/v2"
	"strings"
	"testing"

	second "github.com/pelletier/go-toml/v2"
)

// randomFile writes a file of a few lines; many are not valid.
func randomFile(r *rand.Rand) string {
	var b strings.Builder
	for range 1 + r.IntN(7) {
		switch r.IntN(5) {
		case 0:
			b.WriteString("[" + randomKey(r) + "]")
		case 1:
			b.WriteString("[[" + randomKey(r) + "]]")
		default:
			b.WriteString(randomKey(r) + " = " + randomValue(r, 3))
		}
		b.WriteString("\n")
	}
	return b.String()
}

func randomKey(r *rand.Rand) string {
	parts := make([]string, 1+r.IntN(3))
	for i := range parts {
		parts[i] = []string{"a", "b", "c", `"d.e"`, "'f'", `"\u0061"`}[r.IntN(6)]
	}
	return strings.Join(parts, []string{".", " . "}[r.IntN(2)])
}

func randomValue(r *rand.Rand, depth int) string {
	if depth == 0 || r.IntN(2) == 0 {
		return []string{"1", `"x"`, "-0.5", "true", "2026-01-31", "''", "0x1F", "'''\ny'''", "07:32:00", "1e3"}[r.IntN(10)]
	}
	inside := make([]string, r.IntN(3))
	isTable := r.IntN(2) == 0
	for i := range inside {
		inside[i] = randomValue(r, depth-1)
		if isTable {
			inside[i] = randomKey(r) + " = " + inside[i]
		}
	}
	if isTable {
		return "{" + strings.Join(inside, ", ") + "}"
	}
	return "[" + strings.Join(inside, ",\n ") + "]"
}

func TestParsersReadAlike(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	good, bad := 0, 0
	for range 12_000 {
		text := randomFile(r)
		var tree any
		strictly := second.Unmarshal([]byte(text), &tree)
		d, err := Parse("f.toml", []byte(text))
		if (err == nil) != (strictly == nil) {
			t.Fatalf("we find %v, another strict parser %v:\n%s", err, strictly, text)
		}
		if err != nil {
			bad++
			continue
		}
		good++
		everythingStands(t, d, d.Tree(), nil)
		survives(t, d.Tree())
		if t.Failed() {
			t.Fatal(text)
		}
	}
	if good < 2000 || bad < 2000 {
		t.Errorf("%d files were good and %d bad: the test has lost its point", good, bad)
	}
}
