// Fleets: pools of app servers under a Poisson stream, and how long answers take.
package theory

import (
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"cdnlab/origin"
	"cdnlab/origin/balance"
	"cdnlab/origin/health"
	"cdnlab/sim"
)

// fleet is what is played.
type fleet struct {
	servers, workers int // workers 0 is one
	rho              float64
	balance          balance.Config
	distribution     string // of service times; "" is exponential
	discipline       string // "" is first come first served
	seed             uint64
	balancers        int     // each with counts of its own; 0 is one
	slow             float64 // how many times as long the first server takes; 0 is as long as the others
	reports          float64 // the age at which loads that servers report are replaced, in service times; 0: no reports
}

const (
	unit    = time.Millisecond // the mean service time
	batches = 50
)

// play returns the mean time of an answer over n requests and the standard error that
// batches of them show. The first tenth more, in which lines fill, does not count.
func (f fleet) play(t testing.TB, n int) (mean, stderr float64) {
	engine := sim.NewEngine()
	pools := f.pools(t, engine)
	which := sim.Stream(f.seed, "users", "balancers")
	dice := sim.Stream(f.seed, "users", "arrivals")
	gap := float64(unit) / f.rho / float64(f.servers*max(f.workers, 1))
	sums := make([]float64, batches)
	at, warm, size := sim.Time(0), n/10, n/batches
	for i := range warm + size*batches {
		at = at.Add(time.Duration(dice.ExpFloat64() * gap))
		engine.Advance(at)
		begun, batch := at, (i-warm)/size
		pools[which.IntN(len(pools))].Serve(&sim.Request{ID: uint64(i), Client: uint64(i), Method: "GET"}, func(resp *sim.Response) {
			if resp.Status != 200 {
				t.Fatalf("request %d: %d %v", i, resp.Status, resp.Cause)
			}
			if i >= warm {
				sums[batch] += float64(engine.Now().Sub(begun)) / float64(unit)
			}
		})
	}
	for _, pool := range pools {
		pool.Close()
	}
	for at, ok := engine.Next(); ok; at, ok = engine.Next() {
		engine.Advance(at)
	}
	return spread(sums, float64(size))
}

// spread is the mean of batches, and its standard error.
func spread(sums []float64, size float64) (mean, stderr float64) {
	var total, squares float64
	for _, s := range sums {
		total += s / size
		squares += s / size * s / size
	}
	n := float64(len(sums))
	mean = total / n
	return mean, math.Sqrt(max(0, squares/n-mean*mean) / (n - 1))
}

// pools are the balancers, over the same servers.
func (f fleet) pools(t testing.TB, engine *sim.Engine) (all []*balance.Pool) {
	env := func(node string) *sim.Env {
		e := sim.NewEnv(engine, node, f.seed, nil)
		e.Reuses = true
		return e
	}
	var targets []balance.Target
	for i := range f.servers {
		cfg := origin.AppConfig{Workers: max(f.workers, 1), Overload: origin.OverloadQueue,
			ServiceConfig: origin.ServiceConfig{ServiceTime: unit, Distribution: f.distribution}}
		cfg.Discipline = f.discipline
		if i == 0 && f.slow > 0 {
			cfg.ServiceTime = time.Duration(f.slow * float64(unit))
		}
		if cfg.Distribution == "" {
			cfg.Distribution = origin.Exponential
		}
		app, err := origin.NewApp(env(fmt.Sprint("app-", i)), cfg, nil, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		targets = append(targets, balance.Target{Spec: balance.Spec{Name: fmt.Sprint("app-", i)}, Handler: app})
	}
	for i := range max(f.balancers, 1) {
		pool, err := balance.NewPool(env(fmt.Sprint("balancer", strings.Repeat("'", i))), balance.PoolConfig{Config: f.balance, PerTryTimeout: time.Hour,
			LoadReports: balance.ReportsConfig{Interval: time.Duration(f.reports * float64(unit))},
			Health:      health.Config{Check: health.CheckNone}}, balance.Around{}, targets...)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, pool)
	}
	return all
}

// scale is how many times more requests are played than in the everyday tests: 'make
// theory' sets it.
func scale() int {
	n, _ := strconv.Atoi(os.Getenv("CDNLAB_THEORY"))
	return max(n, 1)
}

// row is one line of the table.
type row struct {
	name         string
	theory       float64
	mean, stderr float64
}

// check holds a row to its theory: within four standard errors of the play itself, which
// must be small enough to tell something.
func (r row) check(t *testing.T, most float64) {
	t.Helper()
	t.Logf("%-44s theory %9.4f   simulation %9.4f ± %.4f   error %+.2f %%", r.name, r.theory, r.mean, r.stderr, 100*(r.mean/r.theory-1))
	if math.Abs(r.mean-r.theory) > 4*r.stderr {
		t.Errorf("%s: %.4f ± %.4f, want %.4f", r.name, r.mean, r.stderr, r.theory)
	}
	if r.stderr > most*r.theory {
		t.Errorf("%s: ± %.4f tells nothing of %.4f", r.name, r.stderr, r.theory)
	}
}

func words(parts ...any) string { return strings.TrimSpace(fmt.Sprintln(parts...)) }
