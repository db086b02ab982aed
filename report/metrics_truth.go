// Metrics of truth: outdated answers, and answers that are another's. What a
// cache knows of it, its verdicts, stands in metrics_cache.go: an answer that is
// fresh to the cache may well be outdated, and a stale one current.
package report

func init() {
	judged("outdated", countOutdated, countChanging,
		"answers about content that changes whose version had been replaced before the user asked, whatever the cache took them for (a stale verdict is another thing)")
	register(Metric{Name: "outdated-ratio", Heading: "outdated", Unit: UnitRatio, Better: Lower,
		Definition: "outdated / answers about content that changes; failed requests and answers without content have no version",
		Value:      ratio(func(v View) (int64, int64) { return v.count(countOutdated), v.count(countChanging) })})
	timed("staleness", histStaleness, "for how long the version that users got had been replaced when they asked for it, 0 when it was current; "+
		"over all answers about content that changes; an hour and more counts as an hour")
	judged("wrong-user", countWrongUser, countPersonal, "answers made for another user than the one who got them")
	register(Metric{Name: "wrong-user-ratio", Heading: "wrong user", Unit: UnitRatio, Better: Lower,
		Definition: "wrong-user / answers that were made for one user",
		Value:      ratio(func(v View) (int64, int64) { return v.count(countWrongUser), v.count(countPersonal) })})
}

// judged registers a metric that is a count of bad answers among those that say
// what they are.
func judged(name string, bad, all int, definition string) {
	register(Metric{Name: name, Unit: UnitCount, Better: Lower, Definition: definition,
		Value: func(v View, _ string) (float64, bool) { return float64(v.count(bad)), v.count(all) > 0 }})
}
