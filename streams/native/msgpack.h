/* MessagePack as the store keeps it: all in its shortest form. */
#pragma once
#include "base.h"

/* What is written goes here; nothing is written beyond the end, but `to` moves on. */
static u8 *to, *to_end;

static inline void put(u8 byte) {
    if (to < to_end) *to = byte;
    to++;
}

static inline void put_bytes(const u8 *from, u32 bytes) {
    if (to + bytes <= to_end) __builtin_memcpy(to, from, bytes);
    to += bytes;
}

static inline void put_big_endian(u64 value, u32 bytes) {
    while (bytes--) put(value >> 8 * bytes);
}

static inline void put_array(u32 count) {
    if (count < 16) {
        put(0x90 | count);
    } else {
        bool wide = count >= 1 << 16;
        put(wide ? 0xdd : 0xdc);
        put_big_endian(count, wide ? 4 : 2);
    }
}

static inline void put_integer(i64 value) {
    if (value >= -32 && value < 128) {
        put(value);
    } else if (value >= 0) {
        u32 size = value < 1 << 8 ? 0 : value < 1 << 16 ? 1 : value < 1ll << 32 ? 2 : 3;
        put(0xcc + size);
        put_big_endian(value, 1 << size);
    } else {
        u32 size = value >= -(1 << 7) ? 0 : value >= -(1 << 15) ? 1 : value >= -(1ll << 31) ? 2 : 3;
        put(0xd0 + size);
        put_big_endian(value, 1 << size);
    }
}
