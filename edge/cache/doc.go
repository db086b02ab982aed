// Package cache holds the deciders of a shared HTTP cache: what may be stored
// (RFC 9111 3), whether it is fresh (4.2), what a request may be answered with
// (4), who leaves when room is short, and who waits for whose fetch.
//
// A decider is a plain struct or a pure function: time comes in as an argument
// and nothing here starts, waits or reads a clock. Nothing here is safe for
// concurrent use.
package cache
