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
func writeContent(w io.Writer, resp *sim.Response, flush func()) error {
	size := resp.Size
	if resp.Body == nil && resp.Stamp.Version != 0 && size >= int64(sim.StampBytes) {
		first := bytes.Clone(filler[:sim.StampBytes])
		resp.Stamp.Put(first)
		if _, err := w.Write(first); err != nil {
			return err
		}
		size -= int64(len(first))
	}
	return copyBody(w, resp.Body, size, flush)
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
