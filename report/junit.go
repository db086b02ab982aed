// JUnit XML, which CI systems read: a suite per scenario, a case per expectation.
package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// Suite is what became of one scenario.
type Suite struct {
	Name   string
	File   string
	Result *Result // nil when it was not played
	Err    error   // what is wrong with it, or why it could not be played to its end
	Took   time.Duration
	// Variants is how long the runs of each variant and world took; see TookKey.
	Variants map[string]time.Duration
}

// TookKey is the key of a variant and world in Suite.Variants.
func TookKey(variant, world string) string { return world + " " + variant }

// The elements, with the attributes that every reader knows (those of the
// schema that Jenkins checks: junit-10.xsd of its xUnit plugin).
type (
	xmlSuites struct {
		XMLName  xml.Name   `xml:"testsuites"`
		Name     string     `xml:"name,attr"`
		Tests    int        `xml:"tests,attr"`
		Failures int        `xml:"failures,attr"`
		Errors   int        `xml:"errors,attr"`
		Time     string     `xml:"time,attr"`
		Suites   []xmlSuite `xml:"testsuite"`
	}
	xmlSuite struct {
		Name       string      `xml:"name,attr"`
		Tests      int         `xml:"tests,attr"`
		Failures   int         `xml:"failures,attr"`
		Errors     int         `xml:"errors,attr"`
		Skipped    int         `xml:"skipped,attr"`
		Time       string      `xml:"time,attr"`
		Properties *[]xmlKeyed `xml:"properties>property"`
		Cases      []xmlCase   `xml:"testcase"`
	}
	xmlKeyed struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	xmlCase struct {
		Name    string     `xml:"name,attr"`
		Class   string     `xml:"classname,attr"`
		Time    string     `xml:"time,attr"`
		Failure *xmlReason `xml:"failure"`
		Error   *xmlReason `xml:"error"`
		Out     string     `xml:"system-out,omitempty"`
	}
	xmlReason struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr"`
		Text    string `xml:",chardata"`
	}
)

// JUnit writes the suites.
func JUnit(w io.Writer, suites []Suite, took time.Duration) error {
	all := xmlSuites{Name: "cdnlab", Time: xmlSeconds(took)}
	for i := range suites {
		s := suites[i].xml()
		all.Tests, all.Failures, all.Errors = all.Tests+s.Tests, all.Failures+s.Failures, all.Errors+s.Errors
		all.Suites = append(all.Suites, s)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	encoder := xml.NewEncoder(w)
	encoder.Indent("", "  ")
	if err := encoder.Encode(&all); err != nil {
		return fmt.Errorf("report: writing JUnit: %w", err)
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func (s *Suite) xml() xmlSuite {
	out := xmlSuite{Name: s.Name, Time: xmlSeconds(s.Took)}
	if s.Result != nil {
		out.Properties = s.properties()
		out.Cases = s.expectations()
	}
	if s.Err != nil || len(out.Cases) == 0 {
		out.Cases = append(out.Cases, s.plays())
	}
	for _, c := range out.Cases {
		out.Tests++
		if c.Failure != nil {
			out.Failures++
		}
		if c.Error != nil {
			out.Errors++
		}
	}
	return out
}

// plays is the case that the scenario can be played at all. It stands there
// when it cannot, and when nothing else is expected.
func (s *Suite) plays() xmlCase {
	c := xmlCase{Name: "it can be played", Class: s.class(), Time: xmlSeconds(s.Took)}
	switch {
	case s.Err != nil:
		c.Error = &xmlReason{Message: firstLine(s.Err.Error()), Type: "error", Text: s.Err.Error()}
	case s.Result.Hopeless():
		c.Failure = &xmlReason{Message: everyFailed, Type: "failure", Text: everyFailed}
	}
	return c
}

// class is the suite's name with a package before it: readers split it at dots.
func (s *Suite) class() string {
	name := strings.TrimSuffix(strings.ReplaceAll(s.Name, `\`, "/"), ".toml")
	words := strings.FieldsFunc(strings.ReplaceAll(name, ".", "_"), func(r rune) bool { return r == '/' })
	return "cdnlab." + strings.Join(words, ".")
}

const everyFailed = "every request failed"

// Hopeless reports whether every request of every run failed.
func (r *Result) Hopeless() bool {
	for _, run := range r.Runs {
		if share, _, err := Value(run, All, "error-ratio"); err != nil || share < 1 {
			return false
		}
	}
	return len(r.Runs) > 0
}

func (s *Suite) properties() *[]xmlKeyed {
	r := s.Result
	all := []xmlKeyed{{"scenario", r.Scenario}, {"hash", r.Hash}, {"file", s.File}}
	seen := map[string]bool{}
	for _, run := range r.Runs {
		for _, p := range []xmlKeyed{{"world", run.World}, {"seed", strconv.FormatUint(run.Seed, 10)}} {
			if !seen[p.Value] {
				seen[p.Value] = true
				all = append(all, p)
			}
		}
	}
	return &all
}

// expectations are the cases. The time that a variant's runs took is shared
// evenly by those that judge it, so that a reader's sums are right.
func (s *Suite) expectations() []xmlCase {
	all := s.Result.Expectations
	sharing := map[string]int{}
	for _, e := range all {
		sharing[TookKey(e.Variant, e.World)]++
	}
	worlds, _ := ambiguous(all)
	var cases []xmlCase
	for i := range all {
		e := &all[i]
		key := TookKey(e.Variant, e.World)
		c := xmlCase{Name: e.Says, Class: s.class(), Time: xmlSeconds(s.Variants[key] / time.Duration(sharing[key]))}
		if e.Variant != "" {
			c.Name = e.Variant + ": " + e.Says
		}
		if worlds {
			c.Name += " (" + e.World + ")"
		}
		c.Out = e.Outcome()
		reason := &xmlReason{Message: c.Out, Type: "expectation", Text: e.Says + "\n" + c.Out}
		switch {
		case e.NotJudged:
			reason.Type = "not-judged"
			c.Error = reason
		case !e.Pass:
			c.Failure = reason
		}
		cases = append(cases, c)
	}
	return cases
}

// Outcome says what was measured and what was expected, on one line.
func (e *Expectation) Outcome() string {
	text := fmt.Sprintf("%s is %s, expected %s", e.Metric, number(e.Measured, e.Unit), e.bound())
	if e.Window != "" && e.Window != All {
		text += ", from " + e.Window
	}
	if why := e.remarks(); why != "" {
		text += "; " + why
	}
	return text
}

func firstLine(text string) string {
	for i, r := range text {
		if r == '\n' {
			return text[:i]
		}
	}
	return text
}

func xmlSeconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 3, 64) }
