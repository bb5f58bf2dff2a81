/* An event of fixed width, as Python reads it too: see `EVENT` in events.py. */
#pragma once
#include "base.h"

enum { SLOTS = 12 };

struct event {
    i64 ms;          /* its time */
    i64 arrival;     /* the caller's: of the record that brought it */
    i64 offset;      /* the caller's */
    u64 id;          /* hash of (source, id) */
    u32 source, row; /* numbers, see names.h */
    u32 present;     /* bit by slot */
    u32 text_at, text_bytes; /* in the texts that come with the events */
    u8 taken, type;
    u16 batch;       /* the caller's: of those that are counted together */
    i64 slots[SLOTS];
};

_Static_assert(sizeof(struct event) == 152, "EVENT in events.py says the same");
