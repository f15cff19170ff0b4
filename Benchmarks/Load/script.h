// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.
//
// What a connection sends, made before the run: a few messages, or requests, over and over. All frames of a script have
// the same length, so that a count of bytes tells which message is next. They stand there twice in a row: from any
// place on, as many bytes as the script has lie in one piece.
#pragma once

#include <zlib.h>

#include "frames.h"
#include "options.h"

struct script {
    size_t messages; // different ones
    size_t size;     // of a message as the application sees it
    uint8_t *plain;  // the messages, one behind the other
    size_t unit;     // the length of a frame, or of a request
    uint8_t *wire;   // twice messages * unit bytes
};

static inline const uint8_t *message(const struct script *script, uint64_t index) {
    return script->plain + index % script->messages * script->size;
}

// Numbers that look random and are the same in every run.
static inline uint32_t next_random(void) {
    static uint64_t state = 0x1234567;
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state >> 32);
}

static inline void write_message(uint8_t *p, size_t size, bool binary, unsigned seed) {
    for (size_t i = 0; i < size; i++) p[i] = (uint8_t)(binary ? i * 7 + i / 256 + seed : 'a' + (i + seed) % 26);
}

// The readings of some sensors: text that compresses to about a third.
static inline void write_json(uint8_t *p, size_t size) {
    static const char *const places[] = {"attic", "cellar", "garden", "hall", "kitchen", "porch"};
    char entry[160];
    for (size_t filled = 0; filled < size;) {
        uint32_t a = next_random(), b = next_random();
        int length = snprintf(entry, sizeof entry, "%s{\"sensor\":%u,\"place\":\"%s\",\"celsius\":%u.%02u,",
                              filled ? "," : "[", a % 100000, places[b % 6], a / 100000 % 30, b / 6 % 100);
        length += snprintf(entry + length, sizeof entry - (size_t)length, "\"humidity\":%u,\"at\":17%08u}",
                           20 + a % 70, b % 100000000);
        for (int i = 0; i < length && filled < size; i++) p[filled++] = (uint8_t)entry[i];
    }
}

static inline size_t write_frame(uint8_t *p, uint8_t first, const uint8_t *payload, size_t length) {
    uint32_t key = next_random();
    size_t header = write_header(p, first, length, 0x80);
    memcpy(p + header, &key, KEY_LENGTH);
    mask(p + header + KEY_LENGTH, payload, length, key);
    return header + KEY_LENGTH + length;
}

static inline struct script make_script(const struct options *o, unsigned seed) {
    struct script s = {.messages = 1, .size = o->size};
    while (s.messages < 16 && s.messages * s.size < 32 * 1024) s.messages++;
    if (s.messages < (size_t)o->in_flight) s.messages = (size_t)o->in_flight;
    s.plain = allocate(s.messages, s.size);
    s.wire = allocate(2 * s.messages, s.size + LONGEST_HEADER);
    uint8_t *to = s.wire;
    uint8_t first = FIN | (o->binary ? BINARY : TEXT);
    for (size_t i = 0; i < s.messages; i++) {
        uint8_t *plain = s.plain + i * s.size;
        write_message(plain, s.size, o->binary, seed * 5 + (unsigned)i);
        to += write_frame(to, first, plain, s.size);
    }
    s.unit = (size_t)(to - s.wire) / s.messages;
    memcpy(to, s.wire, s.messages * s.unit);
    return s;
}

// One message, compressed, as many times as may be in flight: different ones would differ in length.
static inline struct script make_compressed_script(const struct options *o) {
    struct script s = {.messages = (size_t)o->in_flight, .size = o->size};
    s.plain = allocate(s.messages, s.size);
    write_json(s.plain, s.size);
    for (size_t i = 1; i < s.messages; i++) memcpy(s.plain + i * s.size, s.plain, s.size);
    size_t capacity = s.size * 2 + 64;
    uint8_t *packed = allocate(1, capacity);
    z_stream z = {.next_in = s.plain, .avail_in = (uInt)s.size, .next_out = packed, .avail_out = (uInt)capacity};
    deflateInit2(&z, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY);
    deflate(&z, Z_SYNC_FLUSH);
    size_t length = capacity - z.avail_out - 4; // without its tail (RFC 7692 §7.2.1)
    deflateEnd(&z);
    s.wire = allocate(2 * s.messages, length + LONGEST_HEADER);
    for (size_t i = 0; i < 2 * s.messages; i++)
        s.unit = write_frame(s.wire + i * s.unit, FIN | COMPRESSED | TEXT, packed, length);
    free(packed);
    return s;
}

static inline struct script make_requests(const struct options *o) {
    struct script s = {.messages = (size_t)o->in_flight};
    char request[1200];
    int length = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n", o->path, o->port);
    s.unit = (size_t)length;
    s.wire = allocate(2 * s.messages, s.unit);
    for (size_t i = 0; i < 2 * s.messages; i++) memcpy(s.wire + i * s.unit, request, s.unit);
    return s;
}
