// Stamps in real bytes: written where a content is made, read where it ends.
// Nobody between the two looks.
package live

import (
	"bytes"
	"io"

	"cdnlab/sim"
)

// writeContent writes an answer's content: the bytes behind its body, or filler
// that says what it is.
func writeContent(n *Node, w io.Writer, resp *sim.Response, flush func()) error {
	return copyFeed(w, open(n, resp.Body, resp.Stamp, resp.Size), flush)
}

// firstBytes returns the first bytes of a filler content of that size: none when
// it does not say what it is.
func firstBytes(s sim.Stamp, size int64) []byte {
	if s.Version == 0 || size < int64(sim.StampBytes) {
		return nil
	}
	first := bytes.Clone(filler[:sim.StampBytes])
	s.Put(first)
	return first
}

// stampReader keeps the first bytes of a content that nobody reads.
type stampReader struct {
	first [sim.StampBytes]byte
	kept  int
}

// Write implements io.Writer.
func (r *stampReader) Write(p []byte) (int, error) {
	r.kept += copy(r.first[r.kept:], p)
	return len(p), nil
}

func (r *stampReader) stamp() sim.Stamp { return sim.ReadStamp(r.first[:r.kept]) }
