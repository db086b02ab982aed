// Headers: what answers of each version carry.
package load

import (
	"fmt"
	"maps"
	"net/http"

	"cdnlab/sim"
)

// etag is the entity-tag of a version of an entry's objects. What is made for a
// user has one of its own: to another the same version is another content.
func etag(entry sim.Luck, version uint32, owner uint64) string {
	if owner != 0 {
		return fmt.Sprintf(`"%x-%d-%d"`, uint64(entry), version, owner)
	}
	return fmt.Sprintf(`"%x-%d"`, uint64(entry), version)
}

// Headers are the headers that one node answers with. It keeps those of the
// versions that are current: at any time there are at most two in an entry, one
// that some objects have and the next that others have already. So answers of a
// version share one header, and only personal ones cost one each.
//
// There is no Last-Modified: it counts in seconds, in which a content may change
// many times, and would be another for each object.
type Headers struct {
	catalog *Catalog
	kept    [][2]versionHeader // by entry, and by the version's last bit
}

type versionHeader struct {
	version uint32
	header  http.Header
}

// NewHeaders returns the headers of a catalog's contents.
func NewHeaders(c *Catalog) *Headers {
	return &Headers{catalog: c, kept: make([][2]versionHeader, len(c.families))}
}

// Of returns the header of a version made for an owner, 0 for everyone. It is
// shared and must not be changed.
func (h *Headers) Of(o Object, version uint32, owner uint64) http.Header {
	f := &h.catalog.families[o.Entry]
	switch {
	case f.tag == 0 || version == 1 && owner == 0:
		return f.header
	case owner != 0:
		return f.headerOf(version, owner)
	}
	k := &h.kept[o.Entry][version&1]
	if k.version != version {
		*k = versionHeader{version, f.headerOf(version, 0)}
	}
	return k.header
}

func (f *family) headerOf(version uint32, owner uint64) http.Header {
	header := maps.Clone(f.header) // not its lines, which nobody changes
	header["Etag"] = []string{etag(f.tag, version, owner)}
	return header
}
