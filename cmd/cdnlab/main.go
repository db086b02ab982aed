// Command cdnlab plays a small internet from one file, in real processes or in
// virtual time, and says what it measured.
package main

import "os"

func main() { os.Exit(Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
