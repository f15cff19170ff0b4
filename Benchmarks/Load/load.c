// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.
//
// The load generator: keeps a server on 127.0.0.1 busy, checks all that comes back, and prints one line of JSON: how
// much work the server did and how much CPU time it used, or how much memory. One thread on epoll; messages are made
// before the run. It ends by itself; after anything wrong with one sentence and without a result. Without arguments it
// prints its options.
//
//   echo         each connection keeps -P messages in flight; unit of work: a message that came back
//   connect      connect, upgrade, close frames, end of stream, -c of them at a time; unit: one such life
//   idle         resident memory before and after -c connections with one echo each, which then do nothing
//   broadcast    one sender, -c receivers; the next message goes out when all have the last; unit: a delivery
//   http         GET on connections that are kept alive; unit: a response
//
// echo and http can keep to a rate (-r) instead of asking again at once: then the line has latencies, too.
#define _GNU_SOURCE
#include <signal.h>
#include <sys/resource.h>

#include "process.h"
#include "replies.h"

enum { MOST_OPENING = 128, PATIENCE = 5, PATIENCE_TO_OPEN = 60 }; // seconds

static struct connection *connections;
static int connection_count, open_count;
static uint64_t work;
static int awaited; // deliveries of the message that is being broadcast
static bool stopping;

// A fixed rate: request n goes out on connection n % connection_count.
static double schedule_start;
static uint64_t scheduled, due, warming; // requests: in all, whose time has come, of the warm-up
static double *latencies;                // seconds
static size_t latency_count;

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

// MARK: A fixed rate

static double due_at(uint64_t request) { return schedule_start + (double)request / options.rate; }

// What is due, as long as no more than -P are without an answer.
static void allow_due(struct connection *c) {
    uint64_t count = (uint64_t)connection_count, own = (due + count - 1 - (uint64_t)c->number) / count;
    uint64_t most = c->replies + (uint64_t)options.in_flight;
    c->allowed = (own < most ? own : most) * c->script->unit;
}

static void keep_schedule(void) {
    while (due < scheduled && due_at(due) <= now()) {
        struct connection *c = &connections[due++ % (uint64_t)connection_count];
        allow_due(c);
        send_allowed(c);
    }
}

// From when it was due: what waits behind a stall of the server counts, too.
static void note_latency(const struct connection *c) {
    uint64_t request = (c->replies - 1) * (uint64_t)connection_count + (uint64_t)c->number;
    if (request >= warming) latencies[latency_count++] = now() - due_at(request);
}

static void make_schedule(void) {
    warming = (uint64_t)(options.rate * options.warm_up);
    scheduled = warming + (uint64_t)(options.rate * options.duration);
    latencies = allocate((size_t)(scheduled - warming), sizeof *latencies);
    schedule_start = now();
}

static int compare_latencies(const void *a, const void *b) {
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static void print_latencies(void) {
    qsort(latencies, latency_count, sizeof *latencies, compare_latencies);
    printf("\"rate\": %.0f, \"requests\": %ju, ", options.rate, (uintmax_t)scheduled);
    printf("\"p50_us\": %.1f, \"p99_us\": %.1f, \"max_us\": %.1f, ", latencies[latency_count / 2] * 1e6,
           latencies[latency_count * 99 / 100] * 1e6, latencies[latency_count - 1] * 1e6);
}

// MARK: What each mode makes of the events

static void broadcast_next(void) {
    struct connection *sender = &connections[0];
    awaited = connection_count - 1;
    sender->allowed += sender->script->unit;
    send_allowed(sender);
}

static void on_open(struct connection *c) {
    opening--, open_count++;
    if (options.mode == CONNECT) begin_close(c);
}

static void on_reply(struct connection *c) {
    c->replies++;
    if (options.mode == BROADCAST) {
        if (c == &connections[0]) return; // the sender's own copy
        work++;
        if (--awaited == 0 && !stopping) broadcast_next();
        return;
    }
    work++;
    if (c->replies * c->script->unit > c->sent) fail("Connection %d got a reply to nothing.", c->number);
    if (options.rate > 0) {
        note_latency(c);
        allow_due(c);
        return;
    }
    if (options.mode != IDLE && !stopping) c->allowed += c->script->unit;
}

static void on_end(struct connection *c) {
    if (c->stage != CLOSED) fail("The server ended connection %d without a close frame.", c->number);
    close(c->fd);
    c->stage = UNUSED;
    c->input.length = 0;
    open_count--, work++;
    if (!stopping) open_connection(c);
}

// MARK: The loop

static void on_event(struct connection *c, uint32_t events) {
    if (c->stage == CONNECTING) {
        on_connected(c);
        return;
    }
    if (c->stage == SECURING) {
        go_on_securing(c);
        return;
    }
    for (bool more = events & ~(uint32_t)EPOLLOUT; more; more = c->tls && tls_holds(c->tls)) {
        if (read_once(c)) continue;
        on_end(c);
        return;
    }
    if (c->sent < c->allowed) send_allowed(c);
}

static void wait_once(bool spin) {
    static struct epoll_event events[1024];
    int ready = epoll_wait(epoll, events, 1024, spin ? 0 : 10);
    for (int i = 0; i < ready; i++) on_event(events[i].data.ptr, events[i].events);
}

static void run_for(double seconds) {
    for (double end = now() + seconds; now() < end; wait_once(options.spin)) keep_schedule();
}

static void open_all(void) {
    double end = now() + PATIENCE_TO_OPEN;
    for (int next = 0; open_count < connection_count;) {
        while (next < connection_count && opening < MOST_OPENING) open_connection(&connections[next++]);
        wait_once(options.spin);
        if (now() > end)
            fail("Only %d of %d connections were open after %d s.", open_count, connection_count, PATIENCE_TO_OPEN);
    }
}

static int unanswered(void) {
    if (options.mode == BROADCAST) return awaited;
    int count = 0;
    for (struct connection *c = connections; c < connections + connection_count; c++)
        count += options.mode == CONNECT ? c->stage != UNUSED : c->replies * c->script->unit < c->allowed;
    return count;
}

// Until all that was sent is answered.
static void finish(void) {
    keep_schedule(); // the last ones are due
    stopping = true;
    for (double end = now() + PATIENCE; unanswered() > 0; wait_once(options.spin))
        if (now() > end) fail("%d answers were missing %d s after the last message.", unanswered(), PATIENCE);
}

// MARK: Measuring

static void start(void) {
    if (options.mode == BROADCAST) broadcast_next();
    if (options.rate > 0) make_schedule();
    if (options.mode == BROADCAST || options.rate > 0) return;
    for (struct connection *c = connections; c < connections + connection_count; c++) {
        if (options.mode == CONNECT) {
            open_connection(c);
            continue;
        }
        c->allowed = (uint64_t)options.in_flight * c->script->unit;
        send_allowed(c);
    }
}

static void measure_work(void) {
    if (options.mode != CONNECT) open_all();
    start();
    run_for(options.warm_up);

    double cpu = cpu_seconds(options.pid), begin = now();
    uint64_t before = work;
    run_for(options.duration);
    cpu = cpu_seconds(options.pid) - cpu;
    double seconds = now() - begin, count = (double)(work - before);

    finish();
    if (count == 0 || cpu <= 0) fail("The server did nothing in %.1f s.", seconds);
    printf("{\"mode\": \"%s\", \"connections\": %d, \"size\": %zu, \"in_flight\": %d, ", mode_names[options.mode],
           options.connections, options.size, options.in_flight);
    printf("\"seconds\": %.3f, \"count\": %.0f, \"per_s\": %.1f, ", seconds, count, count / seconds);
    if (options.rate > 0) print_latencies();
    printf("\"server_cpu_s\": %.4f, \"per_cpu_s\": %.1f, \"errors\": 0}\n", cpu, count / cpu);
}

static void measure_memory(void) {
    double before = resident_bytes(options.pid);
    open_all();
    run_for(options.hold);
    double opened = resident_bytes(options.pid);
    start();
    finish();
    run_for(options.hold);
    double after = resident_bytes(options.pid);
    printf("{\"mode\": \"idle\", \"connections\": %d, \"open_bytes_per_conn\": %.0f, \"bytes_per_conn\": %.0f, "
           "\"errors\": 0}\n",
           connection_count, (opened - before) / connection_count, (after - before) / connection_count);
}

static void make_connections(void) {
    connection_count = options.connections + (options.mode == BROADCAST);
    connections = allocate((size_t)connection_count, sizeof *connections);
    bool own_scripts = options.mode == IDLE || (options.mode == ECHO && !options.deflate);
    struct script *scripts = allocate(own_scripts ? (size_t)connection_count : 1, sizeof *scripts);
    for (int i = 0; i < (own_scripts ? connection_count : 1); i++)
        scripts[i] = options.mode == HTTP ? make_requests(&options)
                     : options.deflate    ? make_compressed_script(&options)
                                          : make_script(&options, (unsigned)i);
    for (int i = 0; i < connection_count; i++) {
        connections[i].number = i;
        connections[i].script = &scripts[own_scripts ? i : 0];
    }
}

int main(int count, char **arguments) {
    options = parse_options(count, arguments);
    signal(SIGPIPE, SIG_IGN);
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    make_connections();
    if (options.mode == IDLE) measure_memory();
    else measure_work();
    return 0;
}
