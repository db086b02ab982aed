// Details: reasons as Cache-Status tells them.
package cache

import "cdnlab/sim"

// Detail returns what Cache-Status adds to a verdict for a reason: nothing where hit or
// fwd says all of it (RFC 9211 2.1, 2.2).
func (why Reason) Detail() sim.Detail {
	if why == WhyFresh {
		return sim.DetailNone
	}
	return details[why]
}

var details = map[Reason]sim.Detail{
	WhyPrivate: sim.DetailPrivate, WhyNoStore: sim.DetailNoStore, WhyAuthorization: sim.DetailAuthorization,
	WhySetCookie: sim.DetailSetCookie, WhyMustUnderst: sim.DetailMustUnderstand, WhyVaryStar: sim.DetailVaryStar,
	WhyNoFreshness: sim.DetailNoLifetime, WhyUseless: sim.DetailNeverFresh, WhyStatus: sim.DetailStatus,
	WhyTooLarge: sim.DetailTooLarge, WhyDeceives: sim.DetailArmor, WhyContentRange: sim.DetailContentRange,
	WhyOverSize: sim.DetailNotAdmitted, WhySizeChance: sim.DetailNotAdmitted, WhyChance: sim.DetailNotAdmitted,
	WhyFirstRequest: sim.DetailNotAdmitted, WhyNotOftener: sim.DetailNotAdmitted,

	WhyOff: sim.DetailOff, WhyRuleBypass: sim.DetailRule, WhyContent: sim.DetailContent, WhyUpgrade: sim.DetailUpgrade,
	WhyPrecondition: sim.DetailPrecondition, WhyRange: sim.DetailRange, WhyHost: sim.DetailHost, WhyLoop: sim.DetailLoop,
	WhyNoCache: sim.DetailNoCache, WhyMustRevalid: sim.DetailMustRevalidate, WhyProxyRevalid: sim.DetailProxyRevalidate,
	WhySMaxAgeStale: sim.DetailSMaxAge, WhySearch: sim.DetailQuery, WhySentBefore: sim.DetailPurged,
	WhyAskedMaxAge: sim.DetailRequest, WhyTooStale: sim.DetailRequest, WhyMinFresh: sim.DetailRequest, WhyAskedNoCache: sim.DetailRequest,
	WhyAskedNoStore: sim.DetailRequest, WhyOnlyIfCached: sim.DetailRequest,

	WhyStaleBehind: sim.DetailStaleWhileRevalidate, WhyStaleError: sim.DetailStaleIfError, WhyGrace: sim.DetailGrace,
	WhyMaxStale: sim.DetailMaxStale, WhyEarly: sim.DetailEarlyRefresh,
}
