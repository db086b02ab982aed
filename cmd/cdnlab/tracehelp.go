// What cdnlab trace says of itself.
package main

const traceLong = `Play a trace of requests against caches, every eviction policy and capacity at once,
on all cores, over one pass of reading: misses, and missed bytes.

FILE is a libCacheSim oracleGeneral trace, a CSV with names for its columns (time, id,
size, or as they are called elsewhere), or the log of a web server, common or combined:
what a cache before it would have spared it. Of a log, and of a CSV with a column method
or status, GETs count that were answered 200, or 304 once their size is known. gzip and
zstd are taken off. The name of a trace that comes with the lab ('cdnlab list traces')
is that. - is standard input: that can be read once only, so there are no shares and no
belady then.

A capacity is a share of the bytes of all objects (1%), a number of bytes (64MB), or a
number of objects, with sizes ignored (1000). Shares take a pass of their own before, and
so does belady, the offline optimum, which knows the future: from oracleGeneral, where it
stands, or else by 8 bytes of memory for each request. all is without ttl-first where
nothing gets stale, which makes it fifo.

--admission has each policy play with each of these before it: what is not let in passes
by, and nothing leaves for it. Objects stored, and their bytes, are what a disk has to
write. With --ttl what was fetched is stale after that time; the next request for it is a
miss, expired, which fetches it anew. belady knows of neither: it is no bound then.

Misses "but cold" leave out the first request for each object, which nobody can have.
Objects larger than a cache are bypassed: they miss, and nothing leaves for them.

Several caches can stand in the place of one. --pops 4 spreads the clients, of a column
client or a web server's log, over PoPs, each with its own cache; --by pop goes by a
column that names the PoP. --disk puts a disk under each PoP's cache, --shield one cache
more behind all PoPs. Then there are hits and bytes by tier and PoP, and how long
answers took by where they came from: transfers, queues and connections are not in it.
What a disk writes is what the cache tells it to, without the device's own write
amplification. --series tells over time.

--fit writes a scenario instead, with a catalog whose requests look like the trace's: how
many objects, how popular (Zipf's alpha, by maximum likelihood from how many objects were
asked for once, twice and so on), what share is asked for once only, how long objects stay
popular, or what share is asked for briefly beside others that stay, how large they are, and
whether popular ones are larger; and how well that fits:
LRU caches of each --capacity replay the trace, and requests drawn from the catalog.`

const traceExamples = `  cdnlab trace access.log --capacity 1%,10%
  cdnlab trace webproxy-adaptsize.csv.zst --capacity 1%
  cdnlab trace cloudphysics.oracleGeneral.zst --eviction lru,sieve,belady --capacity 100,1000
  cdnlab trace requests.csv.gz --columns time,id,size --eviction all --capacity 64MB
  cdnlab trace access.log --eviction lru,s3-fifo --capacity 0.1%,0.3%,1%,3%,10% --plot
  cdnlab trace access.log --eviction lru,s3-fifo --admission none,second-request,tiny-lfu --capacity 1%
  cdnlab trace access.log --ttl 1h --capacity 1%,10%
  cdnlab trace access.log --pops 4 --capacity 1% --shield 10%
  cdnlab trace access.log --eviction lru,sieve --capacity 64MB --disk 10GB --disk-fill evict --latency disk=10ms
  cdnlab trace access.log --eviction lru,s3-fifo --capacity 1% --series day --plot
  cdnlab trace access.log --fit > my.toml`
