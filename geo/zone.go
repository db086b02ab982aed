// Data-sovereignty zones: within one, personal data may move freely as far as the law of the place is concerned.

package geo

// ZoneEEA is the zone of the European Economic Area.
const ZoneEEA = "EU/EEA"

// Zone is the data-sovereignty zone of p: [ZoneEEA] for the members of the European Economic Area, where one law (the
// GDPR) holds, else the country itself as its ISO 3166-1 alpha-2 code ("US", "JP", "GB", "HK"). It is "" if p has no
// ISO2. Adequacy decisions, which let data go between zones under conditions, do not join zones here.
func Zone(p Place) string {
	if inEEA(p.ISO2) {
		return ZoneEEA
	}
	return p.ISO2
}

// inEEA: the 27 members of the European Union since 2020-02-01 (Treaty on European Union, Article 52); Iceland,
// Liechtenstein and Norway (EEA Agreement; the GDPR by Joint Committee Decision 154/2018); and the parts of France and
// Finland with codes of their own where the Treaties apply (TFEU, Article 355(1) and (4)). Svalbard (SJ) is not in it.
func inEEA(iso2 string) bool {
	switch iso2 {
	case "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU",
		"IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK":
		return true
	case "IS", "LI", "NO":
		return true
	case "GF", "GP", "MF", "MQ", "RE", "YT", "AX":
		return true
	}
	return false
}
