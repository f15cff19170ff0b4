// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.
//
// What load is told to do, within bounds that let every run come to an end.
#pragma once

#include <getopt.h>
#include <stdbool.h>
#include <string.h>

#include "fail.h"

enum mode { ECHO, CONNECT, IDLE, BROADCAST, HTTP, MODE_COUNT };
static const char *const mode_names[MODE_COUNT] = {"echo", "connect", "idle", "broadcast", "http"};

struct options {
    enum mode mode;
    int port, pid, connections, in_flight;
    size_t size;
    bool binary, deflate, spin, tls;
    double warm_up, duration, hold; // seconds
    double rate;                    // requests a second; 0 for as many as come back
    const char *path, *expected;
};

#ifdef WITH_TLS
#define TLS_USAGE "  --tls           for echo and http: over TLS 1.3, whatever certificate the server has\n"
#else
#define TLS_USAGE ""
#endif

#define USAGE                                                                                                          \
    "usage: load echo|connect|idle|broadcast|http -p PORT --pid PID [OPTIONS]\n"                                       \
    "  -c N            connections, at most 20,000: 64; for broadcast, receivers; for connect, how many at a time\n"   \
    "  -s BYTES        the length of a message, at most 16 MiB: 16\n"                                                  \
    "  -b              binary messages, not text\n"                                                                    \
    "  -P N            how many messages or requests of a connection wait for their answers, at most 1,024: 1\n"       \
    "  --deflate       offer permessage-deflate without context takeover; the message is JSON, at most 64 KiB\n"       \
    "  -r RATE         for echo and http: so many requests a second, over all connections, sent when they are due;\n"  \
    "                  their latencies count from then, and --spin is implied\n"                                       \
    "  --path PATH     /\n"                                                                                            \
    "  --expect TEXT   the body of each response, for http: any\n" TLS_USAGE                                           \
    "  -w SECONDS      of warming up: 1\n"                                                                             \
    "  -d SECONDS      of measuring: 3\n"                                                                              \
    "  --hold SECONDS  for idle, before the memory is read: 1\n"                                                       \
    "  --spin          never sleep while waiting"

static inline double number(const char *text, const char *name, double least, double most) {
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end || !(value >= least && value <= most))
        fail("%s takes a number from %.0f to %.0f, not %s.", name, least, most, text);
    return value;
}

static inline struct options parse_options(int count, char **arguments) {
    struct options o = {.connections = 64, .in_flight = 1, .size = 16, .path = "/"};
    o.warm_up = 1, o.duration = 3, o.hold = 1;
    for (; count > 1 && o.mode < MODE_COUNT && strcmp(arguments[1], mode_names[o.mode]); o.mode++) {}
    if (count < 2 || o.mode == MODE_COUNT) fail(USAGE);
    enum { PID = 256, PATH, EXPECT, HOLD, SPIN, DEFLATE, TLS };
    static const struct option long_options[] = {
        {"pid", required_argument, NULL, PID},       {"path", required_argument, NULL, PATH},
        {"expect", required_argument, NULL, EXPECT}, {"hold", required_argument, NULL, HOLD},
        {"spin", no_argument, NULL, SPIN},           {"deflate", no_argument, NULL, DEFLATE},
#ifdef WITH_TLS
        {"tls", no_argument, NULL, TLS},
#endif
        {NULL, 0, NULL, 0},
    };
    for (int option; (option = getopt_long(count - 1, arguments + 1, "p:c:s:bP:r:w:d:", long_options, NULL)) != -1;) {
        switch (option) {
        case 'p': o.port = (int)number(optarg, "-p", 1, 65535); break;
        case 'c': o.connections = (int)number(optarg, "-c", 1, 20000); break;
        case 's': o.size = (size_t)number(optarg, "-s", 1, 16 << 20); break;
        case 'b': o.binary = true; break;
        case 'P': o.in_flight = (int)number(optarg, "-P", 1, 1024); break;
        case 'r': o.rate = number(optarg, "-r", 1, 1000000), o.spin = true; break;
        case 'w': o.warm_up = number(optarg, "-w", 0, 600); break;
        case 'd': o.duration = number(optarg, "-d", 0, 600); break;
        case PID: o.pid = (int)number(optarg, "--pid", 1, 1 << 22); break;
        case PATH: o.path = optarg; break;
        case EXPECT: o.expected = optarg; break;
        case HOLD: o.hold = number(optarg, "--hold", 0, 600); break;
        case SPIN: o.spin = true; break;
        case DEFLATE: o.deflate = true; break;
        case TLS: o.tls = true; break;
        default: fail(USAGE);
        }
    }
    if (optind != count - 1 || !o.port || !o.pid) fail(USAGE);
    if (o.deflate && (o.mode != ECHO || o.binary || o.size > 64 * 1024))
        fail("--deflate is for echoes of text, of at most 64 KiB.");
    if (o.mode != ECHO && o.mode != HTTP && o.in_flight != 1) fail("-P is for echo and http.");
    if (o.mode != ECHO && o.mode != HTTP && (o.rate > 0 || o.tls)) fail("-r and --tls are for echo and http.");
    if (o.rate > 0 && !(o.rate * o.duration >= 1 && o.rate * o.duration <= 10000000))
        fail("A rate for so long makes no request, or more than 10 million.");
    if (strlen(o.path) > 1000) fail("The path is longer than 1,000 characters.");
    if ((double)o.connections * o.in_flight * (double)o.size > 1 << 30)
        fail("Connections times messages in flight times their length is more than 1 GiB.");
    return o;
}
