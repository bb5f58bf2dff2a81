-- Take a partition: a new epoch and lease, unless a live lease belongs to a newer generation.
-- KEYS[1] prefix; ARGV owner, generation, lease in ms.
-- Returns {epoch, next or false, arrival}, or {} when a newer owner is alive.
local ledger = KEYS[1] .. 'ledger'
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local held = redis.call('HMGET', ledger, 'epoch', 'gen', 'lease', 'next', 'arrival')
if tonumber(held[3] or 0) > now and tonumber(held[2] or 0) > tonumber(ARGV[2]) then
  return {}
end
local epoch = tonumber(held[1] or 0) + 1
redis.call('HSET', ledger, 'epoch', epoch, 'gen', ARGV[2], 'owner', ARGV[1],
  'lease', string.format('%.0f', now + ARGV[3]), 'verified', string.format('%.0f', now),
  'end', '') -- what the new owner owes, it says when it pins
return {epoch, held[4], held[5] or '0'}
