// Package theory holds caches against the theory of caching: its tests replay requests
// drawn by known laws and print what a formula says, what came, and the error ('make
// theory').
package theory
