// Tests of Holm's correction against worked examples.
package report

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestHolm(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		name    string
		p, want []float64
	}{
		// At 0.05 Holm rejects the first and the last and nothing else; what R's
		// p.adjust(p, "holm") prints.
		{"four hypotheses", []float64{0.01, 0.04, 0.03, 0.005}, []float64{0.03, 0.06, 0.06, 0.02}},
		// H. Abdi, Holm's Sequential Bonferroni Procedure (2010), its table.
		{"Abdi", []float64{0.000040, 0.016100, 0.612300}, []float64{0.000120, 0.032200, 0.612300}},
		{"ties share the larger", []float64{0.02, 0.02, 0.02}, []float64{0.06, 0.06, 0.06}},
		{"never above 1, never falling", []float64{0.9, 0.4, 0.5}, []float64{1, 1, 1}},
		{"one needs no correction", []float64{0.03}, []float64{0.03}},
		{"what was not compared does not count", []float64{nan, 0.01, nan, 0.03}, []float64{nan, 0.02, nan, 0.03}},
		{"nothing", nil, nil},
	} {
		got := Holm(c.p)
		for i := range c.want {
			if math.Abs(got[i]-c.want[i]) > 1e-12 || math.IsNaN(got[i]) != math.IsNaN(c.want[i]) {
				t.Errorf("%s: %v, want %v", c.name, got, c.want)
				break
			}
		}
	}
}

// TestHolmKeepsItsPromise counts, over families of true hypotheses, those in
// which any is rejected: at most 5 %, also when they depend on each other.
func TestHolmKeepsItsPromise(t *testing.T) {
	const families, size = 4000, 6
	for _, common := range []float64{0, 0.9} {
		dice := rand.New(rand.NewPCG(11, 12))
		wrong := 0
		for range families {
			p := make([]float64, size)
			shared := dice.NormFloat64()
			for i := range p {
				z := common*shared + math.Sqrt(1-common*common)*dice.NormFloat64()
				p[i] = math.Erfc(math.Abs(z) / math.Sqrt2)
			}
			for _, v := range Holm(p) {
				if v < significant {
					wrong++
					break
				}
			}
		}
		if share := float64(wrong) / families; share > 0.055 || common == 0 && share < 0.035 {
			t.Errorf("correlated by %.1f: %.3f of the families have a false rejection, want at most 0.05", common, share)
		}
	}
}
