// Calibration: what each kind of work costs a node, as it was measured once, on
// which machine and when.
package scenarios

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"cdnlab/report"
	"cdnlab/sim/cpu"
)

// CalibrationSchema is the version of the JSON of calibrations.
const CalibrationSchema = 1

// Calibration is what `cdnlab calibrate` measured.
type Calibration struct {
	Schema  int                `json:"schema"`
	Machine report.Environment `json:"machine"` // with the date
	Rounds  int                `json:"rounds"`
	Costs   []MeasuredCost     `json:"costs"`
}

// MeasuredCost is what one kind of work costs: the median over the rounds, with
// the least and the most.
type MeasuredCost struct {
	Kind string        `json:"kind"` // one that ends in -mb is for each MB
	Cost time.Duration `json:"ns"`
	Low  time.Duration `json:"low_ns"`
	High time.Duration `json:"high_ns"`
	How  string        `json:"how"` // it was measured
}

// Of returns the cost of a kind, false when it was not measured.
func (c *Calibration) Of(kind string) (time.Duration, bool) {
	for _, m := range c.Costs {
		if m.Kind == kind {
			return m.Cost, true
		}
	}
	return 0, false
}

// costs are those that the virtual world charges.
func (c *Calibration) costs() cpu.Costs {
	var costs cpu.Costs
	for kind, cost := range costs.Kinds() {
		measured, ok := c.Of(kind)
		if !ok {
			panic("scenarios: the calibration lacks " + kind)
		}
		*cost = measured
	}
	return costs
}

// Write writes the calibration as JSON.
func (c *Calibration) Write(w io.Writer) error {
	text, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return err
	}
	_, err = w.Write(append(text, '\n'))
	return err
}

// ReadCalibration reads what Write wrote, and nothing else.
func ReadCalibration(text []byte) (*Calibration, error) {
	c := &Calibration{}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(c); err != nil {
		return nil, fmt.Errorf("scenarios: a calibration: %w", err)
	}
	if c.Schema != CalibrationSchema {
		return nil, fmt.Errorf("scenarios: a calibration of schema %d; this version reads %d", c.Schema, CalibrationSchema)
	}
	for _, m := range c.Costs {
		if m.Cost < 0 || m.Low > m.Cost || m.High < m.Cost {
			return nil, fmt.Errorf("scenarios: a calibration: %s costs %v, between %v and %v", m.Kind, m.Cost, m.Low, m.High)
		}
	}
	if len(c.Costs) == 0 {
		return nil, errors.New("scenarios: a calibration without costs")
	}
	return c, nil
}

//go:embed calibration.json
var calibrationText []byte

// BuiltinCalibration is the one that comes with the lab: costs = "calibrated".
var BuiltinCalibration = must(ReadCalibration(calibrationText))
