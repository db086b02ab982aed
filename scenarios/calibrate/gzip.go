// What compression costs: gzip at its usual level, of text.
package calibrate

import (
	"compress/gzip"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"

	"cdnlab/sim/cpu"
)

var gzipSampler = sampler{
	name:    "compression",
	kinds:   []kind{{"gzip-mb", "gzip at its usual level (6) of HTML, which it makes a fifth"}},
	measure: gzipRound,
}

// pages is how many a round compresses.
const pages = 10

func gzipRound() ([]float64, error) {
	text := html()
	took, err := busy(func() error {
		for range pages {
			out := gzip.NewWriter(io.Discard)
			if _, err := io.WriteString(out, text); err != nil {
				return err
			}
			if err := out.Close(); err != nil {
				return err
			}
		}
		return nil
	})
	return []float64{float64(took) / pages / (float64(len(text)) / cpu.MB)}, err
}

// html is a page of about a MB: a long list of products, as a shop has it.
func html() string {
	dice := rand.New(rand.NewPCG(1, 1))
	words := strings.Fields("the light old small blue green wood chair table lamp cup of with and for made in house garden new steel glass soft wool")
	var page strings.Builder
	for i := 0; page.Len() < cpu.MB; i++ {
		fmt.Fprintf(&page, "<li class=\"product\"><a href=\"/product/%d\"><img src=\"/img/%x.jpg\" alt=\"\"></a><p>", i, dice.Uint64())
		for range 12 {
			page.WriteString(words[dice.IntN(len(words))] + " ")
		}
		fmt.Fprintf(&page, "</p><span class=\"price\">%d.%02d</span></li>\n", dice.IntN(500), dice.IntN(100))
	}
	return page.String()
}
