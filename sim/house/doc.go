// Package house holds no code, only the test of the house's own rules: who may
// import whom (the staircase of folders), what the code below the worlds must
// not touch (goroutines, locks, the wall clock, global dice, HTTP clients and
// servers, the random order of maps), and how long a function or a file may be.
//
// Whoever adds a package enters it in imports_test.go; whoever thinks
// a rule is wrong changes the rule, not the test of it.
package house
