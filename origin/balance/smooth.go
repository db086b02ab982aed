// Turns among some: a step of the smooth sequence among those who are tied.
package balance

// smooth is what weighted-round-robin keeps of each server, for policies in which
// turns only break ties: now among these, now among those.
type smooth struct {
	current []int64
	share   []int64 // 0 when not eligible
}

// Changed is Watcher's, for the policy to pass on.
func (p *smooth) Changed(s *Server) {
	for len(p.share) <= s.index {
		p.share = append(p.share, 0)
		p.current = append(p.current, 0)
	}
	p.share[s.index] = 0
	if s.eligible {
		p.share[s.index] = s.share
	}
}

// among is one step of the sequence among those with the least key.
func (p *smooth) among(leasts *crowd, key uint64) int {
	best, most, total := -1, int64(0), int64(0)
	leasts.each(key, func(i int) {
		share := p.share[i]
		p.current[i] += share
		total += share
		if current := p.current[i]; best < 0 || current > most {
			best, most = i, current
		}
	})
	p.current[best] -= total
	return best
}
