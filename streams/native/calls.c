/* The open calls of one partition: see `worker/calls.py`. */
#include "event.h"
#include "memory.h"
#include "msgpack.h"
#include "xxh3.h"

enum { STEP = 16, CLASSES = 64, LEAST = 1 << 10, HEAD_MOST = 64 };

struct call {
    u64 id;                      /* hash of its name */
    i64 queued, answered, last;  /* times; the latest one */
    u32 queued_row, answered_row;
    struct call *next;           /* of those that have changed */
    u32 packed;                  /* bytes */
    bool is_queued, is_answered;
    bool changed, over, stored;  /* since the store was told; what it knows of */
    u8 direction;
    u32 bytes;
    u8 name[];
};
struct stored { /* as the caller loads it; rows and directions are numbers, names lie one after the other */
    i64 queued, answered, last;
    u32 queued_row, answered_row;
    u8 is_queued, is_answered, direction, unused;
    u32 bytes;
};
static struct {
    i64 forgotten_after;
    u32 queued, ended;           /* types */
    u32 id, direction;           /* slots */
    u32 rows, packed;            /* struct span each, two a row: queue and team, as they are stored, behind `packed` */
    u32 directions;              /* struct span each */
    u32 n, given, names;         /* events with their texts; or what is stored, with its names */
    u32 followed, event_rows;    /* byte by event: it is a step of a call that has not ended; u32 by event: its row */
    i64 before;                  /* what is silent since then is swept out */
    u32 content, states, lengths, kept, gone; /* told: where what has changed is, and its pieces' bytes */
} calls;

static struct call **table, *changed;
static u32 mask, count;
static struct call *spare[CLASSES];
static u8 *content;
static u64 room;

static void *some(u64 bytes) {
    void *found = reserve(bytes);
    if (!found) __builtin_trap();
    return found;
}

static u32 class_of(u32 bytes) { return (sizeof(struct call) + bytes + STEP - 1) / STEP; }

static struct call *new_call(u64 id, const u8 *name, u32 bytes) {
    u32 class = class_of(bytes);
    if (class >= CLASSES) __builtin_trap();
    struct call *call = spare[class];
    if (call) {
        spare[class] = call->next;
    } else {
        call = some(class * STEP);
    }
    *call = (struct call){.id = id, .bytes = bytes};
    __builtin_memcpy(call->name, name, bytes);
    return call;
}

static void free_call(struct call *call) {
    u32 class = class_of(call->bytes);
    call->next = spare[class];
    spare[class] = call;
}

/* Where a call is, or could be. */
static u32 place_of(u64 id) {
    u32 place = (u32)id & mask;
    while (table[place] && table[place]->id != id) place = (place + 1) & mask;
    return place;
}

static void make_table(u32 size) {
    struct call **old = table;
    u32 places = old ? mask + 1 : 0;
    table = some((u64)size * sizeof *table);
    mask = size - 1;
    __builtin_memset(table, 0, (u64)size * sizeof *table);
    for (u32 i = 0; i < places; i++) {
        if (old[i]) table[place_of(old[i]->id)] = old[i];
    }
}

static void enter(struct call *call) {
    if (!table) make_table(LEAST);
    if (++count > mask / 2) make_table(2 * (mask + 1));
    table[place_of(call->id)] = call;
}

/* Empty a place; what was pushed on by what stood there moves up. */
static void empty(u32 place) {
    count--;
    for (u32 next = (place + 1) & mask; table[next]; next = (next + 1) & mask) {
        u32 home = (u32)table[next]->id & mask;
        if (((next - home) & mask) >= ((next - place) & mask)) {
            table[place] = table[next];
            place = next;
        }
    }
    table[place] = 0;
}

static void change(struct call *call) {
    if (call->changed) return;
    call->changed = true;
    call->next = changed;
    changed = call;
}

static void close_at(u32 place) {
    struct call *call = table[place];
    call->over = true;
    change(call);
    empty(place);
}

static void open_or_go_on(const struct event *event, u32 row) {
    i64 oldest = event->arrival - calls.forgotten_after, ms = event->ms;
    u64 id = event->slots[calls.id];
    if (ms < oldest) return;
    struct call *call = count ? table[place_of(id)] : 0;
    if (!call) {
        call = new_call(id, (const u8 *)calls.names + event->text_at, event->text_bytes);
        call->last = ms;
        enter(call);
    } else if (call->last < oldest) {
        call->is_queued = call->is_answered = false;
        call->last = ms;
    }
    if (event->type == calls.queued) {
        if (!call->is_queued || ms >= call->queued) {
            call->is_queued = true;
            call->queued = ms;
            call->queued_row = row;
        }
    } else if (!call->is_answered || ms >= call->answered) {
        call->is_answered = true;
        call->answered = ms;
        call->answered_row = row;
        call->direction = event->slots[calls.direction];
    }
    if (ms > call->last) call->last = ms;
    change(call);
}

static void put_span(u32 spans, u32 number, u32 behind) {
    const struct span *span = (const struct span *)spans + number;
    put_bytes((const u8 *)behind + span->at, span->bytes);
}

static void put_queue(u32 row) { put_span(calls.rows, 2 * row, calls.packed); }
static void put_team(u32 row) { put_span(calls.rows, 2 * row + 1, calls.packed); }

static void put_nil(void) { put(0xc0); }

static void put_state(const struct call *call) {
    put_array(7);
    if (call->is_queued) {
        put_integer(call->queued);
        put_queue(call->queued_row);
        put_team(call->queued_row);
    } else {
        for (int i = 0; i < 3; i++) put_nil();
    }
    if (call->is_answered) {
        put_integer(call->answered);
        put_team(call->answered_row);
        put_span(calls.directions, call->direction, 0);
    } else {
        for (int i = 0; i < 3; i++) put_nil();
    }
    put_integer(call->last);
}

static void put_name(const struct call *call) {
    if (call->bytes < 32) {
        put(0xa0 | call->bytes);
    } else {
        bool wide = call->bytes >= 1 << 8;
        put(wide ? 0xda : 0xd9);
        put_big_endian(call->bytes, wide ? 2 : 1);
    }
    put_bytes(call->name, call->bytes);
}

static u32 span_bytes(u32 spans, u32 number) { return ((const struct span *)spans)[number].bytes; }

/* More than what tells of a call can take. */
static u64 most(const struct call *call) {
    u64 bytes = HEAD_MOST + call->bytes;
    if (call->is_queued) bytes += span_bytes(calls.rows, 2 * call->queued_row) + span_bytes(calls.rows, 2 * call->queued_row + 1);
    if (call->is_answered) bytes += span_bytes(calls.rows, 2 * call->answered_row + 1) + span_bytes(calls.directions, call->direction);
    return bytes;
}

/* Whether the store is to let a call go: not if it was forgotten that it had ended, and it has been opened anew. */
static bool is_gone(const struct call *call) {
    return call->over && call->stored && !(count && table[place_of(call->id)]);
}

static u32 since(const u8 *begin) { return to - begin; }

EXPORT(calls_at) u32 calls_at(void) { return (u32)&calls; }

/* Follow the events that are given. */
EXPORT(follow_calls) void follow_calls(void) {
    const struct event *event = (const struct event *)calls.given;
    for (u32 i = 0; i < calls.n; i++, event++) {
        if (event->type == calls.ended) {
            u32 place = count ? place_of(event->slots[calls.id]) : 0;
            if (count && table[place]) close_at(place);
        } else if (((const u8 *)calls.followed)[i]) {
            open_or_go_on(event, ((const u32 *)calls.event_rows)[i]);
        }
    }
}

/* Take over what is stored. */
EXPORT(load_calls) void load_calls(void) {
    const struct stored *stored = (const struct stored *)calls.given;
    const u8 *name = (const u8 *)calls.names;
    for (u32 i = 0; i < calls.n; i++, stored++) {
        struct call *call = new_call(xxh3(name, stored->bytes, 0), name, stored->bytes);
        name += stored->bytes;
        call->queued = stored->queued;
        call->answered = stored->answered;
        call->last = stored->last;
        call->queued_row = stored->queued_row;
        call->answered_row = stored->answered_row;
        call->is_queued = stored->is_queued;
        call->is_answered = stored->is_answered;
        call->direction = stored->direction;
        call->stored = true;
        enter(call);
    }
}

EXPORT(sweep_calls) void sweep_calls(void) {
    for (u32 place = 0; count && place <= mask; place++) {
        while (table[place] && table[place]->last < calls.before) close_at(place);
    }
}

/* Let all calls have changed. */
EXPORT(tell_all_calls) void tell_all_calls(void) {
    for (u32 place = 0; count && place <= mask; place++) {
        if (table[place]) change(table[place]);
    }
}

/* Tell what has changed since the last time: states, and as MessagePack their lengths, their names, and the names of the
   calls that are gone. */
EXPORT(tell_calls) void tell_calls(void) {
    u32 kept = 0, gone = 0;
    u64 bytes = HEAD_MOST;
    for (const struct call *call = changed; call; call = call->next) {
        bytes += most(call);
        kept += !call->over;
        gone += is_gone(call);
    }
    if (bytes > room) {
        room = 2 * bytes;
        content = some(room);
    }
    to = content;
    to_end = content + room;
    for (struct call *call = changed; call; call = call->next) {
        if (call->over) continue;
        const u8 *begin = to;
        put_state(call);
        call->packed = since(begin);
    }
    calls.content = (u32)content;
    calls.states = since(content);
    put_array(kept);
    for (const struct call *call = changed; call; call = call->next) {
        if (!call->over) put_integer(call->packed);
    }
    calls.lengths = since(content) - calls.states;
    put_array(kept);
    for (const struct call *call = changed; call; call = call->next) {
        if (!call->over) put_name(call);
    }
    calls.kept = since(content) - calls.states - calls.lengths;
    put_array(gone);
    for (const struct call *call = changed; call; call = call->next) {
        if (is_gone(call)) put_name(call);
    }
    calls.gone = since(content) - calls.states - calls.lengths - calls.kept;
    for (struct call *call = changed, *next; call; call = next) {
        next = call->next;
        call->changed = false;
        call->stored = true;
        if (call->over) free_call(call);
    }
    changed = 0;
}
