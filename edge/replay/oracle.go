// oracleGeneral: libCacheSim's binary format, which knows the future.
package replay

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
)

// A record is 24 bytes, little endian: u32 seconds, u64 object, u32 size, i64 number of
// the next request for it, -1 for none.
const oracleRecord = 24

type oracle struct {
	from  *bufio.Reader
	notes Problems
}

func newOracle(from io.Reader) *oracle { return &oracle{from: bufio.NewReaderSize(from, readSize)} }

func (o *oracle) Problems() *Problems { return &o.notes }

// Read decodes what is in the reader's buffer, where it lies.
func (o *oracle) Read(batch []Request) (int, error) {
	for read := 0; ; {
		if read == len(batch) {
			return read, nil
		}
		if _, err := o.from.Peek(oracleRecord); err != nil {
			return read, o.end(err)
		}
		records, _ := o.from.Peek(min(o.from.Buffered()/oracleRecord, len(batch)-read) * oracleRecord)
		read += o.decode(batch[read:], records)
		o.from.Discard(len(records))
	}
}

// decode returns how many of the records are requests.
func (o *oracle) decode(batch []Request, records []byte) (n int) {
	o.notes.Lines += int64(len(records) / oracleRecord)
	for b := records; len(b) >= oracleRecord; b = b[oracleRecord:] {
		size := binary.LittleEndian.Uint32(b[12:])
		if size == 0 {
			o.notes.Empty++
			continue
		}
		batch[n] = Request{At: float64(binary.LittleEndian.Uint32(b)), ID: binary.LittleEndian.Uint64(b[4:]),
			Size: int64(size), Next: int64(binary.LittleEndian.Uint64(b[16:]))}
		n++
	}
	return n
}

// end is the error where no record is left, and perhaps a part of one.
func (o *oracle) end(err error) error {
	if !errors.Is(err, io.EOF) {
		return err
	}
	if o.from.Buffered() > 0 {
		o.from.Discard(o.from.Buffered())
		o.notes.Lines++
		o.notes.bad("the file ends in the middle of a record")
	}
	return o.notes.end()
}
