// Decode: a tree into Go structs.

package strict

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/BurntSushi/toml"
)

// Decode puts a tree into a pointer to a struct. Keys that the tree lacks leave their fields as they are, so defaults may be
// filled in before. It does not look for unknown keys: Check the tree first.
func Decode(tree map[string]any, into any) error {
	var text bytes.Buffer
	if err := toml.NewEncoder(&text).Encode(tree); err != nil {
		return fmt.Errorf("strict: the tree is not TOML: %w", err)
	}
	if _, err := toml.Decode(text.String(), into); err != nil {
		return decodeError(err)
	}
	return nil
}

// lastKey matches the decoder's errors that are plain text.
var lastKey = regexp.MustCompile(`^toml: (?:line \d+ )?\(last key "(.*?)"\): (.*)$`)

// decodeError drops the line that the decoder names: it is one of the text made above, not of anybody's file.
func decodeError(err error) error {
	var pe toml.ParseError
	if errors.As(err, &pe) {
		return fmt.Errorf("%s: %s", pe.LastKey, pe.Message)
	}
	if match := lastKey.FindStringSubmatch(err.Error()); match != nil {
		return fmt.Errorf("%s: %s", match[1], match[2])
	}
	return errors.New(strings.TrimPrefix(err.Error(), "toml: "))
}
