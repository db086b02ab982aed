// Tests of priority levels: the vectors of Envoy's code, where its documentation rounds.
package health

import (
	"fmt"
	"testing"
)

func TestPriorityLoads(t *testing.T) {
	for _, c := range []struct {
		well []float64
		want string
	}{
		{[]float64{1, 1}, "[100 0]"}, {[]float64{0.72, 1}, "[100 0]"}, {[]float64{0.71, 1}, "[99 1]"}, {[]float64{0.70, 1}, "[98 2]"},
		{[]float64{0.5, 0.6}, "[70 30]"}, {[]float64{0.25, 0.25}, "[50 50]"}, {[]float64{0.05, 0.65}, "[8 92]"},
		{[]float64{0.25, 0.25, 0.20}, "[37 35 28]"}, {[]float64{0, 1}, "[0 100]"}, {[]float64{0, 0}, "[0 0]"}, {[]float64{0, 0.1}, "[0 100]"},
	} {
		if got := fmt.Sprint(PriorityLoads(c.well, 1.4)); got != c.want {
			t.Errorf("%v: %s, want %s", c.well, got, c.want)
		}
	}
}
