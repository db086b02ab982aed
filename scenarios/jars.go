// jars: the cookies of users who ask for single things and keep what is set.
package scenarios

import (
	"maps"
	"net/http"
	"reflect"

	"cdnlab/sim"
	"cdnlab/sim/load"
)

// jars are those of a group, by user.
type jars struct {
	of map[uint64]*jar
}

// jar is one user's, and the header that they last sent: users come again, and headers are
// told apart by their address.
type jar struct {
	load.Jar
	text         string
	from, header http.Header
}

func newJars() *jars { return &jars{of: map[uint64]*jar{}} }

// take keeps what an answer sets.
func (j *jars) take(user uint64, fields []string, now sim.Time) {
	if len(fields) == 0 {
		return
	}
	if j.of[user] == nil {
		j.of[user] = &jar{}
	}
	j.of[user].Take(fields, now)
}

// header is what a user sends: h, which is shared and not changed, with the user's cookies.
func (j *jars) header(h http.Header, user uint64, now sim.Time) http.Header {
	own := j.of[user]
	if own == nil {
		return h
	}
	text := own.Text(now)
	if text == "" {
		return h
	}
	if given := h["Cookie"]; given != nil {
		text = given[0] + "; " + text
	}
	if own.text != text || reflect.ValueOf(own.from).Pointer() != reflect.ValueOf(h).Pointer() {
		own.text, own.from, own.header = text, h, maps.Clone(h)
		own.header["Cookie"] = []string{text}
	}
	return own.header
}

// header is what a user of the group sends.
func (c *crowd) header(user uint64) http.Header {
	h := c.fields.Of(user)
	if c.jars == nil {
		return h
	}
	return c.jars.header(h, user, c.d.e.Now())
}
