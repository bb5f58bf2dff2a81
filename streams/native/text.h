/* Text of JSON strings: found, checked as UTF-8, freed of escapes. */
#pragma once
#include <wasm_simd128.h>

#include "base.h"

struct text {
    const u8 *at;
    u32 bytes;
    u32 chars; /* code points */
    bool escaped; /* whether it was written with escapes: then it lies in the scratch */
};

/* How many of the next bytes are plain: printable ASCII, neither a quote nor a backslash. Reads up to 15 bytes beyond. */
static inline const u8 *plain_until(const u8 *at) {
    const v128_t quote = wasm_i8x16_splat('"'), backslash = wasm_i8x16_splat('\\'), space = wasm_i8x16_splat(' ');
    for (;; at += 16) {
        v128_t block = wasm_v128_load(at);
        v128_t stops = wasm_v128_or(
            wasm_v128_or(wasm_i8x16_eq(block, quote), wasm_i8x16_eq(block, backslash)),
            wasm_i8x16_lt(block, space)); /* as signed bytes: control characters, and all beyond ASCII */
        u32 mask = wasm_i8x16_bitmask(stops);
        if (mask) return at + __builtin_ctz(mask);
    }
}

/* Length of the UTF-8 sequence at `at`, which begins beyond ASCII; 0 if it is none. Shortest forms, no surrogates. */
static inline u32 sequence(const u8 *at) {
    u8 first = at[0], second = at[1];
    if (first < 0xc2 || (second & 0xc0) != 0x80) return 0;
    if (first < 0xe0) return 2;
    if ((at[2] & 0xc0) != 0x80) return 0;
    if (first < 0xf0) return (first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ? 0 : 3;
    if ((at[3] & 0xc0) != 0x80) return 0;
    return first > 0xf4 || (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f) ? 0 : 4;
}

static inline i32 hex4(const u8 *at) {
    i32 value = 0;
    for (int i = 0; i < 4; i++) {
        u8 c = at[i], lower = c | 0x20;
        i32 digit = c >= '0' && c <= '9' ? c - '0' : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
        if (digit < 0) return -1;
        value = value << 4 | digit;
    }
    return value;
}

static inline u8 *put_utf8(u8 *to, u32 point) {
    if (point < 0x80) {
        *to++ = point;
    } else if (point < 0x800) {
        *to++ = 0xc0 | point >> 6;
        *to++ = 0x80 | (point & 0x3f);
    } else if (point < 0x10000) {
        *to++ = 0xe0 | point >> 12;
        *to++ = 0x80 | (point >> 6 & 0x3f);
        *to++ = 0x80 | (point & 0x3f);
    } else {
        *to++ = 0xf0 | point >> 18;
        *to++ = 0x80 | (point >> 12 & 0x3f);
        *to++ = 0x80 | (point >> 6 & 0x3f);
        *to++ = 0x80 | (point & 0x3f);
    }
    return to;
}

/* What the escape at `at` (a backslash) stands for; moves `at` behind it. -1 for a wrong one or half a surrogate pair. */
static i32 unescaped(const u8 **at) {
    const u8 *p = *at + 2;
    i32 point;
    switch ((*at)[1]) {
    case '"': point = '"'; break;
    case '\\': point = '\\'; break;
    case '/': point = '/'; break;
    case 'b': point = '\b'; break;
    case 'f': point = '\f'; break;
    case 'n': point = '\n'; break;
    case 'r': point = '\r'; break;
    case 't': point = '\t'; break;
    case 'u':
        point = hex4(p);
        if (point < 0) return -1;
        p += 4;
        if (point >= 0xdc00 && point < 0xe000) return -1;
        if (point >= 0xd800 && point < 0xdc00) {
            i32 low = p[0] == '\\' && p[1] == 'u' ? hex4(p + 2) : -1;
            if (low < 0xdc00 || low >= 0xe000) return -1;
            point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
            p += 6;
        }
        break;
    default: return -1;
    }
    *at = p;
    return point;
}

/* Read the string whose first byte is `at` (behind the quote). Returns what follows its closing quote; NULL if it is no
   string. Where it has escapes, the text is written to *scratch, which moves on. */
static const u8 *read_text(const u8 *at, struct text *into, u8 **scratch) {
    const u8 *end = plain_until(at);
    into->at = at;
    into->escaped = false;
    if (*end == '"') {
        into->bytes = into->chars = end - at;
        return end + 1;
    }
    u32 beyond = 0; /* bytes that continue a character */
    u8 *to = 0;
    for (;;) {
        if (to) { /* copy what was plain */
            while (at < end) *to++ = *at++;
        }
        if (*end == '"') break;
        if (*end == '\\') {
            if (!to) {
                to = *scratch;
                for (const u8 *from = into->at; from < end;) *to++ = *from++;
                into->at = *scratch;
                into->escaped = true;
            }
            i32 point = unescaped(&end);
            if (point < 0) return 0;
            to = put_utf8(to, point);
            beyond += (point >= 0x80) + (point >= 0x800) + (point >= 0x10000);
            at = end;
        } else {
            u32 length = *end < 0x80 ? 0 : sequence(end);
            if (!length) return 0; /* a control character, or no UTF-8 */
            beyond += length - 1;
            end += length;
            if (to) {
                while (at < end) *to++ = *at++;
            }
        }
        end = plain_until(end);
    }
    into->bytes = (to ? to : end) - into->at;
    into->chars = into->bytes - beyond;
    if (to) *scratch = to;
    return end + 1;
}
