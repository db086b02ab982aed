// What browsers are like, and what they tell of traced requests.
package browser

import (
	"fmt"

	"cdnlab/edge/cache"
	"cdnlab/sim"
)

// explain tells what the cache makes of a request.
func (b *Browsers) explain(v *visit) {
	if !v.out.Traced() || !b.cfg.Cache {
		return
	}
	says := "browser: " + v.d.Explain(v.entry)
	if v.d.Verdict == sim.VerdictMiss && v.how != ForceReload && v.entry != nil && v.entry.Validatable() {
		says += "; it asks whether what is stored still holds (RFC 9111 4.3.1)"
	}
	b.env.Explain(&v.out, sim.StepCache, says)
}

// explainStored tells whether an answer is kept, and for how long it is fresh.
func (b *Browsers) explainStored(v *visit, e *cache.Entry, why cache.Reason) {
	switch {
	case !v.out.Traced():
	case e == nil:
		b.env.Explain(&v.out, sim.StepStore, "browser: not stored: "+why.String())
	default:
		b.env.Explain(&v.out, sim.StepStore, "browser: "+e.Kept())
	}
}

// explainValidated tells what a 304 means.
func (b *Browsers) explainValidated(v *visit, e *cache.Entry, storable bool) {
	if !v.out.Traced() {
		return
	}
	says := "browser: 304: what is stored still holds, its fields are updated (RFC 9111 4.3.4)"
	switch {
	case e == nil:
		says = "browser: 304, but of another representation than the stored one: asked again (RFC 9111 4.3.4)"
	case storable:
		says += "; " + e.Kept()
	default:
		says += "; it may not be stored any longer"
	}
	b.env.Explain(&v.out, sim.StepStore, says)
}

// Says is the Config in a few words; nothing where browsers do nothing.
func (c Config) Says() []string {
	var all []string
	if c.Cache {
		all = append(all, "each with a browser cache of "+c.CacheSize.String())
	}
	for _, share := range []struct {
		of   float64
		what string
	}{{c.Reload, "reloads"}, {c.ForceReload, "forced reloads"}} {
		if share.of > 0 {
			all = append(all, fmt.Sprintf("%.3g %% %s", 100*share.of, share.what))
		}
	}
	return all
}
