/* From sums by minute to what the store's minute and quarter panes gain, in the store's own bytes: see `store/packing.py`. */
#include "memory.h"
#include "sums.h"

enum { LEAF = 12, MINUTES_A_QUARTER = 15, NOWHERE = 0xffffffff };

struct entry {
    struct sum row; /* of a pane and a batch */
    u32 section; /* 0 facts, 1 own facts, from 2 on a kind of sample */
    u32 at, bytes, unused;
};
struct packing {
    i64 oldest; /* minutes before it are left out: their quarters are not */
    u32 n_facts, n_own, own;   /* numbers of a sum: built-in facts, then own ones; struct span each: their names, as stored */
    u32 n_kinds, n_buckets;    /* of samples; the first ones are buckets, the others ids */
    u32 n_sums, n_samples;
    u32 sums, numbers, samples;
    u32 groups, totals, table; /* room for as many groups as sums; the table's for twice as many at least */
    u32 group_of, begins, ordered; /* by sum; by group and kind, and two; by sample */
    u32 entries, mask;
    u32 content, room;
    u32 n_minutes, n_entries, used; /* told: entries of minutes, all; bytes of content, more than room if it is too small */
};

static struct packing packing;

static u8 *to, *to_end;

static inline void put(u8 byte) {
    if (to < to_end) *to = byte;
    to++;
}

static void put_bytes(const u8 *from, u32 bytes) {
    if (to + bytes <= to_end) __builtin_memcpy(to, from, bytes);
    to += bytes;
}

static void put_big_endian(u64 value, u32 bytes) {
    while (bytes--) put(value >> 8 * bytes);
}

static void put_array(u32 count) {
    if (count < 16) {
        put(0x90 | count);
    } else {
        put(0xdc);
        put_big_endian(count, 2);
    }
}

/* MessagePack, in the shortest form. */
static void put_integer(i64 value) {
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

static void sift(u64 *heap, u32 root, u32 count) {
    for (u32 child; (child = 2 * root + 1) < count; root = child) {
        if (child + 1 < count && heap[child] < heap[child + 1]) child++;
        if (heap[root] >= heap[child]) return;
        u64 held = heap[root];
        heap[root] = heap[child];
        heap[child] = held;
    }
}

static void sort(u64 *values, u32 count) {
    if (count <= LEAF) {
        for (u32 i = 1; i < count; i++) {
            u64 value = values[i];
            u32 j = i;
            for (; j && values[j - 1] > value; j--) values[j] = values[j - 1];
            values[j] = value;
        }
        return;
    }
    for (u32 root = count / 2; root--;) sift(values, root, count);
    for (u32 last = count; --last;) {
        u64 held = values[0];
        values[0] = values[last];
        values[last] = held;
        sift(values, 0, last);
    }
}

static u32 places(void) { return packing.n_facts + packing.n_own; }

/* Add up the sums of each row of each pane of so many minutes, batch by batch: such a row is a group. */
static struct sums add_up(i64 minutes) {
    const struct sum *sums = (const struct sum *)packing.sums;
    const i64 *numbers = (const i64 *)packing.numbers;
    struct sums groups = no_sums(packing.groups, packing.totals, places(), packing.table, packing.mask);
    for (u32 i = 0; i < packing.n_sums; i++, numbers += places()) {
        u32 *group = (u32 *)packing.group_of + i;
        *group = NOWHERE;
        if (minutes == 1 && sums[i].minute < packing.oldest) continue;
        *group = sum_of(&groups, floored(sums[i].minute, minutes), sums[i].row, sums[i].batch);
        i64 *total = numbers_of(&groups, *group);
        for (u32 place = 0; place < places(); place++) total[place] += numbers[place];
    }
    return groups;
}

/* Bring the samples into the order of their groups and kinds. */
static void order(u32 groups) {
    const struct sample *samples = (const struct sample *)packing.samples;
    const u32 *group_of_sum = (const u32 *)packing.group_of;
    u32 *begins = (u32 *)packing.begins, cells = groups * packing.n_kinds;
    u64 *ordered = (u64 *)packing.ordered;
    __builtin_memset(begins, 0, (cells + 2) * sizeof(u32));
    for (u32 i = 0; i < packing.n_samples; i++) {
        u32 group = group_of_sum[samples[i].sum];
        if (group != NOWHERE) begins[group * packing.n_kinds + samples[i].kind + 2]++;
    }
    for (u32 cell = 2; cell < cells + 2; cell++) begins[cell] += begins[cell - 1];
    for (u32 i = 0; i < packing.n_samples; i++) {
        u32 group = group_of_sum[samples[i].sum];
        if (group != NOWHERE) ordered[begins[group * packing.n_kinds + samples[i].kind + 1]++] = samples[i].value;
    }
}

static void put_facts(const i64 *total) {
    put_array(packing.n_facts);
    for (u32 place = 0; place < packing.n_facts; place++) put_integer(total[place]);
}

static void put_own(const i64 *total) {
    const struct span *names = (const struct span *)packing.own;
    u32 counted = 0;
    total += packing.n_facts;
    for (u32 place = 0; place < packing.n_own; place++) counted += total[place] != 0;
    if (!counted) return;
    put_array(2 * counted);
    for (u32 place = 0; place < packing.n_own; place++) {
        if (!total[place]) continue;
        put_bytes((const u8 *)names[place].at, names[place].bytes);
        put_integer(total[place]);
    }
}

/* Buckets with how often each comes; ids each once. */
static void put_samples(u64 *values, u32 count, bool buckets) {
    sort(values, count);
    for (u32 i = 0, next; i < count; i = next) {
        for (next = i + 1; next < count && values[next] == values[i]; next++) {
        }
        if (buckets) {
            put_big_endian(values[i], 2);
            put_big_endian(next - i, 4);
        } else {
            for (u32 byte = 0; byte < 8; byte++) put(values[i] >> 8 * byte);
        }
    }
}

static void put_section(u32 section, const struct sums *groups) {
    const u32 *begins = (const u32 *)packing.begins;
    struct entry *entries = (struct entry *)packing.entries;
    for (u32 i = 0; i < groups->known; i++) {
        const u8 *begin = to;
        const i64 *total = numbers_of(groups, i);
        if (section == 0) {
            put_facts(total);
        } else if (section == 1) {
            put_own(total);
        } else {
            u32 kind = section - 2, cell = i * packing.n_kinds + kind;
            put_samples((u64 *)packing.ordered + begins[cell], begins[cell + 1] - begins[cell], kind < packing.n_buckets);
        }
        if (to > begin) {
            entries[packing.n_entries++] = (struct entry){groups->sums[i], section, (u32)begin, to - begin, 0};
        }
    }
}

static void pack_panes(i64 minutes) {
    const struct sums groups = add_up(minutes);
    order(groups.known);
    for (u32 section = 0; section < 2 + packing.n_kinds; section++) put_section(section, &groups);
}

EXPORT(packing_at) u32 packing_at(void) { return (u32)&packing; }

EXPORT(pack) void pack(void) {
    to = (u8 *)packing.content;
    to_end = to + packing.room;
    packing.n_entries = 0;
    pack_panes(1);
    packing.n_minutes = packing.n_entries;
    pack_panes(MINUTES_A_QUARTER);
    packing.used = to - (u8 *)packing.content;
}
