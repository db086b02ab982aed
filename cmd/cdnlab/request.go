// cdnlab request: one request under the glass, hop by hop.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"cdnlab/geo"
	"cdnlab/report"
	"cdnlab/scenarios"
	"cdnlab/sim/live"
)

// methods are those that --method may name: what a user of the lab sends.
var methods = []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
	http.MethodDelete, http.MethodOptions}

// requestCommand's home is the virtual world: it answers at once, to the
// nanosecond and the same each time, and --world both shows how far the real
// processes agree.
func (a *app) requestCommand() *cobra.Command {
	r := &request{play: play{app: a, home: report.Virtual, runs: 1}}
	c := &cobra.Command{
		Use:   "request NAME|FILE.toml PATH",
		Short: "Look at one request, hop by hop: its time, headers and every decision",
		Long: `Play one request and show every hop of it: how long each part took (they add up
to the whole), the headers in and out, and every decision with its reason:
which PoP, what the cache made of it, which server, what was retried.

Without --at the world is fresh and nobody else asks: the first request meets
cold caches, and the same again shows what it left behind. With --at the
scenario's load and faults play up to that time, and go on beside it.

In virtual time, where the answer comes at once and is the same each time,
unless --world says otherwise.

With --json: {schema, scenario, variant, seed, notes, requests: [{world, number,
method, path, place, status, bytes, took_ns, parts: [{where, part, took_ns}],
steps: [{at_ns, took_ns, part, depth, node, peer, kind, says}], behind: steps
that nobody waited for, hops: [{from, to, request, answer}]}]}.`,
		Example: `  cdnlab request tokyo-new-york /
  cdnlab request tokyo-new-york /static/app.1.js --from Nairobi --world both
  cdnlab request product-hunt / --at 6.1s --variant CDN
  cdnlab request server-crash /item/1 --at 2.5s --set balancer.retries=1 --again 2
  cdnlab request product-hunt / --header Accept-Language:ja --pause 4s
  cdnlab request my.toml / --json | jq '.requests[0].parts'`,
		Args:              r.arguments,
		ValidArgsFunction: completeRequest,
		RunE: func(c *cobra.Command, args []string) error {
			r.name, r.one.Path = args[0], args[1]
			r.one.Loaded = c.Flags().Changed("at")
			if err := r.prepare(c); err != nil {
				return err
			}
			return r.run()
		},
	}
	f := c.Flags()
	f.SortFlags = false
	f.StringVar(&r.one.From, "from", "", "`PLACE` of the user, any of the atlas, or a group of clients (default the first group)")
	f.DurationVar(&r.one.At, "at", 0, "send it at this `TIME` of the scenario's load, with its faults (default: a fresh world without load)")
	f.StringVar(&r.world, "world", r.home, "`WORLD`: virtual (virtual time), live (real processes) or both, one beside the other")
	f.StringVar(&r.variant, "variant", "", "the variant of that `NAME` (default the scenario as written)")
	f.StringVar(&r.one.Method, "method", "", "`METHOD` (default the catalog's, else GET)")
	f.StringArrayVar(&r.fields, "header", nil, "a request header `'NAME: VALUE'` (repeatable)")
	f.IntVar(&r.one.Again, "again", 1, "the same `N` times more, each when the one before has ended")
	f.DurationVar(&r.one.Pause, "pause", 0, "`TIME` between an answer and the same again")
	f.StringArrayVar(&r.set, "set", nil, "change a key: `KEY=VALUE` (repeatable)")
	f.Uint64Var(&r.seed, "seed", 0, "`SEED` of all dice (default the scenario's own)")
	r.speedFlag(c)
	f.BoolVar(&r.asJSON, "json", false, "as JSON")
	f.BoolVar(&r.quiet, "quiet", false, "no progress")
	f.BoolVar(&r.plain, "no-color", false, "no colour (also NO_COLOR=1)")
	complete(c, "world", completeWords(worlds))
	complete(c, "variant", completeVariants)
	complete(c, "set", completeKeys(false))
	complete(c, "method", completeWords(methods))
	complete(c, "from", completeFrom)
	return c
}

// request is one request and how it is to be played.
type request struct {
	play
	one     scenarios.OneRequest
	variant string
	fields  []string // as the user wrote them
	asJSON  bool
	look    *scenarios.Look
}

// arguments wants a scenario and a path, and says which paths there are.
func (r *request) arguments(c *cobra.Command, args []string) error {
	switch {
	case len(args) > 2:
		return fmt.Errorf("%s: a scenario and a path, not %d words: %s", c.CommandPath(), len(args), strings.Join(args, " "))
	case len(args) == 1:
		x, err := open(args[0])
		if err != nil {
			return err
		}
		return fmt.Errorf("%s %s: give a path too, such as %s", c.CommandPath(), args[0], strings.Join(scenarios.Paths(x.Base, 6), ", "))
	case len(args) == 0:
		return fmt.Errorf("%s: give a scenario's name or file, and a path\nfor example:\n%s", c.CommandPath(), c.Example)
	}
	return nil
}

// prepare checks what the user wrote and makes the request.
func (r *request) prepare(c *cobra.Command) error {
	if err := r.play.check(c); err != nil {
		return err
	}
	one := &r.one
	switch {
	case one.Again < 0 || one.Again > scenarios.MostAgain:
		return fmt.Errorf("--again %d: must be from 0 to %d", one.Again, scenarios.MostAgain)
	case one.Pause < 0 || one.Pause > time.Hour:
		return fmt.Errorf("--pause %v: must be from 0s to 1h", one.Pause)
	}
	if method := strings.ToUpper(one.Method); method != "" {
		if !slices.Contains(methods, method) {
			return fmt.Errorf("--method %s: %s", one.Method, suggest(method, methods, "methods"))
		}
		one.Method = method
	}
	var err error
	if one.Header, err = parseFields("--header", r.fields, ours); err != nil {
		return err
	}
	settings, err := parseSettings(r.set)
	if err != nil {
		return err
	}
	if r.x, err = open(r.name, settings...); err != nil {
		return blame(err, settings, nil)
	}
	if r.look, err = r.x.Look(r.variant, *one, r.seed); err != nil {
		return fmt.Errorf("%s: %w", c.CommandPath(), err)
	}
	return nil
}

// run plays the request and shows it.
func (r *request) run() error {
	options := scenarios.Options{Worlds: r.worlds(), Speed: r.speed}
	if r.world != report.Virtual {
		command, err := live.Self()
		if err != nil {
			return broken(err)
		}
		options.Command = command
	}
	if err := r.affordable(); err != nil {
		return broken(err)
	}
	options.Progress = r.progress()
	ctx, stop := interruptible(options.Progress)
	defer stop()
	traces, err := r.look.Play(ctx, options)
	options.Progress.Wait()
	switch {
	case ctx.Err() != nil:
		return &exit{statusInterrupted, errors.New("interrupted: the request was not played to its end")}
	case err != nil:
		return broken(err)
	}
	return r.show(traces)
}

// affordable reports whether this machine's limits let the load play by real
// processes.
func (r *request) affordable() error {
	if r.world == report.Virtual || !r.one.Loaded {
		return nil
	}
	x := *r.x
	x.Variants = slices.DeleteFunc(slices.Clone(x.Variants), func(v *scenarios.Resolved) bool { return r.variant != "" && v.Variant != r.variant })
	return enough(&x)
}

func (r *request) show(t *report.Traces) error {
	var text bytes.Buffer
	if r.asJSON {
		encoder := json.NewEncoder(&text)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(t); err != nil {
			return broken(err)
		}
		return r.print(text.Bytes())
	}
	if err := report.PrintTraces(&text, t, r.play.look()); err != nil {
		return broken(err)
	}
	return r.print(text.Bytes())
}

// ours are the fields that the lab writes itself.
var ours = []string{"Host", "Connection", "Content-Length", "Transfer-Encoding", "Upgrade", "Expect", "Te", "Trailer",
	"Cdnlab-Client", "Via", "X-Forwarded-For"}

// maxFields bounds what a header may be: servers refuse more than 64 KiB.
const maxFields = 32 << 10

// parseFields reads the request header's fields. refused are those that the lab
// writes itself.
func parseFields(option string, texts, refused []string) (http.Header, error) {
	h, size := http.Header{}, 0
	for _, text := range texts {
		name, value, found := strings.Cut(text, ":")
		value = strings.TrimSpace(value)
		switch {
		case !found || !token(name):
			return nil, fmt.Errorf("%s %q: write NAME: VALUE, for example %[1]s 'Accept-Language: ja'", option, text)
		case strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }):
			return nil, fmt.Errorf("%s %s: its value has a control character", option, name)
		case slices.Contains(refused, http.CanonicalHeaderKey(name)):
			return nil, fmt.Errorf("%s %s: the lab writes that one itself", option, name)
		}
		if size += len(text); size > maxFields {
			return nil, fmt.Errorf("%s: more than %d bytes", option, maxFields)
		}
		h.Add(name, value)
	}
	return h, nil
}

// token reports whether a name is one (RFC 9110 5.6.2).
func token(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
	})
}

// completeRequest completes a scenario and then the paths of its catalog.
func completeRequest(c *cobra.Command, args []string, start string) ([]string, cobra.ShellCompDirective) {
	if len(args) != 1 {
		return completeScenario(c, args, start)
	}
	x, err := open(args[0])
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return scenarios.Paths(x.Base, len(x.Base.Catalog)), cobra.ShellCompDirectiveNoFileComp
}

// completeFrom completes the scenario's groups and the cities.
func completeFrom(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	var names []string
	if len(args) > 0 {
		if x, err := open(args[0]); err == nil {
			for _, g := range x.Base.Clients {
				names = append(names, g.ID)
			}
		}
	}
	for _, p := range geo.Places() {
		names = append(names, p.Name)
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
