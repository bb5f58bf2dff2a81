-- Set where a new ledger begins, or move it over what Kafka no longer has; and where Kafka's log ends.
-- KEYS[1] prefix; ARGV epoch, owner, next, records in the gap, end. Returns 1, or 0 when the claim is void.
-- A ledger that stands there already does not move, so that a retry does not count the gap twice.
local ledger = KEYS[1] .. 'ledger'
local held = redis.call('HMGET', ledger, 'epoch', 'owner', 'next')
if held[1] ~= ARGV[1] or held[2] ~= ARGV[2] then
  return 0
end
if held[3] ~= ARGV[3] then
  redis.call('HINCRBY', ledger, 'gap', ARGV[4])
  redis.call('HDEL', ledger, 'prev') -- a batch from before the move is no longer `already applied`
end
redis.call('HSET', ledger, 'next', ARGV[3], 'end', ARGV[5])
return 1
