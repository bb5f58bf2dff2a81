/* Sums of rows, found by what they are of: what `count.c` makes and `pack.c` adds up further. */
#pragma once
#include "base.h"

struct sum {
    i64 minute; /* or another pane's number */
    u32 row, batch;
};
struct sample { /* of a kind, beside the numbers of a sum */
    u64 value;
    u32 sum, kind;
};
struct sums {
    struct sum *sums;
    i64 *numbers; /* so many places for each */
    u32 places, known;
    u32 *table, mask; /* number + 1; open addressing, twice as many places at least as there can be sums */
};

/* Division that rounds down, as Python's does. */
static inline i64 floored(i64 value, i64 by) { return value / by - (value % by < 0); }

/* No sums yet, with memory for them at these addresses. */
static inline struct sums no_sums(u32 sums, u32 numbers, u32 places, u32 table, u32 mask) {
    __builtin_memset((u32 *)table, 0, (mask + 1) * sizeof(u32));
    return (struct sums){(struct sum *)sums, (i64 *)numbers, places, 0, (u32 *)table, mask};
}

static inline i64 *numbers_of(const struct sums *in, u32 number) { return in->numbers + (u64)number * in->places; }

/* The number of a sum: the numbers of a new one are zeros. */
static inline u32 sum_of(struct sums *in, i64 minute, u32 row, u32 batch) {
    u64 hash = ((u64)minute << 32 ^ (u64)batch << 20 ^ row) * 0x9E3779B185EBCA87;
    for (u32 place = (u32)(hash >> 32) & in->mask;; place = (place + 1) & in->mask) {
        u32 found = in->table[place];
        if (!found) {
            u32 number = in->known++;
            in->table[place] = number + 1;
            in->sums[number] = (struct sum){minute, row, batch};
            __builtin_memset(numbers_of(in, number), 0, in->places * sizeof(i64));
            return number;
        }
        const struct sum *sum = &in->sums[found - 1];
        if (sum->minute == minute && sum->row == row && sum->batch == batch) return found - 1;
    }
}
