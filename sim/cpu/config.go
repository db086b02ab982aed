// What a scenario may say about the cores of its nodes.
package cpu

// The words of Config.From.
const (
	Calibrated = "calibrated"
	Free       = "free"
)

// Config is how strong the nodes are. A cost that is not said is the one of
// From.
type Config struct {
	Cores int    `toml:"cores" json:"cores" jsonschema:"minimum=1,maximum=512,default=8,description=cores of every node that does not say it for itself"`
	From  string `toml:"costs" json:"costs" jsonschema:"enum=calibrated,enum=free,default=calibrated,description=what each kind of work costs: as 'cdnlab calibrate' measured it\\, or nothing"`
	Costs
}

// WithDefaults fills in what is not said: calibrated are the measured costs.
//
// Cores 8: an ordinary cloud server (4 to 16 vCPU). By the calibrated costs it
// carries some 100,000 hits a second, so that cores are not what an experiment
// is about until it says so.
func (c Config) WithDefaults(calibrated Costs) Config {
	if c.Cores == 0 {
		c.Cores = 8
	}
	if c.From == "" {
		c.From = Calibrated
	}
	if c.From == Calibrated {
		c.Costs = c.Costs.Or(calibrated)
	}
	return c
}
