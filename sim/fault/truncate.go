// The fault truncate.
package fault

import "cdnlab/sim/inject"

func init() {
	addHTTP(inject.Truncate, "a node's content ends after `bytes`, and the connection breaks",
		nil, []string{"bytes", "share"},
		func(c Config) string {
			if c.Bytes == 0 {
				return "breaks off before the content of " + whom(c)
			}
			return "breaks off the content of " + whom(c) + " after " + c.Bytes.String()
		})
}
