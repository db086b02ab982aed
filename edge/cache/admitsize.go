// Admission by size: nothing larger than a limit.
package cache

func init() {
	Admissions.Add("size", "contents up to admission-size", func(s AdmissionSetup) Admission { return admitSize(s.Size) })
}

// admitSize is the limit. Unlike a store's largest object it leaves what is let in, and
// has grown since, where it is.
type admitSize int64

func (a admitSize) Admit(x Newcomer) Reason {
	if x.Size > int64(a) {
		return WhyOverSize
	}
	return ""
}
