// The action deploy.
package fault

func init() {
	Actions.Add("deploy", "a new version of the site goes to every app server, at once", Kind{
		Instant: true,
		Make:    func(Config) Fault { return at(World.Deploy) },
		Tell:    func(Config) string { return "a new version is deployed" },
	})
}
