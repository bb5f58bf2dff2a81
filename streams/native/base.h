/* Types and memory functions: there is no standard library here. */
#pragma once

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef int i32;
typedef long long i64;
typedef _Bool bool;
#define true 1
#define false 0

#define EXPORT(name) __attribute__((export_name(#name)))

static inline u32 load32(const u8 *at) {
    u32 value;
    __builtin_memcpy(&value, at, 4);
    return value;
}

static inline u64 load64(const u8 *at) {
    u64 value;
    __builtin_memcpy(&value, at, 8);
    return value;
}

/* Whether bytes are equal. Reads up to 7 bytes beyond both. */
static inline bool same(const u8 *a, const u8 *b, u32 bytes) {
    for (; bytes >= 8; a += 8, b += 8, bytes -= 8) {
        if (load64(a) != load64(b)) return false;
    }
    return !bytes || (load64(a) ^ load64(b)) << (64 - 8 * bytes) == 0;
}
