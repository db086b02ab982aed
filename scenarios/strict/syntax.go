// Errors of syntax: what the parsers say, in words for people.

package strict

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/BurntSushi/toml"
)

// syntax turns the main parser's error into a mistake. A breach on the same line or before says it better.
func (d *Doc) syntax(err error, b *breach) Mistake {
	var pe toml.ParseError
	if !errors.As(err, &pe) {
		return d.at(0, plainWords(err.Error()), "")
	}
	m := d.at(pe.Position.Start, plainWords(pe.Message), d.bareHint(pe.Position.Start))
	if b != nil {
		if early := d.breachMistake(b); early.Line <= m.Line {
			return early
		}
	}
	return m
}

// parserWords are what the parsers say about ends of lines and files.
var parserWords = strings.NewReplacer(
	`unexpected EOF;`, "the file ends too early,", `'\x00'`, "the end of the file", `"\n"`, "the end of the line",
	`'\n'`, "the end of the line", " instead", "")

// plainWords is a parser's message as the rest of a sentence.
func plainWords(message string) string {
	s := parserWords.Replace(strings.TrimSuffix(strings.TrimPrefix(message, "toml: "), "."))
	first, size := utf8.DecodeRuneInString(s)
	if next, _ := utf8.DecodeRuneInString(s[size:]); unicode.IsLower(next) { // not TOML
		s = string(unicode.ToLower(first)) + s[size:]
	}
	return s
}

// bareValue matches `key = 20s`, `key = 20 ms` and `key = word`: values that lack their quotes, the commonest slip.
var bareValue = regexp.MustCompile(`=[ \t]*([0-9.]+ (?:ns|us|µs|ms|s|m|h)\b|[0-9.]*[A-Za-zµ][0-9A-Za-zµ./:-]*)`)

// bareHint is for a value without its quotes on the line of the offset, "" when there is none.
func (d *Doc) bareHint(offset int) string {
	match := bareValue.FindSubmatch(d.lineText(offset))
	if match == nil {
		return ""
	}
	word := strings.ReplaceAll(string(match[1]), " ", "")
	switch lower := strings.ToLower(word); {
	case word == "true", word == "false", word == "inf", word == "nan", floatText.MatchString(word):
		return "" // right as they are: the error is another
	case lower == "true", lower == "false":
		return "write " + lower
	}
	return "text and durations are written in quotes: " + strconv.Quote(word)
}
