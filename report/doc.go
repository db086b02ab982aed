// Package report turns what users saw into numbers, and numbers into tables.
//
// A Recorder takes one Observation per request, at a cost that depends on
// nothing but the request, and keeps integers only: counts, series by second
// and histograms of one fixed layout. Finish makes a Run of them; a Result is a
// list of Runs with the scenario's expectations, and is what is stored.
// Everything else is derived when it is read: a metric is an entry of Metrics,
// and tables, expectations and `list metrics` know no number that is not one.
//
// The recorder starts no goroutine, holds no lock and reads no clock: a world
// enters it from one goroutine at a time.
package report
