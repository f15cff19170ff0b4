// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.
//
// What both sides of an opening handshake need: a field of an HTTP head, and the accept key (RFC 6455 §4.2.2).
#pragma once

#include <stdint.h>
#include <string.h>
#include <strings.h>

enum { NONCE_LENGTH = 24, ACCEPT_LENGTH = 28 };

// The value of a field, to the end of its line; NULL when the head has none of that name. The head ends with its empty
// line.
static inline const char *find_field(const char *head, const char *end, const char *name) {
    size_t length = strlen(name);
    for (const char *line = head; (line = memchr(line, '\n', (size_t)(end - line))) && ++line < end;) {
        if ((size_t)(end - line) <= length || line[length] != ':' || strncasecmp(line, name, length)) continue;
        line += length + 1;
        while (*line == ' ') line++;
        return line;
    }
    return NULL;
}

// Whether the value of that field contains a word.
static inline int field_has(const char *head, const char *end, const char *name, const char *word) {
    const char *value = find_field(head, end, name);
    return value && memmem(value, strcspn(value, "\r\n"), word, strlen(word)) != NULL;
}

static inline void base64(const uint8_t *bytes, size_t length, char *text) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (; length > 0; bytes += 3, length = length > 3 ? length - 3 : 0) {
        uint32_t group = (uint32_t)bytes[0] << 16;
        if (length > 1) group |= (uint32_t)bytes[1] << 8;
        if (length > 2) group |= bytes[2];
        *text++ = digits[group >> 18];
        *text++ = digits[group >> 12 & 63];
        *text++ = length > 1 ? digits[group >> 6 & 63] : '=';
        *text++ = length > 2 ? digits[group & 63] : '=';
    }
}

static inline uint32_t turned(uint32_t value, int bits) { return value << bits | value >> (32 - bits); }

// One block of SHA-1 (FIPS 180-4 §6.1.2).
static inline void sha1_block(uint32_t state[5], const uint8_t block[64]) {
    uint32_t w[80], a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
    for (int t = 0; t < 16; t++) {
        memcpy(&w[t], block + 4 * t, 4);
        w[t] = __builtin_bswap32(w[t]);
    }
    for (int t = 16; t < 80; t++) w[t] = turned(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
    for (int t = 0; t < 80; t++) {
        uint32_t f = t < 20   ? (d ^ (b & (c ^ d))) + 0x5a827999
                     : t < 40 ? (b ^ c ^ d) + 0x6ed9eba1
                     : t < 60 ? ((b & c) | (d & (b | c))) + 0x8f1bbcdc
                              : (b ^ c ^ d) + 0xca62c1d6;
        uint32_t next = turned(a, 5) + f + e + w[t];
        e = d, d = c, c = turned(b, 30), b = a, a = next;
    }
    state[0] += a, state[1] += b, state[2] += c, state[3] += d, state[4] += e;
}

// The 28 characters that answer the 24 of Sec-WebSocket-Key.
static inline void accept_key(const char *nonce, char accept[ACCEPT_LENGTH]) {
    uint8_t message[128] = {0}, digest[20];
    memcpy(message, nonce, NONCE_LENGTH);
    memcpy(message + NONCE_LENGTH, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11", 36);
    message[60] = 0x80; // 60 bytes and their length in bits fill two blocks
    message[126] = 60 * 8 >> 8, message[127] = (60 * 8) & 0xff;
    uint32_t state[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
    sha1_block(state, message);
    sha1_block(state, message + 64);
    for (int i = 0; i < 5; i++) {
        uint32_t big_endian = __builtin_bswap32(state[i]);
        memcpy(digest + 4 * i, &big_endian, 4);
    }
    base64(digest, sizeof digest, accept);
}
