// Tests: sessions of app servers in both worlds.
package scenarios

import (
	"testing"
	"time"

	"cdnlab/origin"
)

// sessionScript signs in and fills a cart; from the sign-in on every request has
// its cookie. Of the three servers the second is dead, and a POST that meets it is
// not tried again.
var sessionScript = []scripted{
	{1 * time.Millisecond, "POST", "/cart", 0},  // nobody yet
	{800 * time.Millisecond, "GET", "/page", 0}, // takes the dead server out
	{1600 * time.Millisecond, "POST", "/login", 0},
	{2400 * time.Millisecond, "POST", "/cart", 0},
	{3200 * time.Millisecond, "GET", "/private", 0},
	{4000 * time.Millisecond, "GET", "/page", 0}, // from the PoP: no server is asked
	{4800 * time.Millisecond, "POST", "/cart?again", 0},
	{5600 * time.Millisecond, "GET", "/private", 0},
	{6400 * time.Millisecond, "GET", "/missing", 0},
	{7200 * time.Millisecond, "POST", "/login", 0}, // anew
	{8000 * time.Millisecond, "GET", "/private", 0},
}

func TestParitySessions(t *testing.T) {
	for _, store := range []string{origin.StoreCookie, origin.StoreMemory, origin.StoreDatabase, origin.StoreStore} {
		holdParity(t, "parity-sessions-"+store, badly{store: store, script: sessionScript, more: sessionMore(store)})
	}
}

// sessionMore is what a store needs to be there.
func sessionMore(store string) string {
	if store == origin.StoreStore {
		return "[session-store]\nservice-time = \"1ms\"\n"
	}
	return ""
}

// TestSessionsChecks: mistakes have their key, and a database must be there.
func TestSessionsChecks(t *testing.T) {
	holdWrongs(t, wrongs(t, faultless+"[app.sessions]\nstore = \"database\"\n"),
		"app.sessions.store: is database, but there is none; add a [database] table")
	holdWrongs(t, wrongs(t, faultless+"[database]\n[app.sessions]\nstore = \"database\"\n"))
	holdWrongs(t, wrongs(t, faultless+"[app.sessions]\nstore = \"store\"\n"),
		"app.sessions.store: is store, but there is none; add a [session-store] table")
	holdWrongs(t, wrongs(t, faultless+"[session-store]\nworkers = 2\n[app.sessions]\nstore = \"store\"\n"))
	holdWrongs(t, wrongs(t, faultless+"[app.sessions]\nstore = \"redis\"\nsign-in = \"login\"\ncart = \"/a?b\"\n"),
		"app.sessions.store: unknown \"redis\"; known: cookie, memory, database, store", "app.sessions.sign-in: \"login\" is no path", "app.sessions.cart: \"/a?b\" is no path")
	holdWrongs(t, wrongs(t, faultless+"[app.sessions]\ncart = \"/login\"\n"),
		"app.sessions.cart: is the same as sign-in")
}
