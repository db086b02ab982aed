// Fastly: PURGE of a URL, and POST about surrogate keys
// (fastly.com/documentation/reference/api/purging).
package purgeapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"cdnlab/edge"
	"cdnlab/edge/cache"
	"cdnlab/sim"
)

// maxKeys bounds the keys of one call, as Fastly does.
const maxKeys = 256

// fastly is what all of Fastly's shapes answer alike.
type fastly struct{}

func (fastly) done(n uint64, at time.Time, _ Outcome) Answer {
	return asJSON(http.StatusOK, map[string]string{"status": "ok", "id": fastlyID(n, at)})
}

// fastlyID looks as Fastly's: a node, the second and a number.
func fastlyID(n uint64, at time.Time) string { return fmt.Sprintf("1-%d-%d", at.Unix(), n) }

func (fastly) refuse(r refusal) Answer {
	if r.status == http.StatusForbidden {
		return asJSON(http.StatusUnauthorized, map[string]string{"msg": "Provided credentials are missing or invalid"})
	}
	return asJSON(r.status, map[string]string{"msg": http.StatusText(r.status), "detail": r.says})
}

// fastlyURL is PURGE /path, to the very host whose path it is: as a PoP reads it
// from whoever runs it.
type fastlyURL struct{ target string }

func (s fastlyURL) read(c *Call, _ []byte) (edge.Purging, error) {
	x := edge.ReadPurge(&sim.Request{Host: c.host, Path: s.target, Header: c.header})
	if t := x.Targets[0]; t.Tag == "" && t.Path != "" && t.Path[0] != '/' {
		return x, fmt.Errorf("%q is no path", s.target)
	}
	return x, nil
}

func (fastlyURL) done(n uint64, at time.Time, o Outcome) Answer { return fastly{}.done(n, at, o) }
func (fastlyURL) refuse(r refusal) Answer                       { return fastly{}.refuse(r) }

// findFastly knows POST /service/{id}/purge/{key}, .../purge with keys in the
// content or in Surrogate-Key, .../purge_all, and /purge/{url}.
func findFastly(path, target string) shape {
	if cached, found := strings.CutPrefix(target, "/purge/"); found {
		return fastlyCached{url: cached}
	}
	rest, found := strings.CutPrefix(path, "/service/")
	service, what, more := strings.Cut(rest, "/")
	if !found || !more || service == "" {
		return nil
	}
	switch key, isKey := strings.CutPrefix(what, "purge/"); {
	case what == "purge_all":
		return fastlyAll{}
	case what == "purge":
		return &fastlyKeys{}
	case isKey:
		return fastlyKey{key: key}
	}
	return nil
}

type fastlyCached struct {
	fastly
	url string // without a scheme
}

func (s fastlyCached) read(c *Call, _ []byte) (edge.Purging, error) {
	if !strings.Contains(s.url, "://") {
		s.url = "https://" + s.url
	}
	t, ok := ofURL(s.url)
	if !ok {
		return edge.Purging{}, fmt.Errorf("%q is no URL", s.url)
	}
	return c.purging([]cache.Target{t}), nil
}

type fastlyKey struct {
	fastly
	key string
}

func (s fastlyKey) read(c *Call, _ []byte) (edge.Purging, error) {
	key, err := url.PathUnescape(s.key)
	t, ok := ofTag(key)
	if err != nil || !ok {
		return edge.Purging{}, fmt.Errorf("%q is no surrogate key", s.key)
	}
	return c.purging([]cache.Target{t}), nil
}

// fastlyAll has no soft form (Fastly's documentation).
type fastlyAll struct{ fastly }

func (fastlyAll) read(*Call, []byte) (edge.Purging, error) {
	return edge.NewPurging([]cache.Target{{Prefix: true}}, false), nil
}

func (fastlyAll) done(uint64, time.Time, Outcome) Answer {
	return asJSON(http.StatusOK, map[string]string{"status": "ok"})
}

// fastlyKeys is about many keys. Each has an id of its own.
type fastlyKeys struct {
	fastly
	keys []string
}

func (s *fastlyKeys) read(c *Call, content []byte) (edge.Purging, error) {
	var asked struct {
		Keys []string `json:"surrogate_keys"`
	}
	for _, line := range c.header["Surrogate-Key"] {
		asked.Keys = append(asked.Keys, strings.Fields(line)...)
	}
	if len(asked.Keys) == 0 {
		if err := json.Unmarshal(content, &asked); err != nil {
			return edge.Purging{}, fmt.Errorf("no keys in Surrogate-Key, and the content is no JSON with surrogate_keys: %w", err)
		}
	}
	if n := len(asked.Keys); n == 0 || n > maxKeys {
		return edge.Purging{}, fmt.Errorf("%d surrogate keys: one to %d can be purged in one request", n, maxKeys)
	}
	targets, bad, ok := all(asked.Keys, ofTag)
	if !ok {
		return edge.Purging{}, fmt.Errorf("%q is no surrogate key", bad)
	}
	s.keys = asked.Keys
	return c.purging(targets), nil
}

func (s *fastlyKeys) done(n uint64, at time.Time, _ Outcome) Answer {
	ids := map[string]string{}
	for i, key := range s.keys {
		ids[key] = fastlyID(n, at) + fmt.Sprint("-", i+1)
	}
	return asJSON(http.StatusOK, ids)
}
