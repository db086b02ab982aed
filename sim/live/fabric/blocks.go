// blocks: memory for bytes under way, used again.
package fabric

// blocks keeps memory of three sizes: a small message must not hold what a large
// read needs.
type blocks struct{ free [3][][]byte }

var blockSizes = [3]int{2 << 10, 16 << 10, readSpace}

// blocksKept bounds what is kept of each size, in bytes; beyond it the garbage
// collector has it.
const blocksKept = 16 << 20

// keep copies p to memory of its own.
func (b *blocks) keep(p []byte) []byte {
	i := sizeFor(len(p))
	var block []byte
	if n := len(b.free[i]); n > 0 {
		block = b.free[i][n-1]
		b.free[i] = b.free[i][:n-1]
	} else {
		block = make([]byte, blockSizes[i])
	}
	return block[:copy(block, p)]
}

// give takes back what keep returned.
func (b *blocks) give(block []byte) {
	i := sizeFor(cap(block))
	if len(b.free[i]) < blocksKept/blockSizes[i] {
		b.free[i] = append(b.free[i], block[:cap(block)])
	}
}

func sizeFor(n int) int {
	i := 0
	for n > blockSizes[i] {
		i++
	}
	return i
}
