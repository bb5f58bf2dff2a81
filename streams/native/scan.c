/* From JSON to events of fixed width: what is plainly an event of the topic's models. All else is left to the models.

   A value is taken only if it is exact JSON with nothing twice, and each field is as its model wants it. So nothing is
   ever accepted here that the models would refuse; what is doubtful costs time, not truth. */
#include "event.h"
#include "memory.h"
#include "names.h"
#include "rfc3339.h"
#include "text.h"

enum { MOST = 1024, BYTES_MOST = (1 << 22) + (1 << 12), TEXTS = 32, DEPTH = 32 };
enum kind { TEXT, NAME, INTEGER, FLAG, CHOICE, TIME, ID, SOURCE, TYPE, DATA };
enum { RESERVED = 1, ASSIGNED = 2, CAPITALS = 4 }; /* rules of a text: no `__` in front; not `unassigned`; A to Z */

struct field {
    i64 low, high;          /* bounds of an integer */
    u32 key, key_bytes;
    u32 least, most;        /* code points of a text */
    u32 choices, n_choices; /* struct span each; a choice is its number, from 1 on */
    u8 kind, needed, slot, rules;
    u8 text;                /* where a record's texts are kept while it is read */
};
struct group {
    u64 needed; /* bit by field */
    u32 fields, count;
    u32 kept, unused; /* which text comes with the event; TEXTS: none */
};
struct hash { /* of one text, or of several: each is hashed with the hash before it as its seed */
    u8 slot, count, texts[6];
};
struct schema {
    struct group envelope;
    u32 types; /* struct group each */
    u32 hashes, n_hashes;
};

static struct schema schema;
static struct event events[MOST];
static struct {
    u32 count, lengths[MOST];
} asked;
static u8 values[BYTES_MOST], unescaped_texts[BYTES_MOST];
static struct {
    u32 used;
    u8 bytes[BYTES_MOST];
} kept;

/* The event that is being read. */
static struct event *now;
static struct text texts[TEXTS];
static u32 texts_there; /* bit by text */
static u32 row_names[4];
static struct text id_text, source_text;
static const u8 *data_later; /* data that came before the type */
static i32 type_now;
static u8 *scratch;

static const u8 *spaces(const u8 *at) {
    while (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t') at++;
    return at;
}

static inline bool digit(u8 c) { return (u32)(c - '0') <= 9; }

static const u8 *skip_number(const u8 *at) {
    if (*at == '-') at++;
    if (!digit(*at)) return 0;
    if (*at++ != '0') {
        while (digit(*at)) at++;
    }
    if (*at == '.') {
        if (!digit(*++at)) return 0;
        while (digit(*at)) at++;
    }
    if ((*at | 0x20) == 'e') {
        at++;
        if (*at == '+' || *at == '-') at++;
        if (!digit(*at)) return 0;
        while (digit(*at)) at++;
    }
    return at;
}

static const u8 *word(const u8 *at, const char *wanted, u32 bytes) {
    return same(at, (const u8 *)wanted, bytes) ? at + bytes : 0;
}

/* Return what follows a value that nobody reads; NULL if it is no JSON, or too deep. */
static const u8 *skip(const u8 *at, u32 depth) {
    struct text ignored;
    u8 *aside = scratch;
    switch (*at) {
    case '"': return read_text(at + 1, &ignored, &aside);
    case 't': return word(at, "true", 4);
    case 'f': return word(at, "false", 5);
    case 'n': return word(at, "null", 4);
    case '{':
    case '[': {
        u8 close = *at == '{' ? '}' : ']';
        if (depth == DEPTH) return 0;
        at = spaces(at + 1);
        if (*at == close) return at + 1;
        for (;;) {
            if (close == '}') {
                if (*at != '"' || !(at = read_text(at + 1, &ignored, &aside))) return 0;
                at = spaces(at);
                if (*at++ != ':') return 0;
                at = spaces(at);
                aside = scratch;
            }
            if (!(at = skip(at, depth + 1))) return 0;
            at = spaces(at);
            if (*at == close) return at + 1;
            if (*at++ != ',') return 0;
            at = spaces(at);
        }
    }
    default: return skip_number(at);
    }
}

static bool in_rules(const struct text *text, const struct field *field) {
    const u8 *at = text->at;
    if (text->chars < field->least || text->chars > field->most) return false;
    if (field->rules & RESERVED && text->bytes > 1 && at[0] == '_' && at[1] == '_') return false;
    if (field->rules & ASSIGNED && text->bytes == 10 && same(at, (const u8 *)"unassigned", 10)) return false;
    if (field->rules & CAPITALS) {
        for (u32 i = 0; i < text->bytes; i++) {
            if (at[i] < 'A' || at[i] > 'Z') return false;
        }
    }
    return true;
}

static u32 chosen(const struct text *text, const struct field *field) {
    const struct span *choices = (const struct span *)field->choices;
    for (u32 i = 0; i < field->n_choices; i++) {
        if (choices[i].bytes == text->bytes && same((const u8 *)choices[i].at, text->at, text->bytes)) return i + 1;
    }
    return 0;
}

static inline void put(const struct field *field, i64 value) {
    now->slots[field->slot] = value;
    now->present |= 1u << field->slot;
}

static const u8 *read_integer(const u8 *at, const struct field *field) {
    bool negative = *at == '-';
    const u8 *first = at + negative;
    i64 value = 0;
    for (at = first; digit(*at); at++) value = value * 10 + (*at - '0');
    u32 digits = at - first;
    if (!digits || digits > 18 || (digits > 1 && *first == '0') || *at == '.' || (*at | 0x20) == 'e') return 0;
    if (negative) value = -value;
    if (value < field->low || value > field->high) return 0;
    put(field, value);
    return at;
}

static const u8 *read_string(const u8 *at, const struct field *field) {
    struct text text;
    if (*at != '"' || !(at = read_text(at + 1, &text, &scratch)) || !in_rules(&text, field)) return 0;
    u32 number;
    switch (field->kind) {
    case TEXT:
        texts[field->text] = text;
        texts_there |= 1u << field->text;
        return at;
    case NAME: row_names[field->slot] = number_of(text.at, text.bytes); return at;
    case ID: id_text = text; return at;
    case SOURCE: source_text = text; return at;
    case TIME: return (now->ms = epoch_ms(text.at, text.bytes)) == NO_TIME ? 0 : at;
    }
    if (!(number = chosen(&text, field))) return 0;
    if (field->kind == TYPE) {
        type_now = number - 1;
    } else if (field->slot < SLOTS) {
        put(field, number);
    }
    return at;
}

static const u8 *read_object(const u8 *at, const struct group *group);

static const struct group *data_group(void) { return (const struct group *)schema.types + type_now; }

static const u8 *read_value(const u8 *at, const struct field *field) {
    switch (field->kind) {
    case INTEGER: return read_integer(at, field);
    case FLAG:
        if (*at == 't') {
            put(field, 1);
            return word(at, "true", 4);
        }
        return word(at, "false", 5);
    case DATA:
        if (type_now >= 0) return read_object(at, data_group());
        data_later = at;
        return skip(at, 1);
    default: return read_string(at, field);
    }
}

/* Read an object's fields; NULL if it is not plainly what the models want. */
static const u8 *read_object(const u8 *at, const struct group *group) {
    const struct field *fields = (const struct field *)group->fields;
    u64 seen = 0, there = 0;
    u32 next = 0, count = group->count;
    if (*at != '{') return 0;
    at = spaces(at + 1);
    if (*at != '}') {
        for (;;) {
            if (*at != '"') return 0;
            const u8 *key = at + 1, *end = plain_until(key);
            if (*end != '"') return 0; /* escapes or no ASCII: none of our keys, or oddly written */
            u32 bytes = end - key, found = next, tried = 0;
            for (; tried < count; tried++, found = found + 1 == count ? 0 : found + 1) {
                const struct field *field = &fields[found];
                if (field->key_bytes == bytes && same((const u8 *)field->key, key, bytes)) break;
            }
            at = spaces(end + 1);
            if (*at++ != ':') return 0;
            at = spaces(at);
            if (tried == count) {
                at = skip(at, 1);
            } else {
                if (seen >> found & 1) return 0;
                seen |= 1ull << found;
                if (*at == 'n') {
                    at = fields[found].needed ? 0 : word(at, "null", 4);
                } else {
                    at = read_value(at, &fields[found]);
                    there |= 1ull << found;
                }
                next = found + 1 == count ? 0 : found + 1;
            }
            if (!at) return 0;
            at = spaces(at);
            if (*at == '}') break;
            if (*at++ != ',') return 0;
            at = spaces(at);
        }
    }
    return (there & group->needed) == group->needed ? at + 1 : 0;
}

static inline u64 hashed(const struct hash *hash) {
    u64 seed = 0;
    for (u32 i = 0; i < hash->count; i++) seed = xxh3(texts[hash->texts[i]].at, texts[hash->texts[i]].bytes, seed);
    return seed;
}

static void keep_text(const struct text *text) {
    now->text_at = kept.used;
    now->text_bytes = text->bytes;
    __builtin_memcpy(kept.bytes + kept.used, text->at, text->bytes);
    kept.used += text->bytes;
}

static void finish(void) {
    const struct hash *hashes = (const struct hash *)schema.hashes;
    now->source = number_of(source_text.at, source_text.bytes);
    now->id = xxh3(id_text.at, id_text.bytes, names[now->source].hash);
    now->row = row_of(row_names);
    now->type = type_now;
    for (u32 i = 0; i < schema.n_hashes; i++) {
        u32 wanted = 0;
        for (u32 j = 0; j < hashes[i].count; j++) wanted |= 1u << hashes[i].texts[j];
        if ((texts_there & wanted) == wanted) {
            now->slots[hashes[i].slot] = hashed(&hashes[i]);
            now->present |= 1u << hashes[i].slot;
        }
    }
    u32 wanted = data_group()->kept;
    if (wanted < TEXTS && texts_there >> wanted & 1) keep_text(&texts[wanted]);
    now->taken = true;
}

static void read_event(const u8 *at, const u8 *end) {
    __builtin_memset(now, 0, sizeof *now);
    __builtin_memset(row_names, 0, sizeof row_names);
    texts_there = 0;
    type_now = -1;
    data_later = 0;
    if (!(at = read_object(spaces(at), &schema.envelope)) || spaces(at) != end) return;
    if (data_later && !read_object(data_later, data_group())) return;
    finish();
}

/* Where things are, for the caller to read and write. */
EXPORT(place) u32 place(u32 which) {
    const void *places[] = {&asked, values, events, &schema, names, name_bytes, rows, &known, &kept};
    return (u32)places[which];
}

/* Read the values that are asked for: they lie one after the other, each with a zero behind it and the last with 16. */
EXPORT(scan) void scan(void) {
    const u8 *at = values;
    scratch = unescaped_texts;
    kept.used = 0;
    for (u32 i = 0; i < asked.count; i++) {
        const u8 *end = at + asked.lengths[i];
        now = &events[i];
        read_event(at, end);
        at = end + 1;
    }
}
