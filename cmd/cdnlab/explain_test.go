// Tests: what lessons tell people to try is right, and their answers are whole.
package main

import (
	"bytes"
	"strings"
	"testing"
)

// Every command that a lesson names is one, with flags that it has; what is
// quick is played.
func TestLessonsTry(t *testing.T) {
	all, err := lessons()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range all {
		for _, line := range l.Base.Lesson.Try {
			example(t, line)
			words := shellWords(t, line)[1:]
			if words[0] == "run" || testing.Short() && words[0] == "compare" {
				continue
			}
			if words[0] == "compare" || words[0] == "find" {
				words = append(words, "--quiet")
			}
			var out, errs bytes.Buffer
			if status := Main(words, nil, &out, &errs); status != statusHolds || errs.Len() > 0 || out.Len() == 0 {
				t.Errorf("%s: status %d\n%s", line, status, &errs)
			}
		}
	}
}

// The answers of all lessons have all their numbers, and all that is expected
// holds.
func TestEveryAnswerIsWhole(t *testing.T) {
	all, err := lessons()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range all {
		var out, errs bytes.Buffer
		if status := Main([]string{"explain", l.Name, "--run", "--quiet"}, nil, &out, &errs); status != statusHolds || errs.Len() > 0 {
			t.Errorf("%s: status %d\n%s", l.Name, status, &errs)
		}
		answer, _, found := strings.Cut(out.String(), "\nWhat proves it\n")
		answer = strings.TrimPrefix(answer, l.Name+"\n")
		_, answer, _ = strings.Cut(answer, "\n\n") // the question has a question mark of its own
		if !found || answer == "" || strings.ContainsAny(answer, "?{}") {
			t.Errorf("%s: %s", l.Name, &out)
		}
	}
}

// What a word means when it is no topic by itself.
func TestMeaning(t *testing.T) {
	all, err := lessons()
	if err != nil {
		t.Fatal(err)
	}
	for word, want := range map[string]string{
		"tokyo-new-york": "tokyo-new-york", "Tokyo New York": "tokyo-new-york", "CDN": "tokyo-new-york", "c5": "tokyo-new-york", "C5": "tokyo-new-york", "D2": "dynamic-through-cdn",
		"health": "server-crash", "flash": "product-hunt",
	} {
		got, err := meaning(all, word)
		if err != nil || len(got) != 1 || got[0].Name != want {
			t.Errorf("%s: %v, %v", word, got, err)
		}
	}
	for word, want := range map[string]string{"": "unknown topic", "s": "begins several", "falover": `did you mean "failover"`, "metrix": `did you mean "metrics"`} {
		if _, err := meaning(all, word); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", word, err, want)
		}
	}
}

// A longer word means the one topic that is a part of it.
func TestExplainALongerWord(t *testing.T) {
	var out, errs bytes.Buffer
	if status := Main([]string{"explain", "site-scaling"}, nil, &out, &errs); status != statusHolds || !strings.HasPrefix(out.String(), "product-hunt\n") {
		t.Errorf("status %d, %s%s", status, &out, &errs)
	}
	if status := Main([]string{"explain", "cdn-failover"}, nil, &out, &errs); status != statusUsage {
		t.Errorf("a word with two topics in it: status %d, want %d", status, statusUsage)
	}
}

// What a search that has no answer says of it.
func TestFindSaysWhyNot(t *testing.T) {
	for _, c := range []struct{ scenario, key, want string }{
		{"tokyo-new-york", "edge.default-ttl", "the key has no part in it here"},
		{"product-hunt", "load.rate", "the most of it is load.peak"},
	} {
		var out, errs bytes.Buffer
		args := []string{"find", c.scenario, "--key", c.key, "--max", "--until", "latency.p99 < 10s", "--quiet"}
		if status := Main(args, nil, &out, &errs); status != statusFails || !strings.Contains(out.String(), c.want) {
			t.Errorf("%v: status %d, want %q\n%s%s", args, status, c.want, &out, &errs)
		}
	}
}

func TestParagraph(t *testing.T) {
	var out strings.Builder
	paragraph(&out, "  a: ", "one two three four", 12)
	if want := "  a: one two\n     three\n     four\n"; out.String() != want {
		t.Errorf("%q, want %q", out.String(), want)
	}
}
