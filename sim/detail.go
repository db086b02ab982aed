// Details: why a cache did what it did, as far as its verdict does not say it.
package sim

// Detail is the reason that a cache gives in Cache-Status (RFC 9211 2.8), beside its
// verdict: why an answer was not stored, why what is stored could not be used, or why
// it could be though it was stale.
type Detail uint8

// The details. Those of directives have their names.
const (
	DetailNone Detail = iota

	// Not stored:
	DetailPrivate
	DetailNoStore
	DetailAuthorization
	DetailSetCookie
	DetailMustUnderstand
	DetailVaryStar
	DetailNoLifetime
	DetailNeverFresh
	DetailStatus
	DetailTooLarge
	DetailArmor
	DetailContentRange
	DetailNotAdmitted

	// Not answered from the store:
	DetailOff
	DetailRule
	DetailContent
	DetailUpgrade
	DetailPrecondition
	DetailRange
	DetailHost
	DetailLoop
	DetailNoCache
	DetailMustRevalidate
	DetailProxyRevalidate
	DetailSMaxAge
	DetailQuery
	DetailPurged
	DetailRequest

	// Answered, though not fresh, or fetched all the same:
	DetailStaleWhileRevalidate
	DetailStaleIfError
	DetailGrace
	DetailMaxStale
	DetailEarlyRefresh
	numDetails
)

var detailNames = [numDetails]string{
	DetailPrivate: "private", DetailNoStore: "no-store", DetailAuthorization: "authorization", DetailSetCookie: "set-cookie",
	DetailMustUnderstand: "must-understand", DetailVaryStar: "vary-star", DetailNoLifetime: "no-lifetime", DetailNeverFresh: "never-fresh",
	DetailStatus: "status", DetailTooLarge: "too-large", DetailArmor: "deception-armor", DetailContentRange: "content-range",
	DetailNotAdmitted: "not-admitted",
	DetailOff:         "off", DetailRule: "rule", DetailContent: "content", DetailUpgrade: "upgrade", DetailPrecondition: "precondition",
	DetailRange: "range", DetailHost: "host", DetailLoop: "loop", DetailNoCache: "no-cache", DetailMustRevalidate: "must-revalidate",
	DetailProxyRevalidate: "proxy-revalidate", DetailSMaxAge: "s-maxage", DetailQuery: "query", DetailPurged: "purged", DetailRequest: "request",
	DetailStaleWhileRevalidate: "stale-while-revalidate", DetailStaleIfError: "stale-if-error", DetailGrace: "grace",
	DetailMaxStale: "max-stale", DetailEarlyRefresh: "early-refresh",
}

// String returns the detail's token.
func (d Detail) String() string { return detailNames[d] }

// DetailOf returns the detail of a token; DetailNone when there is none.
func DetailOf(token string) Detail {
	for i, n := range detailNames {
		if n == token {
			return Detail(i)
		}
	}
	return DetailNone
}
