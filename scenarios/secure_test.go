// Who speaks TLS, and what a live run refuses.
package scenarios

import (
	"context"
	"strings"
	"testing"

	"cdnlab/report"
)

func TestSpoken(t *testing.T) {
	for name, c := range map[string]struct { // any order
		more         string
		secure, http string // the site's host when certificates are needed, and its scheme
		refused      string // by the live world
	}{
		"plain":                        {"", "", "http", ""},
		"users":                        {"[[clients]]\nid = \"users\"\nplace = \"Tokyo\"\nlimits = { tls = \"1.2\" }", siteHost, "https", ""},
		"some users":                   {"[[clients]]\nid = \"a\"\nplace = \"Tokyo\"\n[[clients]]\nid = \"b\"\nplace = \"Tokyo\"\nlimits = { http = \"2\" }", siteHost, "https", ""},
		"PoPs":                         {"[[pop]]\nplace = \"Tokyo\"\n[edge]\nconnections = { tls = \"1.3\" }", siteHost, "http", ""},
		"PoPs that are not there":      {"[[pop]]\nplace = \"Tokyo\"\n[edge]\non = false\nconnections = { http = \"3\" }", "", "http", ""},
		"the balancer, over HTTP/3":    {"[origin]\nservers = 2\n[balancer]\nconnections = { http = \"3\" }", siteHost, "http", "[balancer.connections]"},
		"users from a moment on":       {"[[clients]]\nid = \"users\"\nplace = \"Tokyo\"\n[[event]]\nat = \"2s\"\ndo = \"set\"\nset = { clients.0.limits.tls = \"1.3\" }", siteHost, "https", ""},
		"users over HTTP/3, and later": {"[[clients]]\nid = \"users\"\nplace = \"Tokyo\"\n[[event]]\nat = \"2s\"\ndo = \"set\"\nset = { clients.0.limits.http = \"3\" }", siteHost, "https", "[[clients]] users"},
	} {
		x, err := Load("mine.toml", []byte("name = \"mine\"\nduration = \"5s\"\n[load]\nrate = 1\n[[catalog]]\npath = \"/\"\n"+clientsOr(c.more)))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := x.Base.secure(); got != c.secure {
			t.Errorf("%s: certificates for %q, want %q", name, got, c.secure)
		}
		if got := x.Base.scheme(); got != c.http {
			t.Errorf("%s: the site is at %s", name, got)
		}
		if c.refused == "" {
			if err := x.Base.livable(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		_, err = Run(context.Background(), x, Options{Worlds: []string{report.Virtual, report.Live}, Command: []string{"/nowhere"}})
		if err == nil || !strings.Contains(err.Error(), c.refused) || !strings.Contains(err.Error(), "--world virtual") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// clientsOr adds somebody who asks where nobody does.
func clientsOr(more string) string {
	if strings.Contains(more, "[[clients]]") {
		return more
	}
	return more + "\n[[clients]]\nid = \"users\"\nplace = \"Tokyo\"\n"
}
