/* Texts by number, and rows (team, queue, campaign, rep) by number: so that a column of names is a column of numbers. */
#pragma once
#include "xxh3.h"

enum { NAMES_MOST = 1 << 16, ROWS_MOST = 1 << 16, NAME_BYTES_MOST = 1 << 24, TABLE = 1 << 18 };

struct name {
    u64 hash;
    u32 at, bytes; /* in name_bytes */
};
struct row {
    u32 names[4]; /* 0 where there is none */
};

static struct name names[NAMES_MOST];
static u8 name_bytes[NAME_BYTES_MOST];
static struct row rows[ROWS_MOST];
static struct known {
    u32 names, name_bytes, rows;
} known = {.names = 1}; /* 0 is nobody's number */
static u32 name_table[TABLE], row_table[TABLE]; /* number + 1; open addressing */

/* Let all numbers begin anew. The caller asks for it in time: nothing here looks whether there is room. */
EXPORT(forget) void forget(void) {
    __builtin_memset(name_table, 0, sizeof name_table);
    __builtin_memset(row_table, 0, sizeof row_table);
    known = (struct known){.names = 1};
}

static u32 number_of(const u8 *at, u32 bytes) {
    u64 hash = xxh3(at, bytes, 0);
    for (u32 place = hash & (TABLE - 1);; place = (place + 1) & (TABLE - 1)) {
        u32 found = name_table[place];
        if (!found) {
            u32 number = known.names++;
            name_table[place] = number + 1;
            names[number] = (struct name){hash, known.name_bytes, bytes};
            __builtin_memcpy(name_bytes + known.name_bytes, at, bytes);
            known.name_bytes += bytes;
            return number;
        }
        const struct name *name = &names[found - 1];
        if (name->hash == hash && name->bytes == bytes && same(name_bytes + name->at, at, bytes)) return found - 1;
    }
}

static u32 row_of(const u32 *of) {
    u64 hash = ((u64)of[0] << 32 | of[1]) * P64_1 + ((u64)of[2] << 32 | of[3]);
    hash *= P64_2;
    for (u32 place = (u32)(hash >> 40) & (TABLE - 1);; place = (place + 1) & (TABLE - 1)) {
        u32 found = row_table[place];
        if (!found) {
            u32 number = known.rows++;
            row_table[place] = number + 1;
            for (int i = 0; i < 4; i++) rows[number].names[i] = of[i];
            return number;
        }
        const u32 *held = rows[found - 1].names;
        if (held[0] == of[0] && held[1] == of[1] && held[2] == of[2] && held[3] == of[3]) return found - 1;
    }
}
