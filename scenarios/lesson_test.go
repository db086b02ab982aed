// Tests: answers are filled with the numbers of the run, and what they name is
// checked when they are read.
package scenarios

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"cdnlab/report"
	"cdnlab/report/progress"
	"cdnlab/sim"
)

const taught = faultless + `[lesson]
short = "x"
answer = """
Half of them wait {ttfb.p50 of far}, and from nearby {ttfb.p50 of near from 2s to 9s}:
{ttfb.p50
of far / ttfb.p50 of near} times less. {{braces}} {requests of near to 1s}"""
`

func TestAnswer(t *testing.T) {
	x := mustLoad(t, []byte(taught))
	r, err := Run(context.Background(), x, Options{Worlds: []string{report.Virtual}, Progress: progress.New(nil, progress.Quiet), Runs: 2})
	if err != nil {
		t.Fatal(err)
	}
	text, notes := x.Answer(r.Runs, report.Virtual)
	want := regexp.MustCompile(`^Half of them wait (\S+) ms, and from nearby 2\.00 ms:\n(\S+) times less\. \{braces\} 10$`)
	m := want.FindStringSubmatch(text)
	if m == nil || len(notes) > 0 {
		t.Fatalf("%s\n%v", text, notes)
	}
	sum := 0.0
	for _, run := range r.Runs[:2] {
		v, _, err := report.Value(run, report.All, "ttfb.p50")
		if err != nil {
			t.Fatal(err)
		}
		sum += v
	}
	if mean := report.FormatValue(sum/2, report.UnitTime); mean != m[1]+" ms" {
		t.Errorf("%s ms, the mean of the seeds is %s", m[1], mean)
	}
}

// What there is no number for is a ?, with the reason.
func TestAnswerWithoutNumbers(t *testing.T) {
	x := mustLoad(t, []byte(strings.Replace(taught, "{requests of near to 1s}",
		"{share.app-9 of near} {retries of near / retries of near} {hit-ratio of far}", 1)))
	x.Variants = x.Variants[1:]
	r, err := Run(context.Background(), x, Options{Worlds: []string{report.Virtual}, Progress: progress.New(nil, progress.Quiet)})
	if err != nil {
		t.Fatal(err)
	}
	text, notes := x.Answer(r.Runs, report.Virtual)
	if !strings.Contains(text, "wait ?, and from nearby 2.00 ms:\n? times less. {braces} ? ? ?") {
		t.Error(text)
	}
	for i, want := range []string{`the variant "far" was not played`, `unknown name "app-9"`, "retries of near is 0"} {
		if i >= len(notes) || !strings.Contains(notes[i], want) {
			t.Errorf("notes %q, want %s", notes, want)
		}
	}
}

func TestWrongLessons(t *testing.T) {
	for text, want := range map[string]string{
		`answer = "{ttfb.p55 of near}"`:                    `lesson.answer: {ttfb.p55 of near}: unknown metric "ttfb.p55"; did you mean`,
		`answer = "{ttfb.p50 of neer}"`:                    `lesson.answer: {ttfb.p50 of neer}: unknown variant "neer"; did you mean "near"?`,
		`answer = "{ttfb.p50 of near / hit-rato of near}"`: `lesson.answer: {ttfb.p50 of near / hit-rato of near}: unknown metric "hit-rato"; did you mean "hit-ratio"?`,
		`answer = "{ttfb.p50}"`:                            `lesson.answer: {ttfb.p50}: of which variant? far, near`,
		`answer = "{ttfb.p50 of near from 3s to 99s}"`:     `lesson.answer: {ttfb.p50 of near from 3s to 99s}: 3s to 1m39s is no time within the run (0s to 10s)`,
		`answer = "{ttfb.p50 of near from 3s to 2s}"`:      `lesson.answer: {ttfb.p50 of near from 3s to 2s}: 3s to 2s is no time`,
		`answer = "{ttfb.p50 of near from then}"`:          `lesson.answer: {ttfb.p50 of near from then}: "then" is no time`,
		`answer = "{ttfb.p50 of near"`:                     `lesson.answer: a { without a }`,
		`answer = "ttfb.p50 of near}"`:                     `lesson.answer: a } without a {`,
		`answer = "{}"`:                                    `lesson.answer: {}: cannot be read`,
		`answer = "` + strings.Repeat("{rate of far}", 61): `lesson.answer: has 61 numbers; at most 60`,
		"answer = \"x\"\ntopics = [\"Big Words\"]":         `lesson.topics: "Big Words" is no topic`,
		"answer = \"x\"\npoints = [\"c4\"]":                `lesson.points: "c4" is no point`,
		"answer = \"x\"\ntry = [\"rm -rf /\"]":             `lesson.try: "rm -rf /" is no command`,
		"answer = \"x\"\nanswers = \"\"":                   `lesson.answers: unknown key; did you mean "answer"?`,
		`question = "x"`:                                   `lesson: needs`,
	} {
		if strings.Contains(text, "61") || strings.HasSuffix(text, "}") {
			text += `"`
		}
		got := wrongs(t, faultless+"[lesson]\nshort = \"x\"\n"+text+"\n")
		found := false
		for _, line := range got {
			found = found || strings.HasPrefix(line, want)
		}
		if !found {
			t.Errorf("%s: %q, want %s", text, got, want)
		}
	}
}

// A time that only the command line has cut off says so.
func TestLessonOfAShorterRun(t *testing.T) {
	got := wrongs(t, taught, Setting{"duration", "8s"})
	if last := got[len(got)-1]; !strings.Contains(last, "the command line sets the duration to 8s, the file has 10s") {
		t.Error(got)
	}
}

// Variants may be named as they like.
func TestNumbersOfOddVariants(t *testing.T) {
	variants := []string{"check every 1s, fall 3", "a to b", "a", "from 1s to 2s", "x of y"}
	for text, want := range map[string]Expect{
		"errors of check every 1s, fall 3":         {Variant: variants[0]},
		"errors of check every 1s, fall 3 from 1s": {Variant: variants[0], From: 1e9},
		"errors of a to b":                         {Variant: "a to b"},
		"errors of a to b from 1s to 2s":           {Variant: "a to b", From: 1e9, To: 2e9},
		"errors of a to 2s":                        {Variant: "a", To: 2e9},
		"errors of from 1s to 2s":                  {Variant: "from 1s to 2s"},
		"errors\nof\tx of y":                       {Variant: "x of y"},
	} {
		got, err := parseNumberOf(text, variants)
		if err != nil || got.Variant != want.Variant || got.From != want.From || got.To != want.To || got.Metric != "errors" {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
}

// A grid plays other variants than those that the lesson speaks of.
func TestGridTeachesNothing(t *testing.T) {
	x, err := Grid("t.toml", []byte(taught), "", []Vary{{"app.workers", []any{int64(1)}}}, Setting{"duration", "6s"})
	if err != nil || x.Base.Lesson != nil {
		t.Fatalf("%v", err)
	}
}

// Every built-in scenario teaches, and its answer reads well without and with
// numbers.
func TestBuiltinLessons(t *testing.T) {
	for _, name := range Names() {
		x := loadBuiltin(t, name)
		l := x.Base.Lesson
		if l == nil || len(l.Topics) == 0 || len(l.Points) == 0 || l.Proof == "" || l.More == "" || len(l.Try) < 2 {
			t.Errorf("%s: its lesson lacks something", name)
			continue
		}
		if strings.ContainsAny(l.Short+l.Proof+l.More, "{}") {
			t.Errorf("%s: numbers where none are filled in", name)
		}
		if len(x.asked()) < 3 {
			t.Errorf("%s: an answer without numbers", name)
		}
	}
}

// FuzzPieces: whatever the text, taking it apart ends, and its words are kept.
func FuzzPieces(f *testing.F) {
	for _, seed := range []string{"", "a {rate of x} b", "{{}}", "{rate of x / rate of x from 1s}", "{", "}{", "{rate of x to 1s to 2s}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		all, bad := pieces(text, []string{"x"})
		length := 0
		for _, p := range all {
			length += len(p.words)
			if len(p.numbers) > 2 {
				t.Errorf("%d numbers in one piece", len(p.numbers))
			}
		}
		if length > len(text) || len(bad) == 0 && !strings.ContainsAny(text, "{}") && length != len(text) {
			t.Errorf("%q: %d letters of %d", text, length, len(text))
		}
	})
}

// The reasons of misses add up to the answers that needed the parent.
func TestMissesByReason(t *testing.T) {
	x := loadBuiltin(t, "product-hunt")
	x.Variants = x.Variants[2:3]
	r, err := Run(context.Background(), x, Options{Worlds: []string{report.Virtual}, Progress: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	value := func(metric string) float64 {
		v, _, err := report.Value(r.Runs[0], report.All, metric)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	reasons := 0.0
	for _, f := range sim.Fwds() {
		if f != sim.FwdMiss { // this cache tells reasons apart
			reasons += value("miss." + f.String())
		}
	}
	needed := value("misses") + value("joined") + value("bypass") + value("revalidated")
	if reasons != needed || value("miss.stale") == 0 || value("miss.uri-miss") == 0 {
		t.Errorf("%v by reason (%v stale, %v new), %v needed the parent", reasons, value("miss.stale"), value("miss.uri-miss"), needed)
	}
	if bytes := value("byte-offload"); bytes < value("offload") || bytes >= 1 {
		t.Errorf("offload %v by bytes, %v by requests: revalidations fetch no bytes", bytes, value("offload"))
	}
}
