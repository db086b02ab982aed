// Content-hashed names: paths with {hash} in them, which change with the content.
package load

import (
	"strings"

	"cdnlab/sim"
)

// hashMark stands in a catalog's path where the hash of the content does, as
// [contenthash] in the configuration of a bundler.
const hashMark = "{hash}"

// hashDigits is how long a hash is: the 8 hexadecimal digits of most bundlers.
const hashDigits = 8

// scramble makes a hash of a version number, and the version again of a hash. It is
// a permutation of 32 bits, drawn for each object: so an app that is asked for a
// name knows at once which version is meant, however old, and two versions of one
// object never share a name.
type scramble struct{ before, after uint32 }

var luckHash = sim.NewLuck("content hash")

// scrambleOf is that of one object; family is the luck of its entry. Nothing of the
// run enters: the same content has the same name in every run, as with a bundler.
func scrambleOf(family sim.Luck, number int32) scramble {
	roll := sim.Draw(uint64(family), luckHash, uint64(number), 0)
	x := roll.Uint64()
	return scramble{uint32(x), uint32(x >> 32)}
}

// The mixer is Wellons' lowbias32 (nullprogram.com/blog/2018/07/31), which spreads
// every bit of 32 over all and can be undone.
const (
	mul1, mul2     = 0x7feb352d, 0x846ca68b
	undo1, undo2   = 0x1d69e2a5, 0x43021123
	shift1, shift2 = 16, 15
)

func (s scramble) hash(version uint32) uint32 {
	x := version ^ s.before
	x ^= x >> shift1
	x *= mul1
	x ^= x >> shift2
	x *= mul2
	x ^= x >> shift1
	return x ^ s.after
}

func (s scramble) version(hash uint32) uint32 {
	x := hash ^ s.after
	x ^= x >> shift1
	x *= undo2
	x ^= x>>shift2 ^ x>>(2*shift2)
	x *= undo1
	x ^= x >> shift1
	return x ^ s.before
}

const hexDigits = "0123456789abcdef"

func appendHash(b []byte, hash uint32) []byte {
	for shift := 4 * (hashDigits - 1); shift >= 0; shift -= 4 {
		b = append(b, hexDigits[hash>>shift&15])
	}
	return b
}

// readHash reads the digits that appendHash writes.
func readHash(digits string) (hash uint32, ok bool) {
	for i := range hashDigits {
		d := strings.IndexByte(hexDigits, digits[i])
		if d < 0 {
			return 0, false
		}
		hash = hash<<4 | uint32(d)
	}
	return hash, true
}

// named returns the path of an object in a version: the very path where no hash is
// in it.
func (f *family) named(path string, number int32, version uint32) string {
	before, after, hashed := strings.Cut(path, hashMark)
	if !hashed {
		return path
	}
	var space [maxPath]byte
	b := append(space[:0], before...)
	b = appendHash(b, scrambleOf(f.luck, number).hash(version))
	return string(append(b, after...))
}

// Resolve returns the object of a path as Names has it, and of one whose name is
// made of its content which version that names, 0 else. It is not known whether
// there ever is such a version. false: there is no such object.
func (c *Catalog) Resolve(path string) (o Object, version uint32, known bool) {
	if o, known = c.find(path); known && !c.families[o.Entry].hashed {
		return o, 0, true
	}
	if !c.hashed {
		return Object{}, 0, false
	}
	for at := range len(path) - hashDigits + 1 {
		hash, ok := readHash(path[at:])
		if !ok {
			continue
		}
		o, known = c.paths.find(path[:at]+hashMark+path[at+hashDigits:], c.has)
		if !known {
			continue
		}
		if version = scrambleOf(c.families[o.Entry].luck, o.Number).version(hash); version != 0 {
			return o, version, true
		}
	}
	return Object{}, 0, false
}

// Hashed reports whether an object's name is made of its content.
func (c *Catalog) Hashed(o Object) bool { return c.families[o.Entry].hashed }

// KeepsOld reports whether an object's old versions are still there under the names
// that they had.
func (c *Catalog) KeepsOld(o Object) bool { return c.families[o.Entry].keepOld }

// Names are the paths that users ask for. It keeps those of the hot objects in the
// versions that are current and asked for: at a time mostly the newest and the one
// before, which pages from before a deploy still ask for.
type Names struct {
	catalog *Catalog
	kept    [][2]versionNames // by entry, and by the version's last bit
}

type versionNames struct {
	version uint32
	paths   []string // by number; "": not asked for yet
}

// NewNames returns the names of a catalog's objects.
func NewNames(c *Catalog) *Names {
	return &Names{catalog: c, kept: make([][2]versionNames, len(c.families))}
}

// Of returns the path of an object in a version.
func (n *Names) Of(o Object, version uint32) string {
	f := &n.catalog.families[o.Entry]
	if !f.hashed {
		return n.catalog.Path(o)
	}
	k := &n.kept[o.Entry][version&1]
	if k.version != version {
		*k = versionNames{version, make([]string, len(f.hot))}
	}
	if int(o.Number) > len(k.paths) {
		return f.named(n.catalog.Path(o), o.Number, version)
	}
	if k.paths[o.Number-1] == "" {
		k.paths[o.Number-1] = f.named(n.catalog.Path(o), o.Number, version)
	}
	return k.paths[o.Number-1]
}
