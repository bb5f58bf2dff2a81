/* From sums by minute to what the store's minute and quarter panes gain, in the store's own bytes: see `store/packing.py`. */
#include "memory.h"
#include "msgpack.h"
#include "sums.h"

enum { LEAF = 12, MINUTES_A_QUARTER = 15, NOWHERE = 0xffffffff };
enum { FACTS, OWN, SAMPLES }; /* sections: from the last one on, kinds of samples */

struct entry {
    u32 row, section, bytes;
};
struct run { /* entries that stand together, as do their bytes */
    i64 pane;
    u32 batch, kind; /* FACTS, OWN, buckets, ids */
    u32 bytes, entries;
};
struct packing {
    i64 oldest; /* minutes before it are left out: their quarters are not */
    u32 n_facts, n_own, own;   /* numbers of a sum: built-in facts, then own ones; struct span each: their names, as stored */
    u32 n_kinds, n_buckets;    /* of samples; the first ones are buckets, the others ids */
    u32 n_sums, n_samples;
    u32 sums, numbers, samples;
    u32 groups, totals, table; /* room for as many groups as sums; the table's for twice as many at least */
    u32 panes, pane_table;     /* the same for the panes that the groups are of */
    u32 group_of, begins, ordered; /* by sum; by group and kind, and two; by sample */
    u32 pane_of, members_begin, members; /* by group; by pane, and two; groups by pane */
    u32 entries, runs, mask;
    u32 content, room;
    u32 n_minutes, n_runs, n_entries, used; /* told: runs of minutes, all; bytes of content, more than room if it is too small */
};

static struct packing packing;

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

/* Bring the groups into the order of their batches' panes, which are returned. */
static struct sums gather(const struct sums *groups) {
    struct sums panes = no_sums(packing.panes, 0, 0, packing.pane_table, packing.mask);
    u32 *pane_of = (u32 *)packing.pane_of, *begins = (u32 *)packing.members_begin, *members = (u32 *)packing.members;
    for (u32 i = 0; i < groups->known; i++) pane_of[i] = sum_of(&panes, groups->sums[i].minute, 0, groups->sums[i].batch);
    __builtin_memset(begins, 0, (panes.known + 2) * sizeof(u32));
    for (u32 i = 0; i < groups->known; i++) begins[pane_of[i] + 2]++;
    for (u32 pane = 2; pane < panes.known + 2; pane++) begins[pane] += begins[pane - 1];
    for (u32 i = 0; i < groups->known; i++) members[begins[pane_of[i] + 1]++] = i;
    return panes;
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

static void put_section(u32 section, u32 group, const struct sums *groups) {
    const u32 *begins = (const u32 *)packing.begins;
    const i64 *total = numbers_of(groups, group);
    const u8 *begin = to;
    if (section == FACTS) {
        put_facts(total);
    } else if (section == OWN) {
        put_own(total);
    } else {
        u32 kind = section - SAMPLES, cell = group * packing.n_kinds + kind;
        put_samples((u64 *)packing.ordered + begins[cell], begins[cell + 1] - begins[cell], kind < packing.n_buckets);
    }
    if (to == begin) return;
    ((struct entry *)packing.entries)[packing.n_entries++] = (struct entry){groups->sums[group].row, section, to - begin};
}

/* The sections in [section, end) of some groups, all of one pane. */
static void put_run(u32 kind, u32 section, u32 end, const struct sum *pane, const u32 *some, u32 count,
                    const struct sums *groups) {
    u32 before = packing.n_entries;
    const u8 *begin = to;
    for (; section < end; section++) {
        for (u32 i = 0; i < count; i++) put_section(section, some[i], groups);
    }
    if (packing.n_entries == before) return;
    ((struct run *)packing.runs)[packing.n_runs++] =
        (struct run){pane->minute, pane->batch, kind, to - begin, packing.n_entries - before};
}

static void pack_panes(i64 minutes) {
    const struct sums groups = add_up(minutes), panes = gather(&groups);
    const u32 *begins = (const u32 *)packing.members_begin, *members = (const u32 *)packing.members;
    const u32 ends[] = {FACTS, OWN, SAMPLES, SAMPLES + packing.n_buckets, SAMPLES + packing.n_kinds};
    order(groups.known);
    for (u32 i = 0; i < panes.known; i++) {
        for (u32 kind = 0; kind < 4; kind++) {
            put_run(kind, ends[kind], ends[kind + 1], &panes.sums[i], members + begins[i], begins[i + 1] - begins[i], &groups);
        }
    }
}

EXPORT(packing_at) u32 packing_at(void) { return (u32)&packing; }

EXPORT(pack) void pack(void) {
    to = (u8 *)packing.content;
    to_end = to + packing.room;
    packing.n_runs = packing.n_entries = 0;
    pack_panes(1);
    packing.n_minutes = packing.n_runs;
    pack_panes(MINUTES_A_QUARTER);
    packing.used = to - (u8 *)packing.content;
}
