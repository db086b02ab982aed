// A result: what is stored of an experiment, as JSON of schema 1.
package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Schema is the version of the JSON that this code writes and reads.
const Schema = 1

// maxResultBytes bounds what is read: a result of a hundred runs has some 50 MB.
const maxResultBytes = 1 << 30

// Result is an experiment's outcome. In the virtual world its JSON holds nothing
// of the machine or the wall clock: the same seed gives the same bytes.
type Result struct {
	Schema       int           `json:"schema"`
	Scenario     string        `json:"scenario"`
	Question     string        `json:"question,omitempty"`
	Columns      []string      `json:"columns,omitempty"` // of its tables, where nobody asks for others
	Hash         string        `json:"hash"`              // of the scenario as written
	Runs         []*Run        `json:"runs"`
	Expectations []Expectation `json:"expectations"`
	Environment  *Environment  `json:"environment,omitempty"` // live only
	// Regressions are what must not happen between this result and a later one.
	Regressions []Threshold `json:"regressions,omitempty"`
	// Settings are by a run's hash: the scenario as it was played, under the keys of
	// its file, with every default filled in.
	Settings map[string]json.RawMessage `json:"settings,omitempty"`
}

// Environment is the machine that a live run was played on.
type Environment struct {
	OS      string `json:"os"`
	Arch    string `json:"arch"`
	CPU     string `json:"cpu,omitempty"`
	CPUs    int    `json:"cpus"`
	Go      string `json:"go"`
	Version string `json:"version,omitempty"` // of cdnlab
	Started string `json:"started,omitempty"` // date and time, RFC 3339
}

// Expectation is one line of a scenario's assertions with what was measured.
type Expectation struct {
	Says    string `json:"says"` // the line in plain words
	Variant string `json:"variant,omitempty"`
	World   string `json:"world,omitempty"`
	Metric  string `json:"metric"`
	Window  string `json:"window,omitempty"`
	// Op is one of "<", "<=", ">", ">=", "==", "!=" or "~" (about as much as).
	Op       string   `json:"op"`
	Against  string   `json:"against,omitempty"` // the variant that gave the bound, if one did
	Unit     Unit     `json:"unit,omitempty"`
	Measured *float64 `json:"measured"` // nil: there was nothing to measure, Why says so
	// Half is half of the 95 % interval of Measured over the seeds; nil with one seed.
	Half  *float64 `json:"measured_half,omitempty"`
	Bound *float64 `json:"bound"`
	// Tolerance is the share of the bound that "~" allows to either side.
	Tolerance float64 `json:"tolerance,omitempty"`
	Pass      bool    `json:"pass"`
	// NotJudged says that nothing can be said, and Why: the run was interrupted, or
	// its times are not to be trusted. It does not hold then, nor did it fail.
	NotJudged bool     `json:"not_judged,omitempty"`
	Why       string   `json:"why,omitempty"`
	Warnings  []string `json:"warnings,omitempty"`
}

// Passed reports whether every expectation holds.
func (r *Result) Passed() bool {
	for _, e := range r.Expectations {
		if !e.Pass {
			return false
		}
	}
	return true
}

// Write writes the result as JSON: keys in a fixed order, a line per run.
func (r *Result) Write(w io.Writer) error {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	head := *r
	head.Schema, head.Runs = Schema, []*Run{}
	if head.Expectations == nil {
		head.Expectations = []Expectation{}
	}
	if err := encoder.Encode(&head); err != nil {
		return fmt.Errorf("report: writing a result: %w", err)
	}
	// The text cannot occur in a string: a quote there is escaped.
	before, after, found := bytes.Cut(bytes.TrimSpace(out.Bytes()), []byte(`"runs":[]`))
	if !found {
		panic("report: a result without runs in its JSON")
	}
	out = bytes.Buffer{}
	out.Write(before)
	out.WriteString(`"runs":[`)
	for i, run := range r.Runs {
		if i > 0 {
			out.WriteByte(',')
		}
		out.WriteByte('\n')
		encoded, err := marshalRun(run)
		if err != nil {
			return fmt.Errorf("report: writing run %d: %w", i, err)
		}
		out.Write(encoded)
	}
	out.WriteString("\n]")
	out.Write(after)
	out.WriteByte('\n')
	_, err := w.Write(out.Bytes())
	return err
}

// Read reads a result and judges it: what it returns can be merged and printed
// without a panic, whatever was done to the file.
func Read(r io.Reader) (*Result, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxResultBytes+1))
	if err != nil {
		return nil, fmt.Errorf("report: reading a result: %w", err)
	}
	if len(text) > maxResultBytes {
		return nil, fmt.Errorf("report: a result of more than %d bytes", maxResultBytes)
	}
	var version struct {
		Schema *int `json:"schema"`
	}
	if err := json.Unmarshal(text, &version); err != nil {
		return nil, fmt.Errorf("report: this is not a result: %w", explain(err))
	}
	if version.Schema == nil {
		return nil, errors.New("report: this is not a result: it has no schema")
	}
	if *version.Schema != Schema {
		return nil, fmt.Errorf("report: the result has schema %d; this cdnlab reads schema %d", *version.Schema, Schema)
	}
	result := &Result{}
	if err := decodeStrictly(text, result); err != nil {
		return nil, fmt.Errorf("report: the result is damaged: %w", err)
	}
	if err := result.Validate(); err != nil {
		return nil, fmt.Errorf("report: the result is damaged: %w", err)
	}
	return result, nil
}

// decodeStrictly refuses keys that it does not know: what a newer version means
// by them, or a hand that mistyped one, must not be passed over.
func decodeStrictly(text []byte, result *Result) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(result)
	if err == nil {
		return nil // one value: the version was read from all of the text
	}
	if _, name, found := strings.Cut(err.Error(), "unknown field "); found {
		return fmt.Errorf("unknown key %s: a newer cdnlab wrote it, or a hand", name)
	}
	return explain(err)
}

// explain adds to a JSON error where in the file it lies.
func explain(err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Errorf("%w at byte %d", err, syntax.Offset)
	case errors.As(err, &kind):
		return fmt.Errorf("%w at byte %d", err, kind.Offset)
	}
	return err
}
