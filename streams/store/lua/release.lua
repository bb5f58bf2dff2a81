-- End a lease, if the claim still stands. KEYS[1] prefix; ARGV epoch, owner.
local ledger = KEYS[1] .. 'ledger'
local held = redis.call('HMGET', ledger, 'epoch', 'owner')
if held[1] == ARGV[1] and held[2] == ARGV[2] then
  redis.call('HSET', ledger, 'lease', 0)
end
return 1
