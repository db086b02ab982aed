// Cloudflare: POST /client/v4/zones/{id}/purge_cache with JSON
// (developers.cloudflare.com/api/resources/cache/methods/purge).
package purgeapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"cdnlab/edge"
	"cdnlab/edge/cache"
)

// Limits of one call, the largest that Cloudflare sells: 500 URLs, and 100 tags,
// hosts or prefixes.
const (
	maxFiles = 500
	maxNames = 100
)

// Cloudflare's codes for what is wrong. The words of the first four are its own;
// what it says of the others is not documented.
var (
	cfAuthentication = refusal{http.StatusForbidden, "10000", "Authentication error"}
	cfMalformed      = refusal{http.StatusBadRequest, "6007", "Malformed JSON in request body"}
	cfThrottled      = refusal{http.StatusTooManyRequests, "971", "Please wait and consider throttling your request speed"}
	cfNothing        = refusal{http.StatusBadRequest, "1012", `Request must contain one of "purge_everything", "files", "tags", "hosts" or "prefixes"`}
	cfNoArray        = refusal{http.StatusBadRequest, "1014", `"files", "tags", "hosts" or "prefixes" must be an array`}
)

func cfBad(format string, args ...any) refusal {
	return refusal{http.StatusBadRequest, "1016", fmt.Sprintf(format, args...)}
}

// cloudflare is a call about a zone. Which zone is all the same: a PoP has one.
type cloudflare struct{ zone string }

func findCloudflare(path, _ string) shape {
	rest, found := strings.CutPrefix(path, "/client/v4/zones/")
	zone, ends := strings.CutSuffix(rest, "/purge_cache")
	if !found || !ends || zone == "" || strings.Contains(zone, "/") {
		return nil
	}
	return cloudflare{zone}
}

// cloudflareOther is a call by another method. Some guides say DELETE.
type cloudflareOther struct {
	cloudflare
	method string
}

func (s cloudflareOther) read(*Call, []byte) (edge.Purging, error) {
	return edge.Purging{}, refusal{http.StatusMethodNotAllowed, "7001", fmt.Sprintf("Method %s not available for that URI; purging is a POST.", s.method)}
}

func (s cloudflareOther) refuse(r refusal) Answer {
	a := s.cloudflare.refuse(r)
	if r.status == http.StatusMethodNotAllowed {
		a.Header.Set("Allow", http.MethodPost)
	}
	return a
}

// cfRequest is what a call may say, each part of it as it came.
type cfRequest struct {
	Everything json.RawMessage `json:"purge_everything"`
	Files      json.RawMessage `json:"files"`
	Tags       json.RawMessage `json:"tags"`
	Hosts      json.RawMessage `json:"hosts"`
	Prefixes   json.RawMessage `json:"prefixes"`
}

func (cloudflare) read(c *Call, content []byte) (edge.Purging, error) {
	var asked cfRequest
	if json.Unmarshal(content, &asked) != nil {
		return edge.Purging{}, cfMalformed
	}
	var targets []cache.Target
	if string(asked.Everything) == "true" {
		targets = []cache.Target{{Prefix: true}}
	}
	for _, list := range []struct {
		key  string
		raw  json.RawMessage
		most int
		of   func(string) (cache.Target, bool)
	}{
		{"files", asked.Files, maxFiles, ofURL}, {"tags", asked.Tags, maxNames, ofTag},
		{"hosts", asked.Hosts, maxNames, ofHost}, {"prefixes", asked.Prefixes, maxNames, ofPrefix},
	} {
		if list.raw == nil {
			continue
		}
		names, err := cfNames(list.raw)
		if err != nil {
			return edge.Purging{}, err
		}
		if len(names) > list.most {
			return edge.Purging{}, cfBad("%q has %d items; at most %d can be purged in one request", list.key, len(names), list.most)
		}
		more, bad, ok := all(names, list.of)
		if !ok {
			return edge.Purging{}, cfBad("%q: unable to purge %q", list.key, bad)
		}
		targets = append(targets, more...)
	}
	if len(targets) == 0 {
		return edge.Purging{}, cfNothing
	}
	return c.purging(targets), nil
}

// cfNames reads a list of strings, or of files with the headers that chose a
// variant: every variant of a URL is purged, so these are not needed.
func cfNames(raw json.RawMessage) ([]string, error) {
	var items []json.RawMessage
	if json.Unmarshal(raw, &items) != nil {
		return nil, cfNoArray
	}
	names := make([]string, len(items))
	for i, item := range items {
		var file struct{ URL string }
		if json.Unmarshal(item, &names[i]) == nil {
			continue
		}
		if json.Unmarshal(item, &file) != nil {
			return nil, cfMalformed
		}
		names[i] = file.URL
	}
	return names, nil
}

// cfAnswer is what every answer of Cloudflare's API has.
type cfAnswer struct {
	Success  bool      `json:"success"`
	Errors   []cfError `json:"errors"`
	Messages []string  `json:"messages"`
	Result   any       `json:"result"`
}

type cfError struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

func (s cloudflare) done(uint64, time.Time, Outcome) Answer {
	return asJSON(http.StatusOK, cfAnswer{true, []cfError{}, []string{}, map[string]string{"id": s.zone}})
}

func (cloudflare) refuse(r refusal) Answer {
	switch r.status {
	case http.StatusForbidden:
		r = cfAuthentication
	case http.StatusTooManyRequests:
		r = cfThrottled
	}
	code, _ := strconv.Atoi(r.code) // without one it is 0
	return asJSON(r.status, cfAnswer{false, []cfError{{code, r.says}}, []string{}, nil})
}

func asJSON(status int, v any) Answer {
	content, err := json.Marshal(v)
	if err != nil {
		panic("purgeapi: " + err.Error())
	}
	return Answer{status, http.Header{"Content-Type": {"application/json"}}, append(content, '\n')}
}
