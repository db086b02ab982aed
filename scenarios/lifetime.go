// Lifetimes: the numbers within a Cache-Control, which can be searched as if they
// were keys of their own.
package scenarios

import (
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
)

// lifetimes are the directives of a response that are a number of seconds (RFC
// 9111 5.2.2, RFC 5861).
var lifetimes = []string{"max-age", "s-maxage", "stale-while-revalidate", "stale-if-error"}

// Lifetime takes apart a key such as catalog.0.cache-control.max-age.
func Lifetime(key string) (header, directive string, ok bool) {
	for _, d := range lifetimes {
		if table, found := strings.CutSuffix(key, ".cache-control."+d); found {
			return table + ".cache-control", d, true
		}
	}
	return "", "", false
}

// lifetime is a directive that is searched, in the header that it stands in.
type lifetime struct {
	header, directive string
	text              string // of the header, as the scenario has it
}

// readLifetime finds the directive that --key means, false when it means none.
func (s *Search) readLifetime(x *Experiment) (bool, error) {
	header, directive, ok := Lifetime(s.q.Key)
	if !ok {
		return false, nil
	}
	steps := strings.Split(header, ".")
	i, found := 0, false
	if len(steps) == 3 && steps[0] == "catalog" {
		i, found = elementAt(reflect.ValueOf(x.Base.Catalog), steps[1])
	}
	if !found {
		return true, fmt.Errorf("--key %s: the scenario has no %s; its catalog's entries are 0 to %d", s.q.Key, header, len(x.Base.Catalog)-1)
	}
	s.axis, _ = newAxis(reflect.TypeFor[int64](), s.q.Precision)
	s.axis.in = "s"
	s.lifetime = &lifetime{header, directive, x.Base.Catalog[i].CacheControl}
	if s.start = s.axis.one(); s.lifetime.seconds() > 0 {
		s.start = s.lifetime.seconds()
	}
	return true, nil
}

// form finds the directive, with what is before it and its number.
func (l *lifetime) form() *regexp.Regexp {
	return regexp.MustCompile(`(?i)((?:^|,)\s*` + regexp.QuoteMeta(l.directive) + `\s*=\s*)"?(\d+)"?`)
}

// seconds is the number that the header has, 0 when it has none.
func (l *lifetime) seconds() float64 {
	m := l.form().FindStringSubmatch(l.text)
	if m == nil {
		return 0
	}
	n, _ := strconv.ParseFloat(m[2], 64) // it is all digits
	return n
}

// setting is the header with another number.
func (l *lifetime) setting(seconds int64) Setting {
	number := strconv.FormatInt(seconds, 10)
	text := l.form().ReplaceAllString(l.text, "${1}"+number)
	switch {
	case l.form().MatchString(l.text):
	case l.text == "":
		text = l.directive + "=" + number
	default:
		text = l.text + ", " + l.directive + "=" + number
	}
	return Setting{l.header, text}
}
