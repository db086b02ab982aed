// Contents that have words: they are all there with the header, or come with it behind.
package virtual

import (
	"testing"
	"time"

	"cdnlab/sim"
)

// A short text does not cost whoever abandons it the connection, as it has come; words
// that come later are there when all have.
func TestWordsTravel(t *testing.T) {
	const text = sim.Text("failing: database")
	for name, body := range map[string]func(*World) sim.Body{ // any order will do
		"with the header": func(*World) sim.Body { return text },
		"slowly":          func(w *World) sim.Body { return sim.NewPaced(w.Engine, text, text.Size(), sim.Pace{Rate: 100}) },
	} {
		t.Run(name, func(t *testing.T) {
			var w *World
			w, _, l := pair(handler(sim.HandlerFunc(func(_ *sim.Request, reply func(*sim.Response)) {
				resp := sim.Answer(200, nil, text.Size())
				resp.Body = body(w)
				reply(resp)
			})))
			said := 0
			l.Serve(&sim.Request{ID: 1}, func(resp *sim.Response) {
				resp.Body.Share() // another reader: it has the words, too
				all := sim.WordedOf(resp.Body.Share())
				resp.Body.OnEnd(func(c sim.Cause, n int64) {
					if said++; c != sim.OK || n != text.Size() || all.Words(100) != string(text) || all.Words(7) != "failing" {
						t.Errorf("%v after %d bytes: %q", c, n, all.Words(100))
					}
				})
			})
			w.Engine.Run(sim.Time(time.Second))
			for range 3 {
				l.Serve(&sim.Request{ID: 2}, func(resp *sim.Response) { resp.Body.Abandon(sim.Cancelled) })
				w.Engine.Run(w.Engine.Now().Add(time.Second))
			}
			if dials := l.Dials(); said != 1 || name == "with the header" && dials != 1 || name == "slowly" && dials != 3 {
				t.Errorf("said %d times, %d connections", said, dials)
			}
		})
	}
}
