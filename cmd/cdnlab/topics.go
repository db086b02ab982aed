// Topics: what can be explained, and what a word of the user's may mean.
package main

import (
	"fmt"
	"slices"
	"strings"

	"cdnlab/scenarios"
)

// lesson is a scenario that teaches something.
type lesson struct {
	file string // as the user would name it
	*scenarios.Experiment
}

// words are those that find it: its name, its topics, its points.
func (l lesson) words() []string {
	words := append([]string{l.Name}, l.Base.Lesson.Topics...)
	for _, p := range l.Base.Lesson.Points {
		words = append(words, strings.ToLower(p))
	}
	return words
}

// lessons are those of the built-in scenarios.
func lessons() ([]lesson, error) {
	var all []lesson
	for _, name := range scenarios.Names() {
		x, err := open(name)
		if err != nil {
			return nil, err
		}
		if x.Base.Lesson != nil {
			all = append(all, lesson{name, x})
		}
	}
	return all, nil
}

// topics are the names and topics of lessons, each once, in order. The points are
// found too, but not listed: they mean something beside their curriculum only.
func topics(all []lesson) []string {
	var words []string
	for _, l := range all {
		words = append(append(words, l.Name), l.Base.Lesson.Topics...)
	}
	slices.Sort(words)
	return slices.Compact(words)
}

// about returns the lessons of a topic.
func about(all []lesson, topic string) []lesson {
	var some []lesson
	for _, l := range all {
		if slices.Contains(l.words(), topic) {
			some = append(some, l)
		}
	}
	return some
}

// meaning returns the lessons that a word means: its own, or those of the one
// topic that begins so. None is an error with the nearest.
func meaning(all []lesson, word string) ([]lesson, error) {
	known := topics(all)
	folded := strings.ReplaceAll(strings.ToLower(word), " ", "-")
	if some := about(all, folded); len(some) > 0 {
		return some, nil
	}
	var begin []string
	for _, t := range known {
		if strings.HasPrefix(t, folded) {
			begin = append(begin, t)
		}
	}
	switch {
	case len(begin) == 1:
		return about(all, begin[0]), nil
	case len(begin) > 1 && folded != "":
		var some []lesson
		for _, l := range all {
			if slices.ContainsFunc(l.words(), func(w string) bool { return slices.Contains(begin, w) }) {
				some = append(some, l)
			}
		}
		if len(some) == 1 {
			return some, nil
		}
		return nil, fmt.Errorf("%q begins several topics: %s", word, strings.Join(begin, ", "))
	}
	return nil, fmt.Errorf("unknown topic %q; %s", word, suggest(word, append(known, kindNames()...), "topics"))
}

// within returns the lessons of the topics that are a part of a longer word: of
// cache-stampede those of stampede.
func within(all []lesson, word string) []lesson {
	var some []lesson
	parts := strings.FieldsFunc(strings.ToLower(word), func(r rune) bool { return strings.ContainsRune(" -_", r) })
	for _, l := range all {
		if slices.ContainsFunc(l.words(), func(w string) bool { return slices.Contains(parts, w) }) {
			some = append(some, l)
		}
	}
	return some
}

func listTopics() (listing, error) {
	l := listing{head: []string{"TOPIC", "SCENARIO", "THE QUESTION"}}
	all, err := lessons()
	if err != nil {
		return l, err
	}
	for _, t := range topics(all) {
		for _, x := range about(all, t) {
			l.add(struct {
				Topic    string `json:"topic"`
				Scenario string `json:"scenario"`
				Question string `json:"question"`
			}{t, x.Name, x.Question}, t, x.Name, x.Question)
		}
	}
	return l, nil
}

// entry returns the page of anything that has a name in a list, and of what kind
// it is; "" when nothing has.
func entry(name string, width int) (page, kind string, err error) {
	for _, k := range kinds {
		if k.name == "topics" || k.name == "scenarios" {
			continue
		}
		l, err := listOf(k.name)
		if err != nil {
			return "", "", err
		}
		if one, err := l.only(k.name, name); err == nil && len(one.rows) == 1 {
			return one.full(0, width), k.name, nil
		}
	}
	return "", "", nil
}
