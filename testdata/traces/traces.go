// Package traces carries the traces of this folder in the program, so that
// scenarios that play them run without a checkout. SOURCE.md says where they are
// from.
package traces

import "embed"

// Files are the traces, by their name.
//
//go:embed *.zst
var Files embed.FS

// All are their names in order, and what they are.
var All = []struct{ Name, Says string }{
	{"apache-semicomplete-2015.csv.zst", "10,000 requests to a personal website, 17 to 20 May 2015"},
	{"cloudphysics-io.oracleGeneral.zst", "113,872 reads and writes of one virtual disk within two hours"},
	{"webproxy-adaptsize.csv.zst", "66,987 requests to one web cache; its time is only a counter, one a request"},
	{"worldcup98-per-minute.csv.zst", "1.35 billion requests to the site of the World Cup, by the minute, 30 April to 26 July 1998: how many, not for what"},
}
