//go:build windows

// Windows has no live world, so nothing can be calibrated there.
package calibrate

import "errors"

func cpuTime() (int64, error) { return 0, errors.ErrUnsupported }
