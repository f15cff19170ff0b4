// SPDX-License-Identifier: Apache-2.0
// zlib's macros for initialisation are not importable; these name the functions behind them.
#pragma once
// Input is const, so that borrowed bytes need no cast.
#define ZLIB_CONST
#include <zlib.h>

static inline int alicorn_deflateInit2(z_streamp stream, int level, int windowBits, int memoryLevel) {
    return deflateInit2(stream, level, Z_DEFLATED, windowBits, memoryLevel, Z_DEFAULT_STRATEGY);
}

static inline int alicorn_inflateInit2(z_streamp stream, int windowBits) {
    return inflateInit2(stream, windowBits);
}
