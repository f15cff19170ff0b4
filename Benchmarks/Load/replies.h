// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.
//
// What comes back, and whether it is what must come back: each function takes the bytes that are here, reports whole
// answers, and returns how many bytes it is done with. Anything wrong ends the run.
#pragma once

#include "connection.h"

#define BUFFER_SIZE (256 * 1024)

static uint8_t buffer[BUFFER_SIZE];

static void on_reply(struct connection *); // what the mode makes of it, in load.c

// Replies are compared as they arrive: the first few of a connection whole, of later ones only the ends of a long
// piece, because the generator has to be faster than what it measures.
static inline void compare(struct connection *c, const uint8_t *piece, size_t length) {
    enum { COMPARED_WHOLE = 4, SHORT = 4096, END = 256 };
    const struct script *script = c->script;
    if (c->offset + length > script->size)
        fail("Connection %d got a reply that is longer than its message of %zu bytes.", c->number, script->size);
    const uint8_t *sent = message(script, c->replies) + c->offset;
    bool same = c->replies >= COMPARED_WHOLE && length > SHORT
                    ? !memcmp(piece, sent, END) && !memcmp(piece + length - END, sent + length - END, END)
                    : !memcmp(piece, sent, length);
    if (!same) fail("Connection %d got a reply that differs from its message %ju.", c->number, (uintmax_t)c->replies);
}

static inline void inflate_and_compare(struct connection *c, uint8_t *payload, size_t length) {
    static z_stream z;
    static uint8_t plain[64 * 1024 + 1];
    if (!z.state) inflateInit2(&z, -15);
    inflateReset(&z);
    z.next_out = plain, z.avail_out = sizeof plain;
    z.next_in = payload, z.avail_in = (uInt)length;
    int result = inflate(&z, Z_SYNC_FLUSH);
    z.next_in = (uint8_t *)"\0\0\xff\xff", z.avail_in = 4; // RFC 7692 §7.2.2
    if (result == Z_OK) result = inflate(&z, Z_SYNC_FLUSH);
    if (result != Z_OK && result != Z_BUF_ERROR && result != Z_STREAM_END)
        fail("Connection %d got a reply that cannot be inflated.", c->number);
    compare(c, plain, sizeof plain - z.avail_out);
    c->offset = sizeof plain - z.avail_out;
}

static inline void end_reply(struct connection *c) {
    if (c->offset != c->script->size)
        fail("Connection %d got a reply of %ju bytes to one of %zu.", c->number, (uintmax_t)c->offset, c->script->size);
    c->offset = 0;
    c->within_reply = false;
    on_reply(c);
}

static inline void read_control(struct connection *c, const struct frame *frame, const uint8_t *payload) {
    if (frame->opcode == PING) send_control(c, PONG, payload, frame->length);
    if (frame->opcode != CLOSE) return;
    int code = frame->length >= 2 ? payload[0] << 8 | payload[1] : 1005;
    if (c->stage != CLOSING) fail("The server closed connection %d, with code %d.", c->number, code);
    c->stage = CLOSED;
}

static inline void check_data_frame(struct connection *c, const struct frame *frame) {
    uint8_t opcode = c->within_reply ? 0 : options.binary ? BINARY : TEXT;
    if (frame->opcode != opcode) fail("Connection %d got opcode %d, not %d.", c->number, frame->opcode, opcode);
    if (frame->compressed != options.deflate)
        fail("Connection %d got a reply that is %scompressed.", c->number, options.deflate ? "not " : "");
    if (frame->compressed && !(frame->first & FIN))
        fail("Connection %d got a compressed reply in fragments, which are not looked at here.", c->number);
}

static inline size_t read_frames(struct connection *c, uint8_t *start, size_t length) {
    uint8_t *p = start, *end = start + length;
    while (p < end) {
        if (!c->left) {
            struct frame frame;
            if (!read_header(&frame, p, (size_t)(end - p))) break;
            if (p[1] & 0x80) fail("Connection %d got a frame that is masked.", c->number);
            uint8_t *payload = p + frame.header;
            bool control = frame.opcode >= CLOSE;
            if (control && (frame.length > LONGEST_CONTROL_PAYLOAD || !(frame.first & FIN)))
                fail("Connection %d got a control frame that is too long or a fragment.", c->number);
            if (!control) check_data_frame(c, &frame);
            if (control || frame.compressed) {
                if ((uint64_t)(end - payload) < frame.length) break;
                p = payload + frame.length;
                if (control) {
                    read_control(c, &frame, payload);
                } else {
                    inflate_and_compare(c, payload, (size_t)frame.length);
                    end_reply(c);
                }
                continue;
            }
            p = payload;
            c->left = frame.length, c->last_frame = frame.first & FIN, c->within_reply = true;
        }
        size_t here = (uint64_t)(end - p) < c->left ? (size_t)(end - p) : (size_t)c->left;
        compare(c, p, here);
        p += here, c->offset += here, c->left -= here;
        if (!c->left && c->last_frame) end_reply(c);
    }
    return (size_t)(p - start);
}

static inline size_t read_responses(struct connection *c, const char *start, size_t length) {
    const char *p = start, *end = start + length, *empty_line;
    while ((empty_line = memmem(p, (size_t)(end - p), "\r\n\r\n", 4))) {
        const char *body = empty_line + 4;
        const char *field = find_field(p, body, "Content-Length");
        if (strncmp(p, "HTTP/1.1 200", 12) || !field)
            fail("Connection %d got a response that is no 200, or one without Content-Length: %.12s.", c->number, p);
        size_t size = strtoul(field, NULL, 10);
        if ((size_t)(end - body) < size) break;
        const char *expected = options.expected;
        if (expected && (size != strlen(expected) || memcmp(body, expected, size)))
            fail("Connection %d got another body than %s.", c->number, expected);
        p = body + size;
        on_reply(c);
    }
    return (size_t)(p - start);
}

static inline size_t read_upgrade(struct connection *c, const char *start, size_t length) {
    const char *empty_line = memmem(start, length, "\r\n\r\n", 4);
    if (!empty_line) return 0;
    const char *end = empty_line + 4;
    if (strncmp(start, "HTTP/1.1 101", 12)) fail("Connection %d was not upgraded: %.12s.", c->number, start);
    const char *accept = find_field(start, end, "Sec-WebSocket-Accept");
    if (!accept || strncmp(accept, c->accept, ACCEPT_LENGTH))
        fail("Connection %d got the wrong Sec-WebSocket-Accept.", c->number);
    static const char extensions[] = "Sec-WebSocket-Extensions";
    if (!options.deflate && find_field(start, end, extensions))
        fail("Connection %d got an extension that was not offered.", c->number);
    if (options.deflate && !field_has(start, end, extensions, "server_no_context_takeover"))
        fail("Connection %d got no permessage-deflate without context takeover.", c->number);
    c->stage = OPEN;
    on_open(c);
    return (size_t)(end - start);
}

// One recv, or one record of TLS. False when the server has closed.
static inline bool read_once(struct connection *c) {
    size_t held = c->input.length;
    if (held == BUFFER_SIZE) fail("Connection %d got more in one piece than %d bytes.", c->number, BUFFER_SIZE);
    ssize_t count = c->tls ? tls_receive(c->tls, buffer + held, BUFFER_SIZE - held)
                           : recv(c->fd, buffer + held, BUFFER_SIZE - held, 0);
    if (count < 0 && errno == EAGAIN) return true;
    if (count < 0) fail("Connection %d could not receive: %s.", c->number, strerror(errno));
    if (count == 0) return false;
    size_t length = held + (size_t)count, used = 0;
    if (held) memcpy(buffer, c->input.bytes, held);
    c->input.length = 0;
    if (c->stage == UPGRADING) used = read_upgrade(c, (const char *)buffer, length);
    if (c->stage >= OPEN && options.mode == HTTP) used = read_responses(c, (const char *)buffer, length);
    else if (c->stage >= OPEN) used += read_frames(c, buffer + used, length - used);
    if (used < length) hold(&c->input, buffer + used, length - used);
    return true;
}
