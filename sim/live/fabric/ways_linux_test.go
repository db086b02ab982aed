// Tests: the ways of waiting on Linux.
package fabric

var ways = []way{
	{"epoll", newSystem},
	{"timerfd", func() (system, error) { return makeEpoll(func(int) bool { return false }) }},
	portableWay,
}
