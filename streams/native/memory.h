/* Memory beyond what is static: it grows, and whoever has some keeps it for good. */
#pragma once
#include "base.h"

/* Room for so many bytes, at a multiple of 16; NULL when there is none. */
void *reserve(u64 bytes);

/* Bytes that somebody has put there. */
struct span {
    u32 at, bytes;
};
