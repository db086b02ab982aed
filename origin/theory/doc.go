// Package theory holds balancers and app servers against queueing theory: its tests
// play fleets in virtual time and print what a formula says, what came, and the
// error ('make theory').
//
// Times are in units of the mean service time; rho is the load of a server, from 0 to
// 1 without either. All are means of a response: waiting and service.
package theory
