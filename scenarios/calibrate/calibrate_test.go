// Tests: what needs no nodes is measured, and is what it says.
package calibrate

import (
	"context"
	"testing"
)

func TestSamplers(t *testing.T) {
	for _, s := range samplers {
		t.Run(s.name, func(t *testing.T) {
			all, err := s.rounds(context.Background(), 2)
			t.Log(all, err)
		})
	}
}
