// Package report turns what users saw into numbers, and numbers into tables.
//
// A Recorder takes one Observation per request, at a cost that depends on
// nothing but the request, and keeps integers only: counts, series by second
// and histograms of one fixed layout. Finish makes a Run of them; a Result is a
// list of Runs with the scenario's expectations, and is what is stored.
// Everything else is derived when it is read: a metric is an entry of Metrics,
// and tables, expectations and `list metrics` know no number that is not one.
//
// # The JSON of a result, schema 1
//
// Times are integers in nanoseconds and say so (_ns); times of day of the run
// count from its epoch. Ratios and quantiles do not stand there: they are
// derived, so that shards add up exactly. What is marked "live" is absent from a
// virtual result, which holds nothing of the machine or the wall clock.
//
//	schema        1
//	scenario      its name; question: what it asks; hash: of the file as written
//	runs          one per variant, seed, shard and world
//	  hash, variant, seed, shards, world     which run it is; shards that differ only there add up
//	  complete      false: interrupted, what was measured until then is kept
//	  duration_ns   how long the load lasted; closed_loop: users waited for answers
//	  warmup_ns     its start that was played and not measured; absent: none
//	  steady        a run that should settle (constant load, no fault): workers by
//	                node, arrival_scv and service_scv, squared coefficients of variation
//	  nodes         name -> kind: app, pop, balancer, proxy, database
//	  windows       spans of the run; the first is "all", the others are the phases of
//	                events (fault, phase) and the times of expectations
//	    name, from_ns, to_ns
//	    counts        requests, errors, lost, retried, bytes, verdict.*, fwd.*, status.*, cause.* …;
//	                  of people: pages, page-errors, users, users-with-errors, sign-ins, sessions-lost
//	    histograms    latency, sent-latency, ttfb, sent-ttfb, hit-ttfb, miss-ttfb; of changing content
//	                  staleness; of people page-load:
//	                  n, sum_ns, min_ns, max_ns, counts: pairs of cell and count
//	    counters      what nodes counted, "node.counter"
//	    servers, pops, groups                answers or requests by each
//	    places        place -> requests, errors and its first answered request
//	  step_ns, series   counts per step, by name or "node.counter"; a missing end is 0;
//	                latency-ns is the sum of the answers' latencies
//	  events        what happened to nodes and links; events_dropped, counts_dropped: beyond the limits
//	  receipt       live: generator and links (n, late, median_ns, p99_ns, max_ns, missing),
//	                cpu_pressure (a share or null), cpus, addresses, speed,
//	                rtts (from, to, configured_ns, measured_ns), notes
//	expectations  what the scenario claims, judged
//	  says, variant, world, metric, window
//	  op            < <= > >= == != or ~ (within the tolerance, a share of the bound)
//	  bound, tolerance, against              against: the variant that gave the bound
//	  measured      null when there was nothing to measure, or when it is withheld;
//	                measured_half: half of its 95 % interval over the seeds
//	  pass          whether it holds
//	  not_judged    true: neither held nor failed; why says whether the run was
//	                interrupted or its times are not to be trusted
//	  unit, why, warnings
//	regressions   what must not happen between this result and a later one:
//	              metric, variant, op, change (a share of the old value if share), says
//	settings      a run's hash -> the scenario as it was played, under the keys of its file
//	environment   live: os, arch, cpu, cpus, go, version, started
//
// ResultSchema says the same as a JSON schema, and how a duration finds its cell.
// Keys may be added within a version; a reader refuses those that it does not
// know, as it cannot tell what they mean for the rest.
//
// The recorder starts no goroutine, holds no lock and reads no clock: a world
// enters it from one goroutine at a time.
package report
