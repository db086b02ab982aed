// Lesson: what a scenario teaches, in words, with the numbers of a run in them.
package scenarios

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"cdnlab/report"
)

// Lesson is the text of 'cdnlab explain'. Its question is the scenario's.
type Lesson struct {
	Topics []string `toml:"topics" json:"topics" jsonschema:"description=words under which 'cdnlab explain' finds it beside the scenario's name; if not given none"`
	Points []string `toml:"points" json:"points" jsonschema:"description=ids of the points of a curriculum that it shows: C4; if not given none"`
	Short  string   `toml:"short" json:"short" jsonschema:"required,description=the answer to the question without numbers"`
	Answer string   `toml:"answer" json:"answer" jsonschema:"required,description=the answer with numbers of the run in braces: {ttfb.p50 of CDN warm} or a ratio {ttfb.p50 of without CDN / ttfb.p50 of CDN warm} or in a part of the run {errors of CDN from 3s to 13s}; {{ is a brace"`
	Proof  string   `toml:"proof" json:"proof" jsonschema:"description=what in the tables of a run proves it"`
	More   string   `toml:"more" json:"more" jsonschema:"description=what is more exact and what is often told wrong"`
	Try    []string `toml:"try" json:"try" jsonschema:"description=commands to try next"`
}

// Limits of a lesson: each number of a part of the run costs a window.
const (
	maxNumbers = 60
	maxTopics  = 20
)

var (
	topicForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	pointForm = regexp.MustCompile(`^[A-Z]{1,3}[0-9]{1,3}$`)
)

// lesson checks the lesson's own words.
func (c *checker) lesson() {
	l := c.s.Lesson
	if l == nil {
		return
	}
	if len(l.Topics) > maxTopics {
		c.add(fmt.Sprintf("at most %d", maxTopics), "", "lesson", "topics")
	}
	for _, w := range l.Topics {
		if !topicForm.MatchString(w) {
			c.add(fmt.Sprintf("%q is no topic: small letters, digits and -", w), "", "lesson", "topics")
		}
	}
	for _, p := range l.Points {
		if !pointForm.MatchString(p) {
			c.add(fmt.Sprintf("%q is no point: a letter and a number, such as C4", p), "", "lesson", "points")
		}
	}
	for _, line := range l.Try {
		if !strings.HasPrefix(line, "cdnlab ") {
			c.add(fmt.Sprintf("%q is no command of cdnlab", line), "", "lesson", "try")
		}
	}
	c.answer(l.Answer)
}

// answer checks the numbers that an answer names.
func (c *checker) answer(text string) {
	if c.lost("variant", "duration") {
		return
	}
	pieces, bad := pieces(text, c.s.variantNames())
	for _, err := range bad {
		says, hint, _ := strings.Cut(err.Error(), "; ")
		c.add(says, hint, "lesson", "answer")
	}
	hint, written := c.shortened()
	numbers := numbers(pieces)
	if len(numbers) > maxNumbers {
		c.add(fmt.Sprintf("has %d numbers; at most %d", len(numbers), maxNumbers), "", "lesson", "answer")
	}
	for _, n := range numbers {
		if n.outside(c.s.Duration) == "" {
			continue
		}
		why := ""
		if n.outside(written) == "" {
			why = hint
		}
		c.add(fmt.Sprintf("{%s}: %v to %v is no time within the run (0s to %v)", n.Says, n.From, n.to(c.s.Duration), c.s.Duration), why, "lesson", "answer")
	}
}

func (s *Scenario) variantNames() []string {
	names := []string{}
	for _, v := range s.Variants {
		names = append(names, v.Name)
	}
	return names
}

// asked are the numbers that the lesson's answer needs of a run.
func (x *Experiment) asked() []Expect {
	if x.Base.Lesson == nil {
		return nil
	}
	all, _ := pieces(x.Base.Lesson.Answer, x.Base.variantNames()) // which Load has found right
	return numbers(all)
}

func numbers(all []piece) []Expect {
	var list []Expect
	for _, p := range all {
		list = append(list, p.numbers...)
	}
	return list
}

// Answer fills the lesson's answer with the numbers of runs in one world, the
// means when there are several seeds. The notes say what had to be left out.
func (x *Experiment) Answer(runs []*report.Run, world string) (text string, notes []string) {
	all, _ := pieces(x.Base.Lesson.Answer, x.Base.variantNames()) // which Load has found right
	var out strings.Builder
	for _, p := range all {
		words, why := p.fill(x, runs, world)
		out.WriteString(words)
		if why != "" && !slices.Contains(notes, why) {
			notes = append(notes, why)
		}
	}
	return out.String(), notes
}
