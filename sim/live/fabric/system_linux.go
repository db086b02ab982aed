// On Linux a loop waits by epoll.
package fabric

func newSystem() (system, error) { return newEpoll() }
