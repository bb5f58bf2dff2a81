-- Set where a new ledger begins, or move it over what Kafka no longer has.
-- KEYS[1] prefix; ARGV epoch, owner, next, records in the gap. Returns 1, or 0 when the claim is void.
local ledger = KEYS[1] .. 'ledger'
local held = redis.call('HMGET', ledger, 'epoch', 'owner')
if held[1] ~= ARGV[1] or held[2] ~= ARGV[2] then
  return 0
end
redis.call('HSET', ledger, 'next', ARGV[3])
redis.call('HDEL', ledger, 'prev')
redis.call('HINCRBY', ledger, 'gap', ARGV[4])
return 1
