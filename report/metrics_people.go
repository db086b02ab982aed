// Metrics of people: pages, sessions, and who saw an error.
package report

import (
	"slices"
	"strings"
)

func init() {
	timed("page-load", histPageLoad, "time from the moment at which a user wanted a page to the end of the last of its HTML and assets; failed pages have none")
	peopled("pages", Neither, "pages that people asked for, sign-ins and carts among them, by the time at which they wanted them", countPages)
	peopled("page-errors", Lower, "pages of which the HTML or an asset did not come whole or came with a status of 400 or above "+
		"(errors counts requests, and none of 4xx)", countPageErrors)
	peopled("mixed-pages", Lower, "pages whose HTML and assets, as far as these change at deploys, were of different versions of the site, failed pages among them: "+
		"new HTML with an old script may not work", countMixedPages)
	peopled("users", Neither, "people who came, each counted once, at their first page", countUsers+int(UserCame))
	peopled("users-with-errors", Lower, "people who saw a page error, each counted once, at the first of them", countUsers+int(UserSawError))
	peopled("sign-ins", Neither, "sign-ins that were answered in full with a status below 400", countUsers+int(UserSignedIn))
	peopled("sessions-lost", Lower, "sessions that ended under their users: a request that carried one was answered 401; each counted once", countUsers+int(UserLostSession))
	register(Metric{Name: "page-error-ratio", Heading: "page error %", Unit: UnitRatio, Better: Lower,
		Definition: "page-errors / pages",
		Value:      ratio(func(v View) (int64, int64) { return v.count(countPageErrors), v.count(countPages) })})
	register(Metric{Name: "user-error-ratio", Heading: "user error %", Unit: UnitRatio, Better: Lower,
		Definition: "users-with-errors / users, of the whole run only: who sees an error in a window may have come before it",
		Value: ratio(func(v View) (int64, int64) {
			if v.Window.Name != All {
				return 0, 0
			}
			return v.count(countUsers + int(UserSawError)), v.count(countUsers)
		})})
}

// peopled registers a metric that is a count of the window, where the run has
// people at all.
func peopled(name string, better Better, definition string, i int) {
	heading := strings.ReplaceAll(name, "-", " ")
	register(Metric{Name: name, Heading: heading, Unit: UnitCount, Better: better, Definition: definition,
		Value: func(v View, _ string) (float64, bool) { return float64(v.count(i)), v.Run.people() }})
}

// people reports whether the load of the run was people.
func (r *Run) people() bool { return r.Windows[0].Counts[countNames[countUsers]] > 0 }

// pagesNote is what must be said of times of pages.
const pagesNote = "pages count from the moment at which a user wants one to the end of its last asset; " +
	"failed ones are counted, not timed; nobody wants the next before this one has ended"

// timesPages reports whether a table has times of pages.
func timesPages(columns []column) bool {
	return slices.ContainsFunc(columns, func(c column) bool { return strings.HasPrefix(c.metric, "page-load.") })
}
