// The structs that the tests read files into: a small scenario with everything a schema can meet.

package strict

import (
	"fmt"
	"strings"
	"testing"
	"time"

	js "github.com/invopop/jsonschema"
)

type world struct {
	Name     string            `toml:"name" jsonschema:"required,description=how the world is called\\, in short"`
	Seed     uint64            `toml:"seed" jsonschema:"default=1"`
	Pop      []pop             `toml:"pop" jsonschema:"maxItems=4"`
	Server   []server          `toml:"server"`
	Clients  []clients         `toml:"clients"`
	Balancer balancer          `toml:"balancer"`
	Load     load              `toml:"load"`
	Limits   *limits           `toml:"limits"`
	Headers  map[string]string `toml:"headers" jsonschema_description:"sent with every request"`
	Links    map[string]link   `toml:"links"`
	Starts   time.Time         `toml:"starts"`
	Extra    any               `toml:"extra"`
	Variant  []map[string]any  `toml:"variant"`
	common                     // keys of the embedded struct are keys of the world
	hidden   int               //nolint:unused // unexported fields are no keys
	Skipped  int               `toml:"-"`
}

type common struct {
	Comment string `toml:"comment"`
}

type pop struct {
	Name   string        `toml:"name"`
	Place  place3        `toml:"place" jsonschema:"required"`
	Cache  cache         `toml:"cache"`
	Parent []string      `toml:"parent" jsonschema:"minItems=1,uniqueItems=true"`
	Rack   []rack        `toml:"rack"`
	TTL    time.Duration `toml:"ttl" jsonschema:"default=30s,exclusiveMinimum=0s,maximum=24h"`
}

type rack struct {
	Units int8 `toml:"units"`
}

type cache struct {
	Size     size    `toml:"size" jsonschema:"default=64MB"`
	Eviction string  `toml:"eviction" jsonschema:"enum=lru,enum=lfu,enum=sieve,enum=s3-fifo,default=lru"`
	Share    float64 `toml:"share" jsonschema:"minimum=0,maximum=1,default=0.5"`
}

type server struct {
	Name   string `toml:"name" jsonschema:"minLength=1"`
	Weight int    `toml:"weight" jsonschema:"minimum=1,default=1"`
	Up     bool   `toml:"up" jsonschema:"default=true"`
}

type clients struct {
	Place []string `toml:"place" jsonschema:"description=where they are"`
	Rate  float64  `toml:"rate"`
}

type balancer struct {
	Algorithm string          `toml:"algorithm" jsonschema:"enum=round-robin,enum=least-connections,enum=p2c,default=round-robin"`
	Retries   int             `toml:"retries" jsonschema:"maximum=5"`
	Timeouts  []time.Duration `toml:"timeouts"`
	Sticky    choice          `toml:"sticky"`
}

type load struct {
	Rate  float64       `toml:"rate" jsonschema:"minimum=0"`
	Ramp  time.Duration `toml:"ramp" jsonschema:"minimum=0s"`
	Shape string        `toml:"shape" jsonschema:"pattern=^[a-z-]+$"`
}

type limits struct {
	CPU  uint8 `toml:"cpu"`
	Step int   `toml:"step" jsonschema:"multipleOf=5"`
}

type link struct {
	RTT time.Duration `toml:"rtt" jsonschema:"required"`
}

// place3 describes itself and reads itself from text, with different opinions.
type place3 string

func (place3) JSONSchema() *js.Schema {
	return &js.Schema{Type: "string", Enum: []any{"tokyo", "paris", "lagos", "atlantis"}}
}

func (p *place3) UnmarshalText(text []byte) error {
	if string(text) == "atlantis" {
		return fmt.Errorf("atlantis has sunk")
	}
	*p = place3(text)
	return nil
}

// size reads itself from text and leaves its schema to us.
type size int64

func (s *size) UnmarshalText(text []byte) error {
	var n int64
	if _, err := fmt.Sscanf(string(text), "%dMB", &n); err != nil {
		return fmt.Errorf("%q is no size such as 64MB", text)
	}
	*s = size(n << 20)
	return nil
}

// choice is either a name or a table.
type choice struct{}

func (choice) JSONSchema() *js.Schema {
	properties := js.NewProperties()
	properties.Set("cookie", &js.Schema{Type: "string"})
	return &js.Schema{OneOf: []*js.Schema{
		{Type: "string", Enum: []any{"none", "cookie"}},
		{Type: "object", Properties: properties, AdditionalProperties: js.FalseSchema, Required: []string{"cookie"}},
	}}
}

func (*choice) UnmarshalTOML(any) error { return nil }

func worldSchema(t testing.TB) *Schema {
	t.Helper()
	s, err := NewSchema(new(world))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func mustParse(t testing.TB, text string) *Doc {
	t.Helper()
	d, err := Parse("my.toml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// oneMistake wants exactly one mistake that ends so.
func oneMistake(t testing.TB, got Mistakes, want string) {
	t.Helper()
	if len(got) != 1 || !strings.HasSuffix(got[0].String(), want) {
		t.Errorf("got:\n%v\nwant one:\n%s", got, want)
	}
}
