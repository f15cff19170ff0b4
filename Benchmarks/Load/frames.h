// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.
//
// Frames as both programs need them: read a header, write one, apply a masking key (RFC 6455 §5.2, §5.3). For
// machines that are little-endian.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { FIN = 0x80, COMPRESSED = 0x40, TEXT = 1, BINARY = 2, CLOSE = 8, PING = 9, PONG = 10 };
enum { LONGEST_HEADER = 14, LONGEST_CONTROL_PAYLOAD = 125, KEY_LENGTH = 4 };

struct frame {
    uint8_t first; // FIN, RSV1 to 3 and the opcode
    uint8_t opcode;
    bool compressed;
    uint32_t key; // 0 when it is not masked
    size_t header;
    uint64_t length;
};

// Reads the header that begins at p; false when some of it is still to come.
static inline bool read_header(struct frame *frame, const uint8_t *p, size_t available) {
    if (available < 2) return false;
    bool masked = p[1] & 0x80;
    uint64_t length = p[1] & 0x7f;
    size_t header = 2 + (length == 126 ? 2 : length == 127 ? 8 : 0) + (masked ? KEY_LENGTH : 0);
    if (available < header) return false;
    if (length == 126) {
        length = (uint64_t)p[2] << 8 | p[3];
    } else if (length == 127) {
        memcpy(&length, p + 2, 8);
        length = __builtin_bswap64(length);
    }
    frame->first = p[0], frame->opcode = p[0] & 0x0f, frame->compressed = p[0] & COMPRESSED;
    frame->header = header, frame->length = length, frame->key = 0;
    if (masked) memcpy(&frame->key, p + header - KEY_LENGTH, KEY_LENGTH);
    return true;
}

// Writes a header without a masking key, which `mask_bit` (0x80) announces, and returns its length.
static inline size_t write_header(uint8_t *p, uint8_t first, uint64_t length, uint8_t mask_bit) {
    p[0] = first;
    if (length < 126) {
        p[1] = mask_bit | (uint8_t)length;
        return 2;
    }
    if (length < 65536) {
        p[1] = mask_bit | 126, p[2] = (uint8_t)(length >> 8), p[3] = (uint8_t)length;
        return 4;
    }
    p[1] = mask_bit | 127;
    length = __builtin_bswap64(length);
    memcpy(p + 2, &length, 8);
    return 10;
}

typedef uint32_t lanes __attribute__((vector_size(32), aligned(1), may_alias));
typedef uint64_t word __attribute__((aligned(1), may_alias));

// Masks or unmasks `length` bytes, moving them to the same place or to one before it. Returns the key turned to the
// byte that follows.
static inline uint32_t mask(uint8_t *to, const uint8_t *from, size_t length, uint32_t key) {
    lanes wide = {key, key, key, key, key, key, key, key};
    uint64_t twice = (uint64_t)key << 32 | key;
    for (; length >= 32; length -= 32, to += 32, from += 32) *(lanes *)to = *(const lanes *)from ^ wide;
    for (; length >= 8; length -= 8, to += 8, from += 8) *(word *)to = *(const word *)from ^ twice;
    for (; length; length--) {
        *to++ = *from++ ^ (uint8_t)key;
        key = key >> 8 | key << 24;
    }
    return key;
}
