// Windows has no live world, so nothing to limit.
package main

func fileLimit() (int, bool) { return 0, false }
