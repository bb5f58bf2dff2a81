#include "memory.h"

enum { PAGE = 1 << 16 };
static const u64 END = 0xffff0000;

extern u8 __heap_base;
static u64 used;

void *reserve(u64 bytes) {
    u64 begin = ((used ? used : (u64)(u32)&__heap_base) + 15) & ~15ull, end = begin + bytes;
    u64 have = (u64)__builtin_wasm_memory_size(0) * PAGE;
    if (bytes > END || end > END) return 0;
    if (end > have && __builtin_wasm_memory_grow(0, (end - have + PAGE - 1) / PAGE) == (unsigned long)-1) return 0;
    used = end;
    return (void *)(u32)begin;
}

EXPORT(keep) u32 keep(u32 bytes) { return (u32)reserve(bytes); }
