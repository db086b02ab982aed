// What a scenario says about the browsers of a group of clients.
package browser

import (
	"errors"

	"cdnlab/sim"
)

// Config is how the users of a group keep what they were answered, and how they ask
// again. The zero Config is users without a cache, who never reload.
type Config struct {
	Cache           bool      `toml:"browser-cache" json:"browser_cache,omitempty" jsonschema:"default=false,description=whether each user has a cache of their own\\, as a browser has: what is fresh there costs no request"`
	CacheSize       sim.Bytes `toml:"browser-cache-size" json:"browser_cache_size,omitempty" jsonschema:"description=what each may hold of this site; if not given 50MB\\, and 1000 answers at the most; one answer may take an eighth"`
	Reload          float64   `toml:"reload" json:"reload,omitempty" jsonschema:"minimum=0,maximum=1,default=0,description=share of the pages (without a [[journey]]: of the requests) that are reloads: what is stored is validated even if fresh"`
	ForceReload     float64   `toml:"force-reload" json:"force_reload,omitempty" jsonschema:"minimum=0,maximum=1,default=0,description=share of them that are forced reloads: all is fetched anew\\, past the user's own cache"`
	ReloadValidates string    `toml:"reload-validates" json:"reload_validates,omitempty" jsonschema:"enum=page,enum=all,description=what a reload validates: the page alone as Chrome and Edge do\\, or its assets\\, too\\, as Firefox and Safari do; if not given page"`
}

// What a reload validates.
const (
	ValidatesPage = "page"
	ValidatesAll  = "all"
)

const (
	standardSize = 50_000_000
	// maxEntries bounds the answers that one browser keeps, each of which takes the
	// lab's own memory: a thousand are some twenty pages (the median page makes 70
	// requests, HTTP Archive).
	maxEntries = 1000
	// maxShare is the part of a cache that one answer may take: an eighth, as in
	// Chrome's.
	maxShare = 8
	// maxVariants bounds what is stored of one URL.
	maxVariants = 8
)

// WithDefaults fills in what is not said.
//
// CacheSize 50MB: what a browser spares for one of many sites; Chrome's whole cache
// is some hundred MB. ReloadValidates page: most people have Chrome or a relative of
// it, which validates the page alone since 2017 ("Reload, reloaded", Chromium Blog,
// 26 January 2017). Both are left empty where they mean nothing.
func (c Config) WithDefaults() Config {
	if c.Cache && c.CacheSize == 0 {
		c.CacheSize = standardSize
	}
	if c.reloads() && c.ReloadValidates == "" {
		c.ReloadValidates = ValidatesPage
	}
	return c
}

// reloads reports whether anybody ever reloads.
func (c Config) reloads() bool { return c.Reload > 0 || c.ForceReload > 0 }

// Does reports whether there is anything for browsers to do.
func (c Config) Does() bool { return c.Cache || c.reloads() }

// Check returns what is wrong with a Config, every mistake of it; each begins with
// its key.
func (c Config) Check() []error {
	var bad []error
	if c.CacheSize < 0 {
		bad = append(bad, errors.New("browser-cache-size: must not be negative"))
	}
	if c.Reload+c.ForceReload > 1 {
		bad = append(bad, errors.New("reload: with force-reload it is more than all"))
	}
	return bad
}
