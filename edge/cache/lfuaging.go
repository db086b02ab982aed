// LFU with aging: as LFU, but what was popular long ago leaves in time.
package cache

// It is LFU-DA of M. Arlitt et al., Evaluating Content Management Techniques for Web
// Proxy Caches (1999): GDSF's ranking, in which each use is worth the same whatever
// the size.
func init() {
	Evictions.Add("lfu-aging", "as lfu, but what was popular long ago leaves in time (LFU with dynamic aging)", func(s Setup) Eviction {
		return &gdsf{release: s.Release, gain: func(int64) float64 { return 1 }}
	})
}
