// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.
//
// Bytes that a connection keeps because nothing could be done with them yet: a head or a frame that has come in part,
// or output that the socket did not take. Almost always there are none.
#pragma once

#include <stdint.h>
#include <string.h>

#include "fail.h"

struct held {
    uint8_t *bytes;
    size_t length, capacity;
};

static inline void hold(struct held *held, const uint8_t *p, size_t length) {
    if (held->length + length > held->capacity) {
        held->capacity = held->length + length;
        held->bytes = realloc(held->bytes, held->capacity);
        if (!held->bytes) fail("There is no memory to hold %zu bytes.", held->capacity);
    }
    if (length) memcpy(held->bytes + held->length, p, length);
    held->length += length;
}

static inline void forget(struct held *held) {
    free(held->bytes);
    *held = (struct held){0};
}
