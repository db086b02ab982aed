// Tests: drawings of a small world with awkward names, and what holds for any.
package picture

import (
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/olekukonko/tablewriter/pkg/twwidth"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const ms = time.Millisecond

// small has a group of equal servers between two that differ.
func small() Picture {
	p := Picture{
		Title: `shop "A&B" <x>`, Subtitle: "What do 'quotes', `ticks` and 50 %% do; and #1?",
		Layers: []Layer{
			{Title: "users", Boxes: []Box{
				{ID: "u1", Name: "tokyo", Place: "東京", Notes: []string{"60 % of the load", "1,000 users behind 8 addresses"}},
				{ID: "u2", Name: "paris", Place: "Paris", Notes: []string{"40 % of the load"}},
			}, Policies: []string{"load for 10s: constant, rate 100/s"}},
			{Title: "balancer", Boxes: []Box{{ID: "b", Name: "balancer", Place: "New York"}},
				Policies: []string{"algorithm: round-robin [the servers in turn, whatever they weigh and however long they take] {always}"}},
			{Title: "app servers"},
		},
		Ways: []Way{
			{From: "u1", To: "b", RTT: 150 * ms, Known: "own link"},
			{From: "u2", To: "b", RTT: 75_750 * time.Microsecond, Known: "modelled", How: "from distance"},
		},
		Foot: []string{"What happens:", "  at 2s: app-2 crashes"},
	}
	for i := range 6 {
		b := Box{ID: fmt.Sprint("a", i), Name: fmt.Sprintf("app-%d", i+1), Place: "New York"}
		if i == 5 {
			b.Notes = []string{"weight 3"}
		}
		p.Layers[2].Boxes = append(p.Layers[2].Boxes, b)
		p.Ways = append(p.Ways, Way{From: "b", To: b.ID, Known: "same room"})
	}
	return p
}

// planet has more PoPs than a drawing has room for.
func planet(n int) Picture {
	p := Picture{Title: "planet", Layers: []Layer{
		{Title: "edge"}, {Title: "app servers", Boxes: []Box{{ID: "app", Name: "app-1", Place: "New York"}}}}}
	for i := range n {
		p.Layers[0].Boxes = append(p.Layers[0].Boxes, Box{ID: fmt.Sprint(i), Name: fmt.Sprintf("pop-%d", i), Place: fmt.Sprintf("City %d", i)})
		p.Ways = append(p.Ways, Way{From: fmt.Sprint(i), To: "app", RTT: time.Duration(i+1) * ms, Known: "measured"})
	}
	return p
}

func TestGoldens(t *testing.T) {
	for file, text := range map[string]string{
		"small-90.txt": small().Text(90), "small-60.txt": small().Text(20), "planet.txt": planet(40).Text(80),
		"small.mmd": small().Mermaid(), "small.svg": small().SVG(), "planet.svg": planet(40).SVG(),
	} {
		file = "testdata/" + file
		if *update {
			if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if string(want) != text {
			t.Errorf("%s: now\n%s", file, text)
		}
	}
}

// Boxes are closed at the right, whatever is in them, and none is too wide.
func TestTextFits(t *testing.T) {
	for _, p := range []Picture{small(), planet(3), planet(40)} {
		for _, width := range []int{60, 80, 100} {
			for line := range strings.Lines(p.Text(width)) {
				line = strings.TrimRight(line, "\n")
				w := twwidth.Width(line)
				boxed := strings.HasPrefix(line, "│") || strings.HasPrefix(line, "┌") || strings.HasPrefix(line, "└")
				if boxed && w != width || w > width {
					t.Errorf("%d columns, want %d: %s", w, width, line)
				}
			}
		}
	}
}

// An SVG is XML that any viewer reads: well-formed, its texts escaped, no
// coordinate outside.
func TestSVGIsXML(t *testing.T) {
	bad := small()
	bad.Title += "\x00\x1b[31m\xff\uFFFF"
	for _, p := range []Picture{small(), planet(40), bad} {
		text := p.SVG()
		decoder := xml.NewDecoder(strings.NewReader(text))
		elements := map[string]int{}
		for {
			token, err := decoder.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%v\n%s", err, text)
			}
			if start, ok := token.(xml.StartElement); ok {
				elements[start.Name.Local]++
			}
		}
		grouped := p.Grouped().Folded(svgBoxes)
		if ways := len(grouped.Ways); elements["path"] != ways+1 { // and the arrow's tip
			t.Errorf("%d paths, want %d", elements["path"], ways+1)
		}
		if regexp.MustCompile(`="-\d`).MatchString(text) {
			t.Error("something stands outside of the picture")
		}
	}
}

// A chart's labels are quoted, with nothing in them that ends the quotes, and
// every edge joins boxes that are there.
func TestMermaidIsSound(t *testing.T) {
	for _, p := range []Picture{small(), planet(100)} {
		text := p.Mermaid()
		nodes := map[string]bool{}
		for _, m := range regexp.MustCompile(`(?m)^    (n\d+)\["([^"]*)"\]$`).FindAllStringSubmatch(text, -1) {
			nodes[m[1]] = true
			if strings.ContainsAny(regexp.MustCompile(`#\d+;|<br/>|</?b>`).ReplaceAllString(m[2], ""), "<>&`{}[]#;") {
				t.Errorf("a label is not escaped: %s", m[2])
			}
		}
		edges := regexp.MustCompile(`(?m)^  (n\d+) -- "[^"]*" --> (n\d+)$`).FindAllStringSubmatch(text, -1)
		if len(edges) != len(p.Grouped().Folded(mermaidBoxes).Ways) || len(edges) > 500 {
			t.Errorf("%d edges", len(edges))
		}
		for _, e := range edges {
			if !nodes[e[1]] || !nodes[e[2]] {
				t.Errorf("%s joins what is not there", e[0])
			}
		}
		if strings.Count(text, "subgraph ") != strings.Count(text, "\n  end\n") {
			t.Error("a subgraph does not end")
		}
	}
}

func TestGrouped(t *testing.T) {
	p := small().Grouped()
	boxes := p.Layers[2].Boxes
	if len(boxes) != 2 || boxes[0].Name != "app-1 … app-5" || boxes[0].Count != 5 || boxes[1].Name != "app-6" {
		t.Errorf("%+v", boxes)
	}
	if len(p.Ways) != 4 {
		t.Errorf("%d ways, want one for each box and two from the users", len(p.Ways))
	}
	if small().Layers[2].Boxes[0].Count != 0 {
		t.Error("the picture itself was changed")
	}
}

func TestFolded(t *testing.T) {
	p := planet(40).Folded(12)
	boxes := p.Layers[0].Boxes
	if len(boxes) != 12 || boxes[11].Name != "and 29 more" || len(p.Ways) != 12 {
		t.Errorf("%d boxes, the last %+v; %d ways", len(boxes), boxes[len(boxes)-1], len(p.Ways))
	}
	if last := p.Ways[11]; last.time() != "12 to 40 ms" || last.Known != "measured" {
		t.Errorf("%s, %s", last.time(), last.Known)
	}
	if same := planet(12).Folded(12); len(same.Layers[0].Boxes) != 12 || same.Layers[0].Boxes[11].Count != 0 {
		t.Error("what fits was folded")
	}
}

func TestTimes(t *testing.T) {
	for _, c := range []struct {
		w             Way
		time, rounded string
	}{
		{Way{RTT: 149_910 * time.Microsecond}, "149.91 ms", "150 ms"},
		{Way{RTT: 2 * ms}, "2 ms", "2 ms"},
		{Way{}, "0 ms", "0 ms"},
		{Way{RTT: 67_140 * time.Microsecond, Most: 200 * ms}, "67.14 to 200 ms", "67.1 to 200 ms"},
	} {
		if c.w.time() != c.time || c.w.rounded() != c.rounded {
			t.Errorf("%s, %s; want %s, %s", c.w.time(), c.w.rounded(), c.time, c.rounded)
		}
	}
}
