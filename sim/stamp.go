// Stamp: what a content says of itself.
package sim

import (
	"bytes"
	"strconv"
)

// Stamp tells which version of its object a content is and for whom it was made.
// In a virtual world it travels beside the content as a field of Response. In a
// live world the content's first bytes say it, and nobody on the way knows of it:
// neither PoP nor cache can lose, mix up or improve what users are given.
//
//	cdnlab version=17 owner=42\n
type Stamp struct {
	Version uint32 // from 1; 0: there is no stamp
	Owner   uint64 // the user's number + 1; 0: it is for everyone
}

// OwnerOf returns the Owner of a content that is made for a user alone.
func OwnerOf(client uint64) uint64 { return client + 1 }

// StampBytes is what the longest stamp takes in a content. Smaller contents
// carry none, so that who reads one knows how many bytes to wait for.
const StampBytes = len(stampVersion+stampOwner) + len("4294967295"+"18446744073709551615"+"\n")

const (
	stampVersion = "cdnlab version="
	stampOwner   = " owner="
)

// Put writes the stamp over the first bytes of a content; nothing when it is no
// stamp or the content is too small for one.
func (s Stamp) Put(content []byte) {
	if s.Version == 0 || len(content) < StampBytes {
		return
	}
	b := append(content[:0], stampVersion...)
	b = strconv.AppendUint(b, uint64(s.Version), 10)
	b = append(b, stampOwner...)
	b = strconv.AppendUint(b, s.Owner, 10)
	_ = append(b, '\n') // there is room
}

// In returns what a section of the content says of itself: the same when the whole
// stamp lies in it, else nothing.
func (s Stamp) In(from, size int64) Stamp {
	var text [StampBytes]byte
	s.Put(text[:])
	if from != 0 || size <= int64(bytes.IndexByte(text[:], '\n')) {
		return Stamp{}
	}
	return s
}

// ReadStamp reads the stamp that a content begins with: as Put writes it, or
// there is none.
func ReadStamp(content []byte) Stamp {
	rest, ok := bytes.CutPrefix(content, []byte(stampVersion))
	if !ok {
		return Stamp{}
	}
	version, rest, ok := readNumber(rest, 32)
	if !ok || version == 0 {
		return Stamp{}
	}
	if rest, ok = bytes.CutPrefix(rest, []byte(stampOwner)); !ok {
		return Stamp{}
	}
	owner, rest, ok := readNumber(rest, 64)
	if !ok || len(rest) == 0 || rest[0] != '\n' {
		return Stamp{}
	}
	return Stamp{uint32(version), owner}
}

// readNumber reads a number as strconv writes it: without a sign and without
// leading zeros.
func readNumber(text []byte, bits int) (n uint64, rest []byte, ok bool) {
	end := 0
	for end < len(text) && text[end] >= '0' && text[end] <= '9' {
		end++
	}
	if end == 0 || end > 1 && text[0] == '0' {
		return 0, nil, false
	}
	n, err := strconv.ParseUint(string(text[:end]), 10, bits)
	return n, text[end:], err == nil
}
