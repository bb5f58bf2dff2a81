/* From events to sums: what each event adds to the row of its names in the minute of its time.

   The additions are a program that the caller makes of the facts' definitions: see `kpis/compile.py`. */
#include "event.h"
#include "memory.h"
#include "sums.h"

enum test_kind { CHOSEN, AT_LEAST, BELOW, THERE, AMONG, NOT_AMONG, NAMED, SINCE, BEFORE };
enum what { COUNT, SUM, WIDE, BUCKET, HASH, JUDGE, EXCLUDE };

struct test {
    i64 value;         /* a bound, the bit of a row, or the choices by bit */
    u32 values, count; /* i64 each, ascending */
    u8 kind, slot;
};
struct addition {
    u32 tests;
    u16 n_tests, place, other; /* to which sum; a second one */
    u8 what, n_slots, slots[4];
};
struct program {
    u32 additions, count;
};
struct policy { /* how a call is judged; answered or abandoned up to the limit or beyond it: to (met, of) */
    i64 since, threshold, limit;
    u8 within[2], beyond[2];
};
struct row { /* what is to be known of a row's names; the bits of tests go on behind it */
    u32 policies, count; /* oldest first */
    u64 bits[];
};
struct counting {
    u32 programs; /* by type */
    u32 rows, row_bytes;
    u32 places; /* numbers in a sum */
    u32 n_events, events, sums, numbers, samples, excluded, table, mask;
    u32 n_sums, n_samples, n_excluded;
};

static struct counting counting;
enum { MINUTE_MS = 60000, HIGH_BITS = 24 };

static bool among(const struct test *test, i64 value) {
    const i64 *values = (const i64 *)test->values;
    u32 low = 0, high = test->count;
    while (low < high) {
        u32 middle = (low + high) / 2;
        if (values[middle] < value) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < test->count && values[low] == value;
}

static bool passes(const struct test *test, const struct event *event, const struct row *row) {
    i64 value = event->slots[test->slot];
    bool there = event->present >> test->slot & 1;
    switch ((enum test_kind)test->kind) {
    case CHOSEN: return test->value >> value & 1;
    case AT_LEAST: return there && value >= test->value;
    case BELOW: return there && value < test->value;
    case THERE: return there;
    case AMONG: return there && among(test, value);
    case NOT_AMONG: return !there || !among(test, value);
    case NAMED: return row->bits[test->value >> 6] >> (test->value & 63) & 1;
    case SINCE: return event->ms >= test->value;
    case BEFORE: return event->ms < test->value;
    }
    return false;
}

static void sample(u32 sum, u32 kind, u64 value) {
    ((struct sample *)counting.samples)[counting.n_samples++] = (struct sample){value, sum, kind};
}

/* A value's log bucket: see `kpis/buckets.py`. */
static u64 bucket(u64 value) {
    u32 shift = value < 128 ? 0 : 57 - __builtin_clzll(value);
    return ((u64)shift << 6) + (value >> shift);
}

/* Let the policy in force judge a call: the slots of its wait and of its outcome, and what the latter is if answered. */
static void judge(const struct addition *addition, const struct event *event, const struct row *row, i64 *numbers) {
    const struct policy *policies = (const struct policy *)row->policies, *policy = policies;
    for (u32 i = 1; i < row->count && policies[i].since <= event->ms; i++) policy = &policies[i];
    i64 wait = event->slots[addition->slots[0]];
    if (event->slots[addition->slots[1]] == addition->slots[2]) { /* answered */
        numbers[addition->place] += wait <= policy->threshold;
        numbers[addition->other]++;
    } else {
        const u8 *adds = wait <= policy->limit ? policy->within : policy->beyond;
        numbers[addition->place] += adds[0];
        numbers[addition->other] += adds[1];
    }
}

static void add(
    const struct addition *addition, const struct event *event, const struct row *row, const struct sums *sums, u32 sum
) {
    const struct test *tests = (const struct test *)addition->tests;
    for (u32 i = 0; i < addition->n_tests; i++) {
        if (!passes(&tests[i], event, row)) return;
    }
    i64 *numbers = numbers_of(sums, sum), value = 0;
    if (addition->what <= HASH) {
        for (u32 i = 0; i < addition->n_slots; i++) value += event->slots[addition->slots[i]];
    }
    switch ((enum what)addition->what) {
    case COUNT: numbers[addition->place]++; break;
    case SUM: numbers[addition->place] += value; break;
    case WIDE:
        numbers[addition->place] += value & ((1 << HIGH_BITS) - 1);
        numbers[addition->other] += value >> HIGH_BITS;
        break;
    case BUCKET: sample(sum, addition->place, bucket(value)); break;
    case HASH: sample(sum, addition->place, value); break;
    case JUDGE: judge(addition, event, row, numbers); break;
    case EXCLUDE: ((u32 *)counting.excluded)[counting.n_excluded++] = event->batch; break;
    }
}

EXPORT(counting_at) u32 counting_at(void) { return (u32)&counting; }

/* Count the events. The table's places are a power of two. */
EXPORT(count) void count(void) {
    const struct event *event = (const struct event *)counting.events;
    const struct program *programs = (const struct program *)counting.programs;
    struct sums sums = no_sums(counting.sums, counting.numbers, counting.places, counting.table, counting.mask);
    counting.n_samples = counting.n_excluded = 0;
    for (u32 left = counting.n_events; left--; event++) {
        const struct program *program = &programs[event->type];
        if (!program->count) continue;
        const struct addition *additions = (const struct addition *)program->additions;
        const struct row *row = (const struct row *)(counting.rows + event->row * counting.row_bytes);
        u32 sum = sum_of(&sums, floored(event->ms, MINUTE_MS), event->row, event->batch);
        for (u32 i = 0; i < program->count; i++) add(&additions[i], event, row, &sums, sum);
    }
    counting.n_sums = sums.known;
}
