-- Apply one batch of a source partition: all of it, or nothing.
--
-- KEYS[1]  prefix of the partition's keys
-- ARGV[1]  epoch      ARGV[2]  owner     ARGV[3]  start     ARGV[4]  end      ARGV[5]  lease in ms
-- ARGV[6]  msgpack: {arrival, watermark, counters, panes, seen, ended, calls, reps, sources, distinct, horizon}
--            counters, sources   flat {name, number, ...}
--            panes               {{pane, expiry in s, {rows}, {addends...}, {rows}, {pairs...}, {rows}, {maps}}, ...}
--            seen, ended         flat {hour, place in ARGV, ...}
--            calls, reps         flat {name, place in ARGV or 0 to delete, ...}
--            distinct            {{pane, expiry in s, flat {field, place in ARGV, ...}}, ...}
-- ARGV[7…] the binary strings that the above refer to (cmsgpack knows no binary type)
--
-- Returns 1 applied, 2 already applied, 0 refused: the claim is void or the batch does not begin at `next`.
-- Comparing the start, not the end, is what makes an overlapping batch of a zombie harmless.
local prefix = KEYS[1]
local ledger = prefix .. 'ledger'
local held = redis.call('HMGET', ledger, 'epoch', 'owner', 'next', 'prev', 'arrival', 'watermark', 'sequence')
if held[1] ~= ARGV[1] or held[2] ~= ARGV[2] then
  return 0
end
if held[3] ~= ARGV[3] then
  if held[3] == ARGV[4] and held[4] == ARGV[3] then
    return 2
  end
  return 0
end

local batch = cmsgpack.unpack(ARGV[6])
local arrival, watermark, counters, panes = batch[1], batch[2], batch[3], batch[4]
local time = redis.call('TIME')
local now_s = tonumber(time[1])
local now = now_s * 1000 + math.floor(time[2] / 1000)
local sequence = tonumber(held[7] or 0) + 1
local STEP = 2000 -- fields a command: Lua's stack takes about 8000 values

local function add_dense(old, new)
  for i = 1, #new do
    old[i] = (old[i] or 0) + new[i]
  end
  return old
end

local function add_pairs(old, new)
  local merged, n, i, j = {}, 0, 1, 1
  while i <= #old or j <= #new do
    local a, b = old[i], new[j]
    if b == nil or (a ~= nil and a < b) then
      merged[n + 1], merged[n + 2] = a, old[i + 1]
      i = i + 2
    elseif a == nil or b < a then
      merged[n + 1], merged[n + 2] = b, new[j + 1]
      j = j + 2
    else
      merged[n + 1], merged[n + 2] = a, old[i + 1] + new[j + 1]
      i, j = i + 2, j + 2
    end
    n = n + 2
  end
  return merged
end

local function add_named(old, new)
  for name, value in pairs(new) do
    old[name] = (old[name] or 0) + value
  end
  return old
end

local function merge(key, fields, values, add)
  for first = 1, #fields, STEP do
    local last = math.min(first + STEP - 1, #fields)
    local stored = redis.call('HMGET', key, unpack(fields, first, last))
    local written, n = {}, 0
    for i = first, last do
      local old = stored[i - first + 1]
      local sum = old and add(cmsgpack.unpack(old), values[i]) or values[i]
      written[n + 1], written[n + 2] = fields[i], cmsgpack.pack(sum)
      n = n + 2
    end
    redis.call('HSET', key, unpack(written))
  end
end

for _, pane in ipairs(panes) do
  if pane[2] > now_s then
    local key = prefix .. pane[1]
    merge(key, pane[3], pane[4], add_dense)
    merge(key, pane[5], pane[6], add_pairs)
    merge(key, pane[7], pane[8], add_named)
    redis.call('EXPIREAT', key, pane[2])
    redis.call('ZADD', prefix .. 'changes', sequence, pane[1])
  end
end

for _, pane in ipairs(batch[10]) do
  if pane[2] > now_s then
    local key = prefix .. 'd' .. pane[1]
    for i = 1, #pane[3], 2 do
      local old = redis.call('HGET', key, pane[3][i])
      redis.call('HSET', key, pane[3][i], (old or '') .. ARGV[pane[3][i + 1]])
    end
    redis.call('EXPIREAT', key, pane[2])
    redis.call('ZADD', prefix .. 'changes', sequence, pane[1])
  end
end

-- Ids expire by arrival, not by the clock: a back-fill of last week remembers as long as that week did.
local function remember(kind, entries)
  for i = 1, #entries, 2 do
    redis.call('APPEND', prefix .. kind .. string.format('%.0f', entries[i]), ARGV[entries[i + 1]])
  end
end
remember('seen:', batch[5])
remember('ended:', batch[6])
local before, after = math.floor(tonumber(held[5] or 0) / 3600000), math.floor(arrival / 3600000)
if before > 0 and after > before then
  local horizon = batch[11]
  for hour = before - horizon - 2, math.min(after - horizon - 2, before) do
    redis.call('DEL', prefix .. 'seen:' .. hour, prefix .. 'ended:' .. hour)
  end
end

local function keep(kind, entries)
  for i = 1, #entries, 2 do
    if entries[i + 1] == 0 then
      redis.call('HDEL', prefix .. kind, entries[i])
    else
      redis.call('HSET', prefix .. kind, entries[i], ARGV[entries[i + 1]])
    end
  end
end
keep('calls', batch[7])
keep('reps', batch[8])

local sources = prefix .. 'sources'
for i = 1, #batch[9], 2 do
  local last = redis.call('HGET', sources, batch[9][i])
  if last and tonumber(last) < batch[9][i + 1] or not last and redis.call('HLEN', sources) < 200 then
    redis.call('HSET', sources, batch[9][i], string.format('%.0f', batch[9][i + 1]))
  end
end

for i = 1, #counters, 2 do
  redis.call('HINCRBY', ledger, 'n:' .. counters[i], counters[i + 1])
end
redis.call('HSET', ledger, 'next', ARGV[4], 'prev', ARGV[3], 'sequence', sequence,
  'arrival', string.format('%.0f', math.max(arrival, tonumber(held[5] or 0))),
  'watermark', string.format('%.0f', math.max(watermark, tonumber(held[6] or 0))),
  'lease', string.format('%.0f', now + ARGV[5]),
  'verified', string.format('%.0f', now), 'applied', string.format('%.0f', now))
return 1
