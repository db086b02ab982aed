// The scenarios that come with the lab.
package scenarios

import (
	"embed"
	"strings"
)

//go:embed builtin/*.toml
var builtin embed.FS

// Names returns the built-in scenarios in order.
func Names() []string {
	files, err := builtin.ReadDir("builtin")
	if err != nil {
		panic("scenarios: " + err.Error())
	}
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = strings.TrimSuffix(f.Name(), ".toml")
	}
	return names
}
