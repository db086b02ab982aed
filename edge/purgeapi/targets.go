// Targets: from what callers write to what the cache is told.
package purgeapi

import (
	"strings"

	"cdnlab/edge"
	"cdnlab/edge/cache"
)

// Nothing here keeps the scheme: a PoP may speak plain HTTP behind somebody who
// speaks TLS, so http and https of one URL are purged together.

// ofURL is about one URL with its query, as it stands on the wire.
func ofURL(url string) (cache.Target, bool) {
	scheme, rest, found := strings.Cut(url, "://")
	if scheme = strings.ToLower(scheme); !found || scheme != "http" && scheme != "https" {
		return cache.Target{}, false
	}
	port := map[string]string{"http": ":80", "https": ":443"}[scheme]
	host, path := cut(rest)
	host = strings.TrimSuffix(host, port)
	return cache.Target{Key: cache.Key{Host: host, Path: path}}, host != "" && clean(url)
}

// ofPrefix is about everything that begins as a host and path, without a scheme, do.
func ofPrefix(prefix string) (cache.Target, bool) {
	host, path := cut(prefix)
	bad := host == "" || !clean(prefix) || strings.ContainsAny(prefix, "?#") || strings.Contains(prefix, "://")
	return cache.Target{Key: cache.Key{Host: host, Path: path}, Prefix: true}, !bad
}

// ofHost is about everything of a host.
func ofHost(host string) (cache.Target, bool) {
	return cache.Target{Key: cache.Key{Host: strings.ToLower(host)}, Prefix: true}, host != "" && clean(host) && !strings.ContainsAny(host, "/?#")
}

func ofTag(tag string) (cache.Target, bool) {
	tag = cache.FoldTag(tag)
	bad := strings.ContainsFunc(tag, func(r rune) bool { return r < ' ' || r == 0x7f }) // no field's value has them
	return cache.Target{Tag: tag}, tag != "" && len(tag) <= cache.MaxTagLength && !bad
}

// ofPath is about a path of every host, or with a * at its end all that begin so.
func ofPath(path string) (cache.Target, bool) {
	ok := path != "" && clean(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	path, prefix := strings.CutSuffix(path, "*")
	return cache.Target{Key: cache.Key{Path: path}, Prefix: prefix}, ok
}

// cut parts a host from the path behind it, and drops a fragment, which no server
// is told of (RFC 9110 7.1).
func cut(s string) (host, path string) {
	s, _, _ = strings.Cut(s, "#")
	at := strings.IndexAny(s, "/?")
	if at < 0 {
		return strings.ToLower(s), "/"
	}
	host, path = strings.ToLower(s[:at]), s[at:]
	if path[0] == '?' {
		path = "/" + path
	}
	return host, path
}

// clean reports whether a text can stand in a request's target: what cannot would
// match nothing.
func clean(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
}

// all makes targets of what a list names. of tells whether it can.
func all(names []string, of func(string) (cache.Target, bool)) (targets []cache.Target, bad string, ok bool) {
	for _, name := range names {
		t, good := of(name)
		if !good {
			return nil, name, false
		}
		targets = append(targets, t)
	}
	return targets, "", true
}

// purging is a purge of targets, of which there is at least one.
func (c *Call) purging(targets []cache.Target) edge.Purging {
	return edge.NewPurging(targets, c.soft())
}
