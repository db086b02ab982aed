// The drawing as a Mermaid flowchart, which GitHub renders.
package picture

import (
	"fmt"
	"strings"
)

// mermaidBoxes keeps a chart within what GitHub draws: 500 edges, 50,000
// characters.
const mermaidBoxes = 30

// Mermaid renders the picture as a flowchart, without a fence around it.
func (p Picture) Mermaid() string {
	p = p.Grouped().Folded(mermaidBoxes)
	var out strings.Builder
	fmt.Fprintf(&out, "---\ntitle: %s\n---\nflowchart LR\n", yaml(p.Title))
	ids := map[string]string{}
	for i, l := range p.Layers {
		fmt.Fprintf(&out, "  subgraph layer%d[\"%s\"]\n", i, escapeMermaid(l.Title))
		for _, b := range l.Boxes {
			ids[b.ID] = fmt.Sprintf("n%d", len(ids))
			fmt.Fprintf(&out, "    %s[\"%s\"]\n", ids[b.ID], strings.Join(labels(b), "<br/>"))
		}
		if len(l.Policies) > 0 {
			fmt.Fprintf(&out, "    policy%d[/\"%s\"/]\n", i, strings.Join(escapeAll(l.Policies), "<br/>"))
		}
		out.WriteString("  end\n")
	}
	for _, w := range p.Ways {
		fmt.Fprintf(&out, "  %s -- \"%s<br/>%s\" --> %s\n", ids[w.From], escapeMermaid(w.time()), escapeMermaid(w.marked()), ids[w.To])
	}
	for i, l := range p.Layers {
		if len(l.Policies) > 0 {
			fmt.Fprintf(&out, "  style policy%d fill:none,stroke:none\n", i)
		}
	}
	return out.String()
}

// labels are a box's lines.
func labels(b Box) []string {
	lines := []string{"<b>" + escapeMermaid(b.Name) + "</b>"}
	if b.Place != "" {
		lines = append(lines, escapeMermaid(b.Place))
	}
	return append(lines, escapeAll(b.notes())...)
}

func escapeAll(texts []string) []string {
	out := make([]string, len(texts))
	for i, text := range texts {
		out[i] = escapeMermaid(text)
	}
	return out
}

// escapeMermaid writes what a quoted label cannot hold as Mermaid's entity codes
// (#35; is #). Backticks would begin Markdown, %% a comment.
func escapeMermaid(text string) string {
	var out strings.Builder
	for _, r := range text {
		if r < ' ' || strings.ContainsRune("\"#&;<>`\\{}[]|%", r) {
			fmt.Fprintf(&out, "#%d;", r)
			continue
		}
		out.WriteRune(r)
	}
	return out.String()
}

// yaml writes a text as a quoted YAML string.
func yaml(text string) string {
	return "'" + strings.ReplaceAll(strings.Join(strings.Fields(text), " "), "'", "''") + "'"
}
