-- Apply one batch of a source partition: all of it, or nothing.
--
-- KEYS[1]  prefix of the partition's keys; all that is touched begins with it and so shares its hash tag and slot
-- ARGV[1]  epoch      ARGV[2]  owner     ARGV[3]  start     ARGV[4]  end      ARGV[5]  lease in ms
-- ARGV[6]  msgpack: {arrival, watermark, horizon in hours, counters, sources, panes, seen, ended, calls, reps}
--            counters, sources   flat {name, number, ...}
--            panes               {{pane, expiry in s, {{kind, {fields}, {lengths}}, ...}}, ...}
--            seen, ended         flat {hour, length, ...}
--            calls, reps         {{names}, {lengths}, {names that leave}}
-- ARGV[7]  the bytes that the lengths above cut up, in their order (cmsgpack knows no binary type):
--            facts     a msgpack array of addends
--            buckets   entries of bucket (2 bytes) and count (4), big-endian, buckets ascending
--            own       a msgpack array {fact, number, ...}, ascending by bytes
--            distinct  ids of 8 bytes, little-endian, ascending, each once
--            seen, ended  ids of 8 bytes in the order of their coming
--            calls, reps  packed states, stored as they are
--
-- Returns 1 applied, 2 already applied, 0 refused: the claim is void or the batch does not begin at `next`.
-- Comparing the start, not the end, is what makes an overlapping batch of a zombie harmless.
--
-- Redis does not undo what a failed script has written. So everything is read, checked and added up first; the
-- writes come last, and by then each is known to be possible.
local prefix = KEYS[1]
local ledger = prefix .. 'ledger'
local held = redis.call('HMGET', ledger, 'epoch', 'owner', 'next', 'prev', 'arrival', 'watermark', 'sequence', 'forgotten')
if held[1] ~= ARGV[1] or held[2] ~= ARGV[2] then
  return 0
end
if held[3] ~= ARGV[3] then
  if held[3] == ARGV[4] and held[4] == ARGV[3] then
    return 2
  end
  return 0
end

local byte, sub, whole, floor = string.byte, string.sub, string.format, math.floor
local pack, unpack_all = cmsgpack.pack, cmsgpack.unpack
local batch = unpack_all(ARGV[6])
local arrival, watermark = math.max(batch[1], tonumber(held[5] or 0)), math.max(batch[2], tonumber(held[6] or 0))
local time = redis.call('TIME')
local now_s = tonumber(time[1])
local now = now_s * 1000 + floor(time[2] / 1000)
local sequence = tonumber(held[7] or 0) + 1

local STEP = 2000 -- fields a command: Lua's stack takes about 8000 values
local PIECE = 4080 -- bytes of ids in one element: two fill a list's node of 8 KiB
local MOST_SOURCES = 200
local MOST_TOLD = 131072 -- bytes of a batch that is published

local bytes, cursor = ARGV[7], 0
local function cut(length)
  cursor = cursor + length
  return sub(bytes, cursor - length + 1, cursor)
end

-- What is to be written, in this order.
local commands = {}
local function later(...)
  commands[#commands + 1] = {...}
end

-- How many numbers a packed array holds, and where the first begins.
local function head(packed)
  local first, high, low = byte(packed, 1, 3)
  if first == 0xdc then
    return high * 256 + low, 4
  end
  return first - 0x90, 2
end

local function add_facts(old, new)
  local n, from = head(old)
  local m, new_from = head(new)
  if n < m then
    old, new, n, m, from, new_from = new, old, m, n, new_from, from
  end
  if m == 0 then
    return old
  end
  local both = {unpack_all(sub(old, from) .. sub(new, new_from))}
  for i = 1, m do
    both[i] = both[i] + both[n + i]
  end
  return sub(old, 1, from - 1) .. pack(unpack(both, 1, n))
end

-- Entries of 6 bytes, bucket (2) and count (4), big-endian and ascending: found by halving, spliced in as bytes.
local function add_buckets(old, new)
  if #old % 6 ~= 0 then
    error('a row of buckets is damaged')
  end
  local parts, n, from, low, size = {}, 0, 1, 0, #old / 6
  for at = 1, #new, 6 do
    local one, two = byte(new, at, at + 1)
    local bucket, high = one * 256 + two, size
    while low < high do
      local middle = floor((low + high) / 2)
      one, two = byte(old, middle * 6 + 1, middle * 6 + 2)
      if one * 256 + two < bucket then
        low = middle + 1
      else
        high = middle
      end
    end
    local here = low * 6 + 1
    if sub(old, here, here + 1) == sub(new, at, at + 1) then
      parts[n + 1] = sub(old, from, here + 1)
      parts[n + 2] = struct.pack('>I4', struct.unpack('>I4', old, here + 2) + struct.unpack('>I4', new, at + 2))
      from = here + 6
    else
      parts[n + 1] = sub(old, from, here - 1)
      parts[n + 2] = sub(new, at, at + 5)
      from = here
    end
    n = n + 2
  end
  parts[n + 1] = sub(old, from)
  return table.concat(parts)
end

-- Lua compares strings by the server's locale, which may hold different names for equal.
local function before(a, b)
  for i = 1, math.min(#a, #b) do
    local x, y = byte(a, i), byte(b, i)
    if x ~= y then
      return x < y
    end
  end
  return #a < #b
end

local function add_own(old, new)
  old, new = unpack_all(old), unpack_all(new)
  local at = 1
  for i = 1, #new, 2 do
    local name = new[i]
    while old[at] ~= nil and old[at] ~= name and before(old[at], name) do
      at = at + 2
    end
    if old[at] == name then
      old[at + 1] = old[at + 1] + new[i + 1]
    else
      table.insert(old, at, new[i + 1])
      table.insert(old, at, name)
    end
  end
  return pack(old)
end

-- Ids ascending as numbers, each once: a set has one form, however its ids came. They are found by halving.
local function add_ids(old, new)
  if #old % 8 ~= 0 then
    error('a row of ids is damaged')
  end
  local parts, n, from, low, size = {}, 0, 1, 0, #old / 8
  for at = 1, #new, 8 do
    local lesser, greater = struct.unpack('<I4I4', new, at)
    local high = size
    while low < high do
      local middle = floor((low + high) / 2)
      local held_lesser, held_greater = struct.unpack('<I4I4', old, middle * 8 + 1)
      if held_greater < greater or held_greater == greater and held_lesser < lesser then
        low = middle + 1
      else
        high = middle
      end
    end
    local here, id = low * 8 + 1, sub(new, at, at + 7)
    if sub(old, here, here + 7) ~= id then
      parts[n + 1], parts[n + 2] = sub(old, from, here - 1), id
      n, from = n + 2, here
    end
  end
  parts[n + 1] = sub(old, from)
  return table.concat(parts)
end

local add = {facts = add_facts, buckets = add_buckets, own = add_own, distinct = add_ids}

local function merge(key, kind, fields, lengths)
  local add_kind = add[kind]
  for first = 1, #fields, STEP do
    local last = math.min(first + STEP - 1, #fields)
    local stored = redis.call('HMGET', key, unpack(fields, first, last))
    local write, n = {'HSET', key}, 2
    for i = first, last do
      local old, new = stored[i - first + 1], cut(lengths[i])
      if old then
        new = add_kind(old, new)
      end
      write[n + 1], write[n + 2] = fields[i], new
      n = n + 2
    end
    commands[#commands + 1] = write
  end
end

local function skip(lengths)
  for i = 1, #lengths do
    cursor = cursor + lengths[i]
  end
end

local changes = prefix .. 'changes'
redis.call('ZCARD', changes)
for _, pane in ipairs(batch[6]) do
  local name, expiry = pane[1], pane[2]
  local expiring = {} -- keys
  for _, section in ipairs(pane[3]) do
    if expiry > now_s then
      local key = prefix .. (section[1] == 'distinct' and 'd' or '') .. name
      merge(key, section[1], section[2], section[3])
      expiring[key] = true
    else
      skip(section[3])
    end
  end
  for key in pairs(expiring) do
    later('EXPIREAT', key, expiry)
  end
  if next(expiring) then
    later('ZADD', changes, sequence, name)
  end
end

-- Ids expire by arrival, not by the clock: a back-fill of last week remembers as long as that week did. They stand
-- in a list of equal pieces: a string that is appended to doubles its room, and would need 16 bytes an id.
local function hour_of(ms)
  return floor(ms / 3600000)
end
local forgotten = hour_of(arrival) - batch[3] - 2 -- this hour and all before it

local function remember(kind, entries)
  for i = 1, #entries, 2 do
    local hour, ids = entries[i], cut(entries[i + 1])
    if hour > forgotten then
      local key = prefix .. kind .. hour
      local last = redis.call('LINDEX', key, -1)
      local from = 1
      if last and #last < PIECE then
        from = PIECE - #last + 1
        later('LSET', key, -1, last .. sub(ids, 1, from - 1))
      end
      for at = from, #ids, PIECE do
        later('RPUSH', key, sub(ids, at, at + PIECE - 1))
      end
    end
  end
end
remember('seen:', batch[7])
remember('ended:', batch[8])
if held[8] then
  for hour = tonumber(held[8]) + 1, math.min(forgotten, hour_of(tonumber(held[5] or 0))) do
    later('DEL', prefix .. 'seen:' .. hour, prefix .. 'ended:' .. hour)
  end
end

local function keep(kind, entries)
  local key, names, lengths, gone = prefix .. kind, entries[1], entries[2], entries[3]
  redis.call('HLEN', key)
  for first = 1, #names, STEP do
    local write, n = {'HSET', key}, 2
    for i = first, math.min(first + STEP - 1, #names) do
      write[n + 1], write[n + 2] = names[i], cut(lengths[i])
      n = n + 2
    end
    commands[#commands + 1] = write
  end
  for first = 1, #gone, STEP do
    later('HDEL', key, unpack(gone, first, math.min(first + STEP - 1, #gone)))
  end
end
keep('calls', batch[9])
keep('reps', batch[10])

local sources, entries = prefix .. 'sources', batch[5]
local room = MOST_SOURCES - redis.call('HLEN', sources)
for i = 1, #entries, 2 do
  local last = redis.call('HGET', sources, entries[i])
  if not last and room > 0 then
    room = room - 1
    last = '-1'
  end
  if last and tonumber(last) < entries[i + 1] then
    later('HSET', sources, entries[i], whole('%.0f', entries[i + 1]))
  end
end

local ending = {'HSET', ledger, 'next', ARGV[4], 'prev', ARGV[3], 'sequence', whole('%.0f', sequence),
  'arrival', whole('%.0f', arrival), 'watermark', whole('%.0f', watermark), 'forgotten', whole('%.0f', forgotten),
  'lease', whole('%.0f', now + ARGV[5]), 'verified', whole('%.0f', now), 'applied', whole('%.0f', now)}
local counters = batch[4]
for i = 1, #counters, 2 do
  local field = 'n:' .. counters[i]
  ending[#ending + 1] = field
  ending[#ending + 1] = whole('%.0f', tonumber(redis.call('HGET', ledger, field) or 0) + counters[i + 1])
end
commands[#commands + 1] = ending

for _, command in ipairs(commands) do
  redis.call(unpack(command))
end

-- Tell whoever follows closely, so that he need not read whole panes again. A batch of catching up is not told: by its
-- size it would be read more slowly than the panes. Nothing depends on it, so a user without the right may be refused.
if #ARGV[6] + #ARGV[7] <= MOST_TOLD then
  local head = whole('%.0f %s %s %d\n', sequence, ARGV[3], ARGV[4], #ARGV[6])
  redis.pcall('PUBLISH', prefix .. 'applied', head .. ARGV[6] .. ARGV[7])
end
return 1
