/* XXH3, 64 bits, with a seed: what the xxhash library calls xxh3_64. Its published algorithm and constants. */
#pragma once
#include "base.h"

enum { SECRET = 192, SECRET_LEAST = 136, STRIPE = 64, LANES = 8, CONSUMED = 8 };

static const u8 secret[SECRET] = {
    0xb8, 0xfe, 0x6c, 0x39, 0x23, 0xa4, 0x4b, 0xbe, 0x7c, 0x01, 0x81, 0x2c, 0xf7, 0x21, 0xad, 0x1c,
    0xde, 0xd4, 0x6d, 0xe9, 0x83, 0x90, 0x97, 0xdb, 0x72, 0x40, 0xa4, 0xa4, 0xb7, 0xb3, 0x67, 0x1f,
    0xcb, 0x79, 0xe6, 0x4e, 0xcc, 0xc0, 0xe5, 0x78, 0x82, 0x5a, 0xd0, 0x7d, 0xcc, 0xff, 0x72, 0x21,
    0xb8, 0x08, 0x46, 0x74, 0xf7, 0x43, 0x24, 0x8e, 0xe0, 0x35, 0x90, 0xe6, 0x81, 0x3a, 0x26, 0x4c,
    0x3c, 0x28, 0x52, 0xbb, 0x91, 0xc3, 0x00, 0xcb, 0x88, 0xd0, 0x65, 0x8b, 0x1b, 0x53, 0x2e, 0xa3,
    0x71, 0x64, 0x48, 0x97, 0xa2, 0x0d, 0xf9, 0x4e, 0x38, 0x19, 0xef, 0x46, 0xa9, 0xde, 0xac, 0xd8,
    0xa8, 0xfa, 0x76, 0x3f, 0xe3, 0x9c, 0x34, 0x3f, 0xf9, 0xdc, 0xbb, 0xc7, 0xc7, 0x0b, 0x4f, 0x1d,
    0x8a, 0x51, 0xe0, 0x4b, 0xcd, 0xb4, 0x59, 0x31, 0xc8, 0x9f, 0x7e, 0xc9, 0xd9, 0x78, 0x73, 0x64,
    0xea, 0xc5, 0xac, 0x83, 0x34, 0xd3, 0xeb, 0xc3, 0xc5, 0x81, 0xa0, 0xff, 0xfa, 0x13, 0x63, 0xeb,
    0x17, 0x0d, 0xdd, 0x51, 0xb7, 0xf0, 0xda, 0x49, 0xd3, 0x16, 0x55, 0x26, 0x29, 0xd4, 0x68, 0x9e,
    0x2b, 0x16, 0xbe, 0x58, 0x7d, 0x47, 0xa1, 0xfc, 0x8f, 0xf8, 0xb8, 0xd1, 0x7a, 0xd0, 0x31, 0xce,
    0x45, 0xcb, 0x3a, 0x8f, 0x95, 0x16, 0x04, 0x28, 0xaf, 0xd7, 0xfb, 0xca, 0xbb, 0x4b, 0x40, 0x7e,
};
static const u64 P32_1 = 0x9E3779B1, P32_2 = 0x85EBCA77, P32_3 = 0xC2B2AE3D;
static const u64 P64_1 = 0x9E3779B185EBCA87, P64_2 = 0xC2B2AE3D27D4EB4F, P64_3 = 0x165667B19E3779F9;
static const u64 P64_4 = 0x85EBCA77C2B2AE63, P64_5 = 0x27D4EB2F165667C5;
static const u64 MIX_1 = 0x165667919E3779F9, MIX_2 = 0x9FB21C651E98DF25;

static inline u64 rotated(u64 v, int bits) { return v << bits | v >> (64 - bits); }

/* The two halves of the product of 128 bits, each into the other. */
static inline u64 folded(u64 a, u64 b) {
    u64 a0 = (u32)a, a1 = a >> 32, b0 = (u32)b, b1 = b >> 32;
    u64 low = a0 * b0, mid = a1 * b0 + (low >> 32), mid2 = a0 * b1 + (u32)mid;
    return (mid2 << 32 | (u32)low) ^ (a1 * b1 + (mid >> 32) + (mid2 >> 32));
}

static inline u64 avalanche(u64 h) {
    h ^= h >> 37;
    h *= MIX_1;
    return h ^ h >> 32;
}

static inline u64 avalanche_xxh64(u64 h) {
    h ^= h >> 33;
    h *= P64_2;
    h ^= h >> 29;
    h *= P64_3;
    return h ^ h >> 32;
}

static inline u64 mix16(const u8 *at, const u8 *key, u64 seed) {
    return folded(load64(at) ^ (load64(key) + seed), load64(at + 8) ^ (load64(key + 8) - seed));
}

static inline u64 hash_to_16(const u8 *at, u32 n, u64 seed) {
    if (n > 8) {
        u64 low = load64(at) ^ ((load64(secret + 24) ^ load64(secret + 32)) + seed);
        u64 high = load64(at + n - 8) ^ ((load64(secret + 40) ^ load64(secret + 48)) - seed);
        return avalanche(n + __builtin_bswap64(low) + high + folded(low, high));
    }
    if (n >= 4) {
        seed ^= (u64)__builtin_bswap32((u32)seed) << 32;
        u64 h = (load32(at + n - 4) + ((u64)load32(at) << 32)) ^ ((load64(secret + 8) ^ load64(secret + 16)) - seed);
        h ^= rotated(h, 49) ^ rotated(h, 24);
        h *= MIX_2;
        h ^= (h >> 35) + n;
        h *= MIX_2;
        return h ^ h >> 28;
    }
    if (n) {
        u32 all = (u32)at[0] << 16 | (u32)at[n >> 1] << 24 | at[n - 1] | n << 8;
        return avalanche_xxh64(all ^ ((u64)(load32(secret) ^ load32(secret + 4)) + seed));
    }
    return avalanche_xxh64(seed ^ load64(secret + 56) ^ load64(secret + 64));
}

static u64 hash_to_240(const u8 *at, u32 n, u64 seed) {
    u64 sum = n * P64_1;
    if (n <= 128) {
        for (u32 i = (n - 1) / 32 + 1; i--;) {
            sum += mix16(at + 16 * i, secret + 32 * i, seed);
            sum += mix16(at + n - 16 * (i + 1), secret + 32 * i + 16, seed);
        }
        return avalanche(sum);
    }
    for (u32 i = 0; i < 8; i++) sum += mix16(at + 16 * i, secret + 16 * i, seed);
    u64 rest = mix16(at + n - 16, secret + SECRET_LEAST - 17, seed);
    for (u32 i = 8; i < n / 16; i++) rest += mix16(at + 16 * i, secret + 16 * (i - 8) + 3, seed);
    return avalanche(avalanche(sum) + rest);
}

static void accumulate(u64 *lanes, const u8 *at, const u8 *key) {
    for (int i = 0; i < LANES; i++) {
        u64 value = load64(at + 8 * i), keyed = value ^ load64(key + 8 * i);
        lanes[i ^ 1] += value;
        lanes[i] += (u32)keyed * (keyed >> 32);
    }
}

static u64 hash_long(const u8 *at, u32 n, u64 seed) {
    u64 lanes[LANES] = {P32_3, P64_1, P64_2, P64_3, P64_4, P32_2, P64_5, P32_1}, own[SECRET / 8];
    for (int i = 0; i < SECRET / 8; i++) own[i] = load64(secret + 8 * i) + (i & 1 ? -seed : seed);
    const u8 *key = (const u8 *)own;
    const u32 stripes = (SECRET - STRIPE) / CONSUMED, block = STRIPE * stripes, blocks = (n - 1) / block;
    for (u32 b = 0; b < blocks; b++) {
        for (u32 s = 0; s < stripes; s++) accumulate(lanes, at + b * block + s * STRIPE, key + s * CONSUMED);
        for (int i = 0; i < LANES; i++) {
            lanes[i] = ((lanes[i] ^ lanes[i] >> 47) ^ load64(key + SECRET - STRIPE + 8 * i)) * P32_1;
        }
    }
    for (u32 s = 0; s < (n - 1 - block * blocks) / STRIPE; s++) {
        accumulate(lanes, at + blocks * block + s * STRIPE, key + s * CONSUMED);
    }
    accumulate(lanes, at + n - STRIPE, key + SECRET - STRIPE - 7);
    u64 sum = n * P64_1;
    for (int i = 0; i < 4; i++) {
        const u8 *merging = key + 11 + 16 * i;
        sum += folded(lanes[2 * i] ^ load64(merging), lanes[2 * i + 1] ^ load64(merging + 8));
    }
    return avalanche(sum);
}

static inline u64 xxh3(const u8 *at, u32 n, u64 seed) {
    return n <= 16 ? hash_to_16(at, n, seed) : n <= 240 ? hash_to_240(at, n, seed) : hash_long(at, n, seed);
}
