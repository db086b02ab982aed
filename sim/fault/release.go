// The action release.
package fault

func init() {
	Actions.Add("release", "a new version of the site is there; an app server has it from its next restart on, one that is added from its start", Kind{
		Instant: true,
		Make:    func(Config) Fault { return at(World.Release) },
		Tell:    func(Config) string { return "a new version is released" },
	})
}
