// Truth: whether users got what the site had, and their own.
package report

// truth enters an answer that says what its content is.
func (s *segment) truth(t *tick, o *Observation) {
	if o.Changing {
		s.counts[countChanging]++
		t[tickChanging]++
		s.hist(histStaleness).record(o.Staleness)
		if o.Staleness > 0 {
			s.counts[countOutdated]++
			t[tickOutdated]++
			t[tickStaleNanos] += min(int64(o.Staleness), histogramHigh) // as in the histogram
		}
	}
	if o.Personal {
		s.counts[countPersonal]++
		t[tickPersonal]++
		if o.WrongUser {
			s.counts[countWrongUser]++
			t[tickWrongUser]++
		}
	}
}
