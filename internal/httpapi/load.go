package httpapi

import (
	"math"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"golang.org/x/sync/semaphore"
	"golang.org/x/time/rate"

	"dossier/graph"
)

// A gate lets some through at the same time and turns the others away at once: who waits in a queue that does not get
// shorter is answered too late anyway. A nil gate lets all through.
type gate chan struct{}

func newGate(places int) gate {
	if places == 0 {
		return nil
	}
	return make(gate, places)
}

// enter says whether there is a place. It is taken until leave.
func (g gate) enter() bool {
	if g == nil {
		return true
	}
	select {
	case g <- struct{}{}:
		return true
	default:
		return false
	}
}

func (g gate) leave() {
	if g != nil {
		<-g
	}
}

// sending are the bytes of answers that wait for their clients to take them. Nil is without a limit.
type sending struct {
	most  int64
	bytes *semaphore.Weighted
}

func newSending(most int) *sending {
	if most == 0 {
		return nil
	}
	return &sending{int64(most), semaphore.NewWeighted(int64(most))}
}

// small is how many bytes of an answer fit into what net/http keeps for each connection anyway.
const small = 4 << 10

// begin says whether there is memory for so many bytes; they are taken until end is called.
func (s *sending) begin(bytes int) (end func(), begun bool) {
	if s == nil || bytes <= small {
		return func() {}, true
	}
	n := min(int64(bytes), s.most)
	return func() { s.bytes.Release(n) }, s.bytes.TryAcquire(n)
}

// busy refuses what finds no place, and says when to come back.
func busy() *gqlerror.Error {
	return failure(graph.ServiceUnavailable, "the server has too much to do. Try again in a moment.")
}

func (a *API) refuseBusy(w http.ResponseWriter, r *http.Request, limit string) {
	a.metrics.Refused(limit)
	w.Header().Set("Retry-After", "1")
	a.refuse(w, r, http.StatusServiceUnavailable, busy())
}

// rates say how often each client may ask. Nil is as often as it likes.
type rates struct {
	perSecond float64
	header    string
	mu        sync.Mutex
	buckets   *lru.LRU[*rate.Limiter] // of the clients that asked last
}

// maxClients is how many clients are told apart. One that is forgotten begins anew.
const maxClients = 10_000

func newRates(l Limits) *rates {
	if l.MaxRate == 0 {
		return nil
	}
	return &rates{perSecond: l.MaxRate, header: l.ClientHeader, buckets: lru.New[*rate.Limiter](maxClients)}
}

// ask counts a request of a client, and says how long it has to wait where that is one too many.
func (c *rates) ask(r *http.Request) (wait time.Duration) {
	if c == nil {
		return 0
	}
	key := client(r, c.header)
	c.mu.Lock()
	bucket, known := c.buckets.Get(r.Context(), key)
	if !known {
		bucket = rate.NewLimiter(rate.Limit(c.perSecond), int(math.Ceil(10*c.perSecond)))
		c.buckets.Add(r.Context(), key, bucket)
	}
	c.mu.Unlock()
	turn := bucket.Reserve()
	if wait = turn.Delay(); wait > 0 {
		turn.Cancel()
	}
	return wait
}

// tooOften refuses a client's request that is one too many.
func (c *rates) tooOften() *gqlerror.Error {
	return failure(RateLimited, "you ask too often: %g requests a second are answered", c.perSecond)
}

// client is who sends a request: the address that it comes from, or that the proxy in front gives in a header. Of
// several addresses there, the last one is the proxy's own word; those before it are the client's. An IPv6 client has
// all addresses of its /64.
func client(r *http.Request, header string) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	if values := r.Header.Values(header); header != "" && len(values) > 0 {
		last := values[len(values)-1]
		last = strings.TrimSpace(last[strings.LastIndexByte(last, ',')+1:])
		if withPort, err := netip.ParseAddrPort(last); err == nil { // as some proxies have it
			last = withPort.Addr().String()
		}
		if _, err := netip.ParseAddr(last); err == nil {
			host = last
		}
	}
	address, err := netip.ParseAddr(host)
	if err != nil {
		return host
	}
	if address = address.Unmap(); address.Is6() {
		prefix, _ := address.WithZone("").Prefix(64) // 64 bits are not too many
		return prefix.String()
	}
	return address.String()
}
