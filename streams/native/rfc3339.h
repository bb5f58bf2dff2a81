/* RFC 3339 to epoch milliseconds: cut, never rounded. */
#pragma once
#include "base.h"

static const i64 NO_TIME = -(1ll << 60);

static inline i32 two(const u8 *at) {
    u32 tens = at[0] - '0', ones = at[1] - '0';
    return tens > 9 || ones > 9 ? -1 : (i32)(tens * 10 + ones);
}

static inline i64 days_since_1970(i32 year, i32 month, i32 day) {
    year -= month <= 2; /* years begin in March: so the leap day is the last one */
    i32 era = year / 400, of_era = year - era * 400;
    i32 of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097ll + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* `2026-11-24T09:30:00`, of which 19 bytes are there, as epoch ms if it were UTC. */
static i64 wall(const u8 *at) {
    i32 century = two(at), years = two(at + 2), month = two(at + 5), day = two(at + 8);
    i32 hour = two(at + 11), minute = two(at + 14), second = two(at + 17);
    bool shaped = at[4] == '-' && at[7] == '-' && (at[10] | 0x20) == 't' && at[13] == ':' && at[16] == ':';
    if (!shaped || century < 0 || years < 0 || month < 1 || month > 12 || day < 1) return NO_TIME;
    if ((u32)hour > 23 || (u32)minute > 59 || (u32)second > 59) return NO_TIME;
    i32 year = century * 100 + years;
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    i32 last = month == 2 ? 28 + leap : 30 + ((month + (month > 7)) & 1);
    if (year < 1 || day > last) return NO_TIME;
    return days_since_1970(year, month, day) * 86400000 + (hour * 3600 + minute * 60 + second) * 1000;
}

/* What a text says; NO_TIME if it is no time. */
static i64 epoch_ms(const u8 *at, u32 bytes) {
    const u8 *end = at + bytes;
    if (bytes < 20) return NO_TIME;
    i64 ms = wall(at);
    if (ms == NO_TIME) return NO_TIME;
    at += 19;
    if (*at == '.') {
        i32 digits = 0, worth = 100;
        for (at++; at < end && (u32)(*at - '0') <= 9; at++, digits++, worth /= 10) ms += (*at - '0') * worth;
        if (digits < 1 || digits > 9) return NO_TIME;
    }
    if (end - at == 1 && (*at | 0x20) == 'z') return ms;
    if (end - at != 6 || (*at != '+' && *at != '-') || at[3] != ':') return NO_TIME;
    i32 hours = two(at + 1), minutes = two(at + 4);
    if ((u32)hours > 23 || (u32)minutes > 59) return NO_TIME;
    i64 offset = (hours * 60 + minutes) * 60000;
    return *at == '-' ? ms + offset : ms - offset;
}
