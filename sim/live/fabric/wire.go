// What a link is like, as people write it in JSON and on a command line: 150ms,
// 100Mbit, 1%.
package fabric

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"time"

	"cdnlab/sim"
	"cdnlab/sim/check"
	"cdnlab/sim/network"
)

// Duration is a time.Duration whose text is "150ms".
type Duration time.Duration

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf("not a time: %q; write it like \"150ms\" or \"1.5s\"", text)
	}
	*d = Duration(v)
	return nil
}

// MarshalText implements encoding.TextMarshaler.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// Share is a part of the whole whose text is "1%" or "0.01".
type Share float64

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *Share) UnmarshalText(text []byte) error {
	number, percent := strings.CutSuffix(strings.TrimSpace(string(text)), "%")
	v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if err != nil {
		return fmt.Errorf("not a share: %q; write it like \"1%%\" or \"0.01\"", text)
	}
	if percent {
		v /= 100
	}
	*s = Share(v)
	return nil
}

// UnmarshalJSON takes a number too.
func (s *Share) UnmarshalJSON(text []byte) error {
	return s.UnmarshalText(bytes.Trim(text, `"`))
}

// MarshalText implements encoding.TextMarshaler.
func (s Share) MarshalText() ([]byte, error) {
	return []byte(strconv.FormatFloat(float64(s)*100, 'g', 6, 64) + "%"), nil
}

// Path is what a link is like.
type Path struct {
	RTT         Duration  `json:"rtt"`
	Jitter      Duration  `json:"jitter,omitempty"`
	JitterShape string    `json:"jitter-shape,omitempty"`
	Correlation float64   `json:"jitter-correlation,omitempty"`
	Rate        sim.Rate  `json:"rate,omitempty"`
	RateBack    sim.Rate  `json:"rate-back,omitempty"`
	Queue       sim.Bytes `json:"queue,omitempty"`
	Loss        Share     `json:"loss,omitempty"`
	Burst       float64   `json:"loss-burst,omitempty"`
}

// Spec returns the path as the model has it.
func (p Path) Spec() network.Spec {
	return network.Spec{Leg: network.Leg{
		RTT: time.Duration(p.RTT), Jitter: time.Duration(p.Jitter), JitterShape: p.JitterShape, Correlation: p.Correlation,
		Rate: p.Rate, RateBack: p.RateBack, Queue: p.Queue, Loss: float64(p.Loss), Burst: p.Burst,
	}}
}

// pathOf is Spec turned round.
func pathOf(s *network.Spec) Path {
	return Path{
		RTT: Duration(s.RTT), Jitter: Duration(s.Jitter), JitterShape: s.JitterShape, Correlation: s.Correlation,
		Rate: s.Rate, RateBack: s.RateBack, Queue: s.Queue, Loss: Share(s.Loss), Burst: s.Burst,
	}
}

// Check returns what is wrong with a path.
func (p Path) Check() []check.Problem {
	var l check.List
	s := p.Spec()
	s.Check(&l)
	return l.Problems
}

// String says what the path is like: "150 ms RTT, 100Mbit, 1% lost".
func (p Path) String() string {
	words := []string{sim.Briefly(time.Duration(p.RTT)) + " RTT"}
	add := func(given bool, format string, args ...any) {
		if given {
			words = append(words, fmt.Sprintf(format, args...))
		}
	}
	add(p.Jitter != 0, "%s jitter", sim.Briefly(time.Duration(p.Jitter)))
	add(p.Rate != 0, "%v", p.Rate)
	add(p.RateBack != 0, "%v back", p.RateBack)
	loss, _ := p.Loss.MarshalText() // it cannot fail
	add(p.Loss != 0, "%s lost", loss)
	return strings.Join(words, ", ")
}

// Fault is what is wrong with a link. The zero Fault is nothing.
type Fault struct {
	Cut       string   `json:"cut,omitempty"` // out, back or both
	Blackhole bool     `json:"blackhole,omitempty"`
	Reset     bool     `json:"reset,omitempty"`
	Loss      Share    `json:"loss,omitempty"`
	Delay     Duration `json:"delay,omitempty"`
	Rate      sim.Rate `json:"rate,omitempty"`
	SlowClose Duration `json:"slow-close,omitempty"`
}

// change returns the fault as the model has it.
func (f Fault) change() network.Change {
	return network.Change{
		CutOut: f.Cut == "out" || f.Cut == "both", CutBack: f.Cut == "back" || f.Cut == "both",
		Blackhole: f.Blackhole, Reset: f.Reset, Loss: float64(f.Loss), Delay: time.Duration(f.Delay), Rate: f.Rate,
		SlowClose: time.Duration(f.SlowClose),
	}
}

func faultOf(c network.Change) Fault {
	cut := ""
	switch {
	case c.CutOut && c.CutBack:
		cut = "both"
	case c.CutOut:
		cut = "out"
	case c.CutBack:
		cut = "back"
	}
	return Fault{Cut: cut, Blackhole: c.Blackhole, Reset: c.Reset, Loss: Share(c.Loss), Delay: Duration(c.Delay), Rate: c.Rate,
		SlowClose: Duration(c.SlowClose)}
}

// mostDelay bounds what a fault adds: as the most that a path may have.
const mostDelay = 10 * time.Minute

func (f Fault) check() []check.Problem {
	var l check.List
	l.OneOf("cut", f.Cut, "out", "back", "both")
	if !(f.Loss >= 0 && f.Loss < 1) {
		l.Add("loss", "must be at least 0 and below 1, not %g", float64(f.Loss))
	}
	l.Duration("delay", time.Duration(f.Delay), 0, mostDelay)
	l.Duration("slow-close", time.Duration(f.SlowClose), 0, mostDelay)
	return l.Problems
}

// decode reads one JSON object into a struct whose keys it knows.
func decode(text []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("%s; the keys are %s", strings.TrimPrefix(err.Error(), "json: "), strings.Join(keysOf(into), ", "))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one JSON value")
	}
	return nil
}

func keysOf(into any) (keys []string) {
	t := reflect.TypeOf(into).Elem()
	for i := range t.NumField() {
		key, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		keys = append(keys, key)
	}
	return keys
}
