// oracleGeneral: libCacheSim's binary format, which knows the future.
package replay

import (
	"encoding/binary"
	"errors"
	"io"
)

// A record is 24 bytes, little endian: u32 seconds, u64 object, u32 size, i64 number of
// the next request for it, -1 for none.
const oracleRecord = 24

type oracle struct {
	from  io.Reader
	buf   []byte
	notes Problems
}

func newOracle(from io.Reader) *oracle { return &oracle{from: from} }

func (o *oracle) Problems() *Problems { return &o.notes }

func (o *oracle) Read(batch []Request) (int, error) {
	if len(o.buf) < len(batch)*oracleRecord {
		o.buf = make([]byte, len(batch)*oracleRecord)
	}
	n, err := io.ReadFull(o.from, o.buf[:len(batch)*oracleRecord])
	read := 0
	for b := o.buf[:n]; len(b) >= oracleRecord; b = b[oracleRecord:] {
		o.notes.Lines++
		size := binary.LittleEndian.Uint32(b[12:])
		if size == 0 {
			o.notes.Empty++
			continue
		}
		batch[read] = Request{At: float64(binary.LittleEndian.Uint32(b)), ID: binary.LittleEndian.Uint64(b[4:]),
			Size: int64(size), Next: int64(binary.LittleEndian.Uint64(b[16:]))}
		read++
	}
	switch {
	case n%oracleRecord != 0 && err != nil:
		o.notes.Lines++
		o.notes.bad("the file ends in the middle of a record")
		return read, o.notes.end()
	case errors.Is(err, io.ErrUnexpectedEOF):
		return read, io.EOF
	}
	return read, err
}
